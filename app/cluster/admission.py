"""Checks whether a machine may join a cluster, before anything is started.

Pure but for `this_machine`, which reads this machine; the cluster is not changed.
"""

import hmac
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thapcanh.alerts.queue.workers.worker_status import ClockReading
from thapcanh.app.cluster.machine_facts import NodeFacts, proof, versions

LEAST_FREE_BYTES = 1_000_000_000  # for the spool, and pictures that wait
CLOCK_S = 2.0  # an alert's times are compared over machines
_MEMORY = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Properties of this machine that decide admission."""

    versions: Mapping[str, str]
    free_bytes: int
    memory_bytes: int
    has_gpu: bool
    has_address: bool


def this_machine(facts: NodeFacts, data_dir: Path) -> Machine:
    """Read this machine; `data_dir` must exist."""
    return Machine(
        versions=versions(),
        free_bytes=shutil.disk_usage(data_dir).free,
        memory_bytes=available_memory(),
        has_gpu=facts.has_gpu and _has_gpu(),
        has_address=is_ours(facts.address),
    )


def refusals(
    facts: NodeFacts,
    machine: Machine,
    clock: ClockReading,
    head: Mapping[str, Any] | None,
    token: str,
) -> Iterator[str]:
    """Yield every reason why the node may not join, each with a way out.

    Without a head nothing is compared with it: a former member goes on.
    """
    if head is not None:
        if not hmac.compare_digest(proof(token, str(head.get("nonce"))), str(head.get("proof"))):
            yield "the token is not the cluster's: copy the file of the head's [cluster] token_file"
        for name, local in machine.versions.items():
            remote = head.get("versions", {}).get(name)
            if remote != local:
                yield f"{name} is {local} here and {remote} on the head: install the head's version"
    if abs(clock.ahead_s) > CLOCK_S + clock.within_s:
        side = "ahead of" if clock.ahead_s > 0 else "behind"
        yield (
            f"this machine's clock is {abs(clock.ahead_s):.1f} s {side} the queue's: "
            "set it by NTP (timedatectl), then join"
        )
    if facts.has_gpu and not machine.has_gpu:
        yield "--gpu was promised, and no GPU can be used here: see nvidia-smi, or leave --gpu out"
    if machine.free_bytes < LEAST_FREE_BYTES:
        yield (
            f"the data folder's disk has {machine.free_bytes / 1e6:.0f} MB free, "
            f"at least {LEAST_FREE_BYTES / 1e6:.0f} MB are needed: make room"
        )
    if not machine.has_address:
        yield f"{facts.address} is not an address of this machine: see `ip address`"


def name_conflict(facts: NodeFacts, plan: Mapping[str, Any] | None) -> str | None:
    """Return an error if another live machine has this node's name, else None."""
    other = (plan or {}).get("nodes", {}).get(facts.node)
    if other is None or not other["lives"] or other["address"] == facts.address:
        return None
    return f"the name {facts.node} is that of {other['address']}, which lives: give another --node"


def available_memory() -> int:
    """Return the bytes of memory that processes can still use; 0 if unknown."""
    try:
        for line in _MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0


def is_ours(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _has_gpu() -> bool:
    from thapcanh.detection.detectors.detector import has_gpu

    return has_gpu()
