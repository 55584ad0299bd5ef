"""Commands `thapcanh cluster head` and `join`: this machine's processes of the fleet."""

import logging
import os
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.cluster.admission import available_memory, name_conflict, refusals, this_machine
from thapcanh.app.cluster.capacity import of_memory
from thapcanh.app.cluster.engine import (
    EngineSettings,
    become_ray,
    client_environment,
    ray_environment,
    ray_token_file,
)
from thapcanh.app.cluster.machine_facts import (
    NodeFacts,
    TokenUnusable,
    read_token,
    share_path,
    write_facts,
)
from thapcanh.app.cluster.share_tables import write_ray_token
from thapcanh.app.process import exit_codes
from thapcanh.app.process.heartbeat import ProcessHeartbeat
from thapcanh.app.process.log import use_format
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_file import centre_variables, load_in_force, load_worker_site
from thapcanh.app.site.site_paths import QueueAddressMissing, queue_address, site_paths_of
from thapcanh.app.supervisor.child import ChildSpec
from thapcanh.app.supervisor.supervisor import CannotStart, Supervisor, hold_data_dir, program
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import is_address
from thapcanh.ingest.errors import first_line

log = logging.getLogger(__name__)

RAY_STAGE, WORKER_STAGE = 0, 1


class CannotJoin(Exception):
    """A refused machine; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMachine:
    """Settings of a cluster machine for all its processes."""

    config_path: Path
    site: Site
    token_file: Path
    head: str

    @property
    def run_dir(self) -> Path:
        """Signs of life of this machine's processes."""
        return site_paths_of(self.site).run_dir

    @property
    def cluster_dir(self) -> Path:
        """The node's facts, its workers' shares, and Ray's own files."""
        return self.run_dir / "cluster"


def run_head(config_path: Path, stop: threading.Event) -> int:
    """Be the head until `stop`; return the exit code."""
    try:
        machine = cluster_machine(config_path)
        head_host = machine.head.rpartition(":")[0]
        _require_no_variables(machine, head_host)
        options = ("--address", head_host)
        ray = _child("ray", ("cluster", "ray", *options), RAY_STAGE, machine)
        fleet = _child("fleet", ("cluster", "fleet"), WORKER_STAGE, machine, beats=True)
        with closing(FleetStore(queue_address(machine.site))) as store:
            store.clock()  # without the queue nobody could join
        with hold_data_dir(machine.cluster_dir):
            return Supervisor([ray, fleet], lambda: None).run(stop)
    except (CannotJoin, CannotStart, QueueAddressMissing, QueueError, TokenUnusable) as error:
        return fail(error, exit_codes.FAILED)


def run_join(config_path: Path, facts: NodeFacts, stop: threading.Event) -> int:
    """Be a node until `stop`; return the exit code."""
    try:
        machine = cluster_machine(config_path)
        facts = _sized(facts, machine.site)
        _admit(facts, machine)
        write_facts(machine.cluster_dir, facts)
        with hold_data_dir(machine.cluster_dir):
            return Supervisor(node_children(facts, machine), lambda: None).run(stop)
    except (CannotJoin, CannotStart, QueueAddressMissing, TokenUnusable) as error:
        return fail(error, exit_codes.FAILED)


def run_ray(config_path: Path, address: str, node: str | None) -> int:
    """Exec Ray's process; return an exit code only on failure.

    The code never means that retrying is useless: the workers beside it must go on.
    """
    try:
        machine = cluster_machine(config_path)
    except (CannotJoin, TokenUnusable) as error:
        return fail(error, exit_codes.FAILED)
    settings = EngineSettings(
        head=machine.head,
        address=address,
        token_file=machine.token_file,
        cluster_dir=machine.cluster_dir,
        node=node,
    )
    try:
        write_ray_token(read_token(machine.token_file), ray_token_file(machine.cluster_dir))
        become_ray(settings)
    except OSError as error:
        return fail(error, exit_codes.FAILED)


def run_fleet(config_path: Path, beat: Path | None, stop: threading.Event) -> int:
    """Let the Fleet tick until `stop`; return the exit code."""
    try:
        machine = cluster_machine(config_path)
    except (CannotJoin, TokenUnusable) as error:
        return fail(error, exit_codes.FAILED)
    os.environ.update(client_environment(machine.cluster_dir))  # Ray reads it when it is imported
    from ray.exceptions import RayError

    from thapcanh.app.cluster.ray_fleet import tend_fleet

    try:
        tend_fleet(config_path, machine.head, ProcessHeartbeat(beat), stop)
    except (ConnectionError, RayError, RuntimeError) as error:
        return fail(f"Ray does not serve: {first_line(error)}", exit_codes.FAILED)
    return exit_codes.OK


