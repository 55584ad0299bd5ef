"""The queue's machine dies and its replica takes over; the network between machines is cut.

Each ends with what was lost and what was doubled, and how many events went through.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from tests.chaos.line import Line, road_to
from tests.chaos.server import Server

BETWEEN = ip_network("198.18.0.0/16")  # for tests between networks (RFC 2544)
AT_LEAST = 50  # events between two faults
WITHIN_S = 60.0


class NotPermitted(Exception):
    """This machine does not let us do that; the message says what."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of the events."""

    events: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def fail_over(folder: Path, times: int) -> Outcome:
    """Kill the primary, promote its replica, give that a new one; and again."""
    primary, replica = Server(folder / "server-0"), Server(folder / "server-1")
    servers = [primary, replica]
    try:
        for server in servers:
            server.wait_up()
        replica.follow(primary)
        with (
            road_to(primary.address) as road,
            Line(f"redis://127.0.0.1:{road.port}/0", folder, replicas=1) as line,
        ):
            for number in range(times):
                _flow(line)
                primary.kill()
                replica.promote()
                road.lead_to(replica.address)
                primary, replica = replica, Server(folder / f"server-{number + 2}")
                servers.append(replica)
                replica.wait_up()
                _until(lambda: line.waits() > 0, "nothing counts without a replica")
                replica.follow(primary)
            return _finished(line, kills=times)
    finally:
        for server in servers:
            server.kill()


def cut_network(folder: Path, times: int) -> Outcome:
    """Pull the cable to the queue's machine, a network namespace, and put it back; and again."""
    with _elsewhere(folder / "server") as (server, cable):
        host, port = server.address
        with Line(f"redis://{host}:{port}/0", folder) as line:
            for _ in range(times):
                _flow(line)
                _pull(cable, line)
            return _finished(line, kills=0)


def _pull(cable: str, line: Line) -> None:
    before = line.publisher.stats().failures
    _ip("link", "set", cable, "down")
    try:
        _until(lambda: line.publisher.stats().failures > before, "the cut is noticed")
    finally:
        _ip("link", "set", cable, "up")


def _flow(line: Line) -> None:
    before = len(line.stored())
    _until(lambda: len(line.stored()) > before + AT_LEAST, "events arrive")


def _finished(line: Line, kills: int) -> Outcome:
    lost, doubled = line.finish(WITHIN_S)
    return Outcome(events=line.promised, kills=kills, lost=lost, doubled=doubled)


@contextmanager
def _elsewhere(folder: Path) -> Iterator[tuple[Server, str]]:
    """A server in a network namespace of its own, and the name of the cable to it."""
    for tool in ("ip", "nsenter", "unshare"):
        if shutil.which(tool) is None:
            raise NotPermitted(f"network namespaces: {tool} is not installed")
    here, there = _two_addresses()
    server = Server(folder, host=there, before=("unshare", "--net", "--"))
    cable = f"chaos{server.process.pid % 100_000}"
    try:
        try:
            _lay(cable, here, server)
        except (OSError, TimeoutError, subprocess.CalledProcessError) as error:
            raise NotPermitted(f"network namespaces: {error}") from error
        server.wait_up()
        yield server, cable
    finally:
        server.kill()


def _two_addresses() -> tuple[str, str]:
    """A network of two that no other run on this machine has at this time."""
    first = 4 * (os.getpid() % (BETWEEN.num_addresses // 4))
    return str(BETWEEN[first + 1]), str(BETWEEN[first + 2])


def _lay(cable: str, here: str, server: Server) -> None:
    process = server.process
    own, other = Path("/proc/self/ns/net"), Path(f"/proc/{process.pid}/ns/net")
    _until(lambda: process.poll() is not None or other.readlink() != own.readlink(), "a namespace")
    _ip("link", "add", cable, "type", "veth", "peer", "name", "there", "netns", str(process.pid))
    _ip("addr", "add", f"{here}/30", "dev", cable)
    _ip("link", "set", cable, "up")
    inside = ("nsenter", "--net", "--target", str(process.pid), "ip")
    _run(*inside, "addr", "add", f"{server.address[0]}/30", "dev", "there")
    _run(*inside, "link", "set", "there", "up")


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:.0f} s: {what}")
        time.sleep(0.02)
