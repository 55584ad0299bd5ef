"""A city in network namespaces: nodes are drained and killed, a cable is pulled, servers die.

    python -m tests.cluster.drive [CAMERAS]

The head, the queue's primary and the centre that leads are killed in turn, and each together with
a node. Then a fleet of 40,000 cameras. Ends with one JSON line; exit code 1 where a figure misses
what is promised.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster import city_size
from tests.cluster.city import City, running_city, wait
from tests.cluster.hosts import NotPermitted, alone, lay_bridge
from tests.cluster.judging import ClusterVerdict, judge, missing, promised
from tests.cluster.watching import Watchers

NODES = ("a", "b", "c")
TAKEOVER_S, MOVED_SHARE, DRAIN_UNSEEN_S, ASSIGN_S = 15.0, 1.2, 6.0, 5.0
PATIENCE_S = 180.0
AWAY_S = 15.0
MAP_CHANGE_S, CENTRE_MB, EVENT_P99_MS = 2.0, 1500.0, 300.0


@dataclass(slots=True)
class Figures:
    """What was measured."""

    takeover_s: float = 0.0
    moved_share: float = 0.0
    drain_unseen_s: float = 0.0
    headless_unseen_s: float = 0.0
    not_refused: list[str] = field(default_factory=list)
    died: dict[str, list[float]] = field(default_factory=dict)


def run(folder: Path, cameras: int) -> tuple[Figures, ClusterVerdict]:
    """Raise the city, do everything to it, let it come to rest, and judge."""
    figures = Figures()
    with running_city(folder, cameras, NODES) as city, Watchers(city.queue()) as watchers:
        wait(lambda: watchers.all_seen(city.cameras), PATIENCE_S, "all cameras are watched")
        say(city.run("cluster", "status").stdout)
        _refusals(city, figures)
        _drain(city, watchers, figures)
        _kill_node(city, watchers, figures)
        _kill_head(city, watchers, figures)
        _pull_cable(city, watchers)
        _kill_servers(city, figures)
        say(city.run("cluster", "status").stdout)
        for host in city.nodes.values():
            host.stop()
        wanted = settled(city)
        verdict = judge(city.archive_url, wanted, city.servers.evidence(), figures.died)
    return figures, verdict


def _refusals(city: City, figures: Figures) -> None:
    """Machines that must not join, and what they are told."""
    wrong = city.folder / "wrong.token"
    wrong.write_text("0" * 64, encoding="ascii")
    wrong.chmod(0o600)
    before = city.run("cluster", "status").stdout
    attempts = {
        "the token is not the cluster's": ("--address", "10.99.0.254"),
        "no GPU can be used here": ("--address", "10.99.0.254", "--gpu"),
        "is not an address of this machine": ("--address", "10.99.0.77"),
        "is that of 10.99.0.11": ("--address", "10.99.0.254"),
    }
    for said, words in attempts.items():
        token = wrong if said.startswith("the token") else None
        node = "a" if said.startswith("is that") else "x"
        done = city.join_by_hand(node, words, token)
        say(done.stderr.strip())
        if done.returncode == 0 or said not in done.stderr:
            figures.not_refused.append(f"{said}: {done.returncode} {done.stderr}")
    if city.run("cluster", "status").stdout != before:
        figures.not_refused.append("the cluster was changed by who was refused")


def _drain(city: City, watchers: Watchers, figures: Figures) -> None:
    began = time.time()
    done = city.run("cluster", "drain", "a")
    if done.returncode:
        raise RuntimeError(f"the drain failed: {done.stderr}")
    time.sleep(5.0)  # of reports: what was watched while it was drained
    figures.drain_unseen_s = watchers.longest_unseen(city.cameras, began)
    say(f"drained in {time.time() - began - 5.0:.1f} s: {done.stdout.strip()}")
    city.run("cluster", "drain", "a", "--back")
    wait(lambda: "a-0" in city.owners().values(), PATIENCE_S, "the node is used again")
    _wait_settled(city)


def _kill_node(city: City, watchers: Watchers, figures: Figures) -> None:
    before = city.owners()
    mine = {camera for camera, worker in before.items() if worker == "b-0"}
    killed_at = time.time()
    city.nodes["b"].kill()
    figures.died.setdefault("b-0", []).append(killed_at)
    wait(lambda: watchers.seen_since(mine, killed_at, not_by="b-0"), PATIENCE_S, "the others watch")
    figures.takeover_s = max(watchers.first_seen(mine, killed_at, not_by="b-0").values())
    after = city.owners()
    moved = sum(after[camera] != worker for camera, worker in before.items())
    figures.moved_share = moved / len(mine)
    say(f"{len(mine)} cameras of a killed node: watched elsewhere {figures.takeover_s:.1f} s later")
    city.start_node("b")
    wait(lambda: "b-0" in city.owners().values(), PATIENCE_S, "the killed node is back")
    _wait_settled(city)


def _kill_head(city: City, watchers: Watchers, figures: Figures) -> None:
    """Without a head nothing moves, and everybody watches on."""
    began = time.time()
    city.head.kill()
    time.sleep(AWAY_S)
    city.start_head()
    wait(lambda: city.run("cluster", "status").returncode == 0, PATIENCE_S, "the head is back")
    figures.headless_unseen_s = watchers.longest_unseen(city.cameras, began)
    say(f"the head came back after {time.time() - began:.1f} s")


def _pull_cable(city: City, watchers: Watchers) -> None:
    """A node that is cut off: its cameras are watched elsewhere, and later by one of them."""
    mine = {camera for camera, worker in city.owners().items() if worker == "c-0"}
    began = time.time()
    city.nodes["c"].pull()
    wait(lambda: watchers.seen_since(mine, began, not_by="c-0"), PATIENCE_S, "the others watch")
    city.nodes["c"].plug()
    wait(lambda: "c-0" in city.owners().values(), PATIENCE_S, "the node that was cut off is back")
    _wait_settled(city)


def _kill_servers(city: City, figures: Figures) -> None:
    """Primary and leading centre alone; then each of primary, centre and head with a node."""
    for node, kind in ((None, "primary"), (None, "centre"), ("a", "primary"), ("b", "centre"),
                       ("c", "head")):  # fmt: skip
        kill_with_node(city, figures, node, kind)


def kill_with_node(city: City, figures: Figures, node: str | None, kind: str) -> None:
    """Kill one of `KILLS`, with a node at once; start both again, and wait until all is well."""
    began = time.time()
    if node is not None:
        figures.died.setdefault(f"{node}-0", []).append(began)
        city.nodes[node].kill()
    back = KILLS[kind](city)
    if node is not None:
        city.start_node(node)
    wait(back, PATIENCE_S, f"the {kind} is back")
    wait(lambda: city.run("cluster", "status").returncode == 0, PATIENCE_S, "all is well")
    _wait_settled(city)
    say(f"{kind} killed with {node or 'no'} node: well after {time.time() - began:.1f} s")


def _kill_primary(city: City) -> Callable[[], bool]:
    """The Sentinels choose another; what was killed comes back as its replica."""
    watched = city.servers.watched
    before = watched.primary()
    assert before is not None
    before.end()
    wait(lambda: watched.primary() not in (None, before), 60.0, "another primary is chosen")
    before.start()
    return lambda: before.ask("ROLE") is not None and watched.primary() is not before


def _kill_centre(city: City) -> Callable[[], bool]:
    before = city.leader()
    assert before is not None
    before.end()
    wait(lambda: city.leader() not in (None, before), 60.0, "the other centre leads")
    wait(city.is_up, 60.0, "screens are answered")
    before.start()
    return lambda: before.is_up


def _kill_the_head(city: City) -> Callable[[], bool]:
    city.head.kill()
    time.sleep(AWAY_S)
    city.start_head()
    return lambda: True


KILLS: Mapping[str, Callable[[City], Callable[[], bool]]] = {
    "primary": _kill_primary,
    "centre": _kill_centre,
    "head": _kill_the_head,
}
"""What is killed beside nodes; each returns whether what was killed is back."""


def _wait_settled(city: City) -> None:
    wait(lambda: not city.moving(), PATIENCE_S, "no camera moves any more")


def settled(city: City) -> dict[tuple[str, int], int]:
    """Send what still lies in spools, and wait until the archive has all that was numbered."""
    for name in city.nodes:
        done = city.run("spool", "drain", str(city.data(name)), "--within", "60")
        if done.returncode:
            raise RuntimeError(f"the spool of {name} does not drain: {done.stderr}")
    wanted = promised(path for name in city.nodes for path in city.spools(name))
    _quietly(lambda: wait(lambda: not missing(city.archive_url, wanted), 60.0, "all is stored"))
    return wanted


def _quietly(what: Callable[[], None]) -> None:
    """What is still missing then is judged."""
    try:
        what()
    except TimeoutError as error:
        say(str(error))


def line(
    figures: Figures, verdict: ClusterVerdict, fleet: city_size.FleetFigures
) -> dict[str, Any]:
    """The contract's last line."""
    return {
        "takeover_s": round(figures.takeover_s, 2),
        "moved_share": round(figures.moved_share, 2),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "evidence_missing": len(verdict.evidence_missing),
        "drain_unseen_s": round(figures.drain_unseen_s, 2),
        "fleet": {
            "cameras": city_size.CAMERAS,
            "assign_s": round(fleet.assign_s, 2),
            "map_change_s": round(fleet.screens.map_change_s, 2),
            "centre_mb": round(fleet.screens.centre_mb),
            "event_p99_ms": round(fleet.screens.event_p99_ms, 1),
            "list_s": round(fleet.screens.list_s, 2),
        },
        "events": verdict.events,
        "headless_unseen_s": round(figures.headless_unseen_s, 2),
        "load": round(os.getloadavg()[2], 1),
    }