def cluster_machine(config_path: Path) -> ClusterMachine:
    """Read the configuration of this machine; raises `CannotJoin` or `TokenUnusable`."""
    loaded = load_in_force(config_path, load_worker_site)
    if loaded.site is None:
        raise CannotJoin("\n".join(map(str, loaded.problems)))
    site = loaded.site
    use_format(site.log.format)
    if site.cluster.head is None:
        raise CannotJoin(f"{config_path}: set [cluster] head to the head's address")
    if site.queue.url is None:
        raise CannotJoin(f"{config_path}: a cluster needs a [queue] url that all machines reach")
    read_token(site.cluster.token_file)
    if site.cluster.token_file is None:
        raise CannotJoin(f"{config_path}: set [cluster] token_file")
    return ClusterMachine(
        config_path=config_path.resolve(),
        site=site,
        token_file=site.cluster.token_file.resolve(),
        head=site.cluster.head,
    )


def _require_no_variables(machine: ClusterMachine, address: str) -> None:
    """Raise `CannotJoin` for what the Fleet, which Ray starts, could not read."""
    settings = EngineSettings(
        head=machine.head,
        address=address,
        token_file=machine.token_file,
        cluster_dir=machine.cluster_dir,
    )
    own_problems = set(load_worker_site(machine.config_path).problems)
    there = load_worker_site(machine.config_path, ray_environment(settings, os.environ)).problems
    missing = [str(problem) for problem in there if problem not in own_problems]
    if missing:
        raise CannotJoin(
            "Ray gives the head's processes no variables: write ${file:…} in place of ${env:…}: "
            + "; ".join(missing)
        )


def node_children(facts: NodeFacts, machine: ClusterMachine) -> list[ChildSpec]:
    """Return Ray's node and this machine's workers, as on a single machine."""
    options = ("--address", facts.address, "--node", facts.node)
    children = [_child("ray", ("cluster", "ray", *options), RAY_STAGE, machine)]
    for worker_id in facts.worker_ids():
        share = share_path(machine.cluster_dir, worker_id)
        share.parent.mkdir(parents=True, exist_ok=True)
        worker = _child(
            worker_id, ("worker", "--share", str(share)), WORKER_STAGE, machine, beats=True
        )
        children.append(replace(worker, withheld=partial(centre_variables, machine.config_path)))
    return children


def _sized(facts: NodeFacts, site: Site) -> NodeFacts:
    """Return the facts with a worker per core and as many cameras as memory allows."""
    workers = facts.workers or site.worker.count or os.cpu_count() or 1
    most = of_memory(available_memory(), workers)
    per_worker = facts.cameras or site.cluster.cameras_per_worker
    return replace(
        facts,
        workers=workers,
        cameras=min(per_worker, most),
        takes_tables=site.registry.source == "fleet",
    )


def _admit(facts: NodeFacts, machine: ClusterMachine) -> None:
    """Raise `CannotJoin` with every ground for a refusal.

    A node that was a member before is started without a head too: its workers watch what they
    were given last.
    """
    if not is_address(facts.address):
        raise CannotJoin(f"--address {facts.address} is not an IP address")
    machine.site.site.data_dir.mkdir(parents=True, exist_ok=True)
    was_member = any(share_path(machine.cluster_dir, item).exists() for item in facts.worker_ids())
    own_problems = this_machine(facts, machine.site.site.data_dir)
    token = read_token(machine.token_file)
    try:
        with closing(FleetStore(queue_address(machine.site))) as store:
            head, plan, clock = store.head(), store.plan(), store.clock()
    except QueueError as error:
        if not was_member:
            raise CannotJoin(f"the queue must answer before a machine joins: {error}") from None
        log.warning("joining without asking: %s", error)
        return
    if head is None and not was_member:
        raise CannotJoin(
            f"no head serves on this queue: start `thapcanh cluster head` on {machine.head}"
        )
    grounds = [*refusals(facts, own_problems, clock, head, token)]
    conflict = name_conflict(facts, plan)
    if conflict is not None:
        grounds.append(conflict)
    if grounds:
        raise CannotJoin("; ".join(grounds))


def _child(
    name: str,
    arguments: tuple[str, ...],
    stage: int,
    machine: ClusterMachine,
    *,
    beats: bool = False,
) -> ChildSpec:
    words = (*arguments, "-c", str(machine.config_path))
    beat = machine.run_dir / f"{name}.beat" if beats else None
    if beat is not None:
        beat.unlink(missing_ok=True)
        words = (*words, "--beat", str(beat))
    return ChildSpec(
        name=name, arguments=program(*words), stage=stage, stop_within_s=20.0, beat=beat
    )
