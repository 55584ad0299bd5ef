"""Machines of a city on this one: network and process namespaces on one bridge.

A host has an address of its own and its own processes; killing it ends all of them at once, with
its cable pulled first, so that nobody is told by a closed connection.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

BRIDGE = "city"
NETWORK = "10.99.0"
SERVERS = f"{NETWORK}.254"
ALONE = "THAPCANH_CLUSTER_ALONE"  # set once this process has a network of its own
_ISOLATED = ["unshare", "--net", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"]
_BEGIN = (
    'read -r _ && ip link set lo up && ip addr add "$1/24" dev cable && ip link set cable up'
    ' && shift && exec "$@"'
)
_STOPS_WITHIN_S = 40.0


class NotPermitted(Exception):
    """This machine does not let us do that; the message says what."""


def alone() -> None:
    """Begin again in a network namespace of our own; returns there. Raises `NotPermitted`."""
    if os.environ.get(ALONE):
        return
    for tool in ("ip", "unshare"):
        if shutil.which(tool) is None:
            raise NotPermitted(f"network namespaces: {tool} is not installed")
    if os.geteuid() != 0:
        raise NotPermitted("machines of their own addresses need root: sudo make cluster-test")
    outside = ["unshare", "--net"]
    tried = subprocess.run([*outside, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise NotPermitted(f"network namespaces: {tried.stderr.strip()}")
    os.environ[ALONE] = "1"
    os.execvp(outside[0], [*outside, sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def lay_bridge() -> None:
    """The city's network, with the servers' address on it."""
    ip("link set lo up")
    ip(f"link add {BRIDGE} type bridge")
    ip(f"addr add {SERVERS}/24 dev {BRIDGE}")
    ip(f"link set {BRIDGE} up")


class Host:
    """One machine that runs one program."""

    def __init__(self, name: str, number: int, log: Path) -> None:
        self.name = name
        self.address = f"{NETWORK}.{number}"
        self.log = log
        self._cable = f"cable{number}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, program: Sequence[str]) -> None:
        """Plug the machine in and start its program."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                [*_ISOLATED, "sh", "-c", f"echo up && {_BEGIN}", "sh", self.address, *program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n", "the namespace is not there"
        self._process = process
        inner = self._inner()
        ip(f"link add {self._cable} type veth peer name other{self._cable[5:]}")
        ip(f"link set other{self._cable[5:]} netns {inner.pid} name cable")
        ip(f"link set {self._cable} master {BRIDGE}")
        ip(f"link set {self._cable} up")
        process.stdin.write(b"go\n")
        process.stdin.flush()

    def pull(self) -> None:
        """Pull its cable."""
        ip(f"link set {self._cable} down")

    def plug(self) -> None:
        """Put its cable back."""
        ip(f"link set {self._cable} up")

    def kill(self) -> None:
        """End the machine as a power cut does."""
        self.pull()
        self._end()

    def stop(self) -> None:
        """Ask its program to end; kill what does not."""
        if self._process is None or not self.runs:
            return
        self._inner().send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOPS_WITHIN_S)
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        subprocess.run(["ip", "link", "del", self._cable], capture_output=True, check=False)

    def _inner(self) -> psutil.Process:
        assert self._process is not None
        (inner,) = psutil.Process(self._process.pid).children()
        return inner


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)