def misses(figures: Figures, verdict: ClusterVerdict, fleet: city_size.FleetFigures) -> list[str]:
    """Every figure that misses what is promised."""
    bounds = {
        "takeover_s": (figures.takeover_s, TAKEOVER_S),
        "moved_share": (max(figures.moved_share, fleet.moved_share), MOVED_SHARE),
        "drain_unseen_s": (figures.drain_unseen_s, DRAIN_UNSEEN_S),
        "headless_unseen_s": (figures.headless_unseen_s, DRAIN_UNSEEN_S),
        "assign_s": (fleet.assign_s, ASSIGN_S),
        "map_change_s": (fleet.screens.map_change_s, MAP_CHANGE_S),
        "centre_mb": (fleet.screens.centre_mb, CENTRE_MB),
        "event_p99_ms": (fleet.screens.event_p99_ms, EVENT_P99_MS),
        "fleet's events lost": (fleet.screens.events_lost, 0),
    }
    found = [f"{name} {value:.2f}" for name, (value, most) in bounds.items() if value > most]
    return [
        *found, *figures.not_refused, *verdict.lost, *verdict.doubled, *verdict.evidence_missing,
    ]  # fmt: skip


def say(text: str) -> None:
    """To who watches the run."""
    sys.stderr.write(text.rstrip() + "\n")


def main(arguments: list[str]) -> int:
    try:
        alone()
    except NotPermitted as reason:
        say(f"not permitted here: {reason}")
        return 1
    lay_bridge()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request to the store
    cameras = int(arguments[0]) if arguments else 9
    folder = Path(tempfile.mkdtemp(prefix="tc-", dir="/tmp"))
    fleet = city_size.measure(folder)
    figures, verdict = run(folder, cameras)
    wrong = misses(figures, verdict, fleet)
    for what in wrong[:40]:
        say(f"missed: {what}")
    if wrong:
        say(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    sys.stdout.write(json.dumps(line(figures, verdict, fleet)) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
