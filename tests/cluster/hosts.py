"""Machines of a city on this one: network and process namespaces on two bridges.

A host has an address of its own and its own processes; killing it ends all of them at once, with
its cables pulled first, so that nobody is told by a closed connection. Cameras have a network of
their own: a machine that is cut off from all others sees on. The run itself has namespaces too:
when it ends, however it ends, everything that it started has ended and nothing is left behind.
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
CAMERA_BRIDGE = "lenses"
CAMERA_NETWORK = "10.98.0"
CAMERAS = f"{CAMERA_NETWORK}.254"
ALONE = "THAPCANH_CLUSTER_ALONE"  # set once this process has a network of its own
_ISOLATED = [
    "unshare",
    "--ipc",
    "--net",
    "--pid",
    "--mount",
    "--fork",
    "--kill-child",
    "--mount-proc",
]
_BEGIN = (
    'read -r _ && ip link set lo up && ip addr add "$1/24" dev cable && ip link set cable up'
    ' && ip addr add "$2/24" dev lens && ip link set lens up && shift 2 && exec "$@"'
)
_STOPS_WITHIN_S = 40.0


class NotPermitted(Exception):
    """This machine does not let us do that; the message says what."""


def alone() -> None:
    """Begin again in namespaces of our own; returns there. Raises `NotPermitted`.

    There SIGTERM ends the run as SIGINT does.
    """
    if os.environ.get(ALONE):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return
    for tool in ("ip", "unshare"):
        if shutil.which(tool) is None:
            raise NotPermitted(f"network namespaces: {tool} is not installed")
    if os.geteuid() != 0:
        raise NotPermitted("machines of their own addresses need root: sudo make cluster-test")
    tried = subprocess.run([*_ISOLATED, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise NotPermitted(f"network namespaces: {tried.stderr.strip()}")
    os.environ[ALONE] = "1"
    os.execvp(_ISOLATED[0], [*_ISOLATED, sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def lay_bridge() -> None:
    """The city's networks: of the machines, with the servers' address, and of the cameras."""
    ip("link set lo up")
    for bridge, address in ((BRIDGE, SERVERS), (CAMERA_BRIDGE, CAMERAS)):
        ip(f"link add {bridge} type bridge")
        ip(f"addr add {address}/24 dev {bridge}")
        ip(f"link set {bridge} up")


class Host:
    """One machine that runs one program."""

    def __init__(self, name: str, number: int, log: Path) -> None:
        self.name = name
        self.address = f"{NETWORK}.{number}"
        self.log = log
        self._number = number
        self._cable, self._lens = f"cable{number}", f"lens{number}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, program: Sequence[str]) -> None:
        """Plug the machine in and start its program."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                [
                    *_ISOLATED,
                    "sh",
                    "-c",
                    f"echo up && {_BEGIN}",
                    "sh",
                    self.address,
                    f"{CAMERA_NETWORK}.{self._number}",
                    *program,
                ],
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
        self._lay(self._cable, "cable", BRIDGE, inner.pid)
        self._lay(self._lens, "lens", CAMERA_BRIDGE, inner.pid)
        process.stdin.write(b"go\n")
        process.stdin.flush()

    def pull(self) -> None:
        """Pull the cable to all other machines; it still reaches its cameras."""
        ip(f"link set {self._cable} down")

    def plug(self) -> None:
        """Put its cable back."""
        ip(f"link set {self._cable} up")

    def kill(self) -> None:
        """End the machine as a power cut does."""
        self.pull()
        ip(f"link set {self._lens} down")
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
        for link in (self._cable, self._lens):
            subprocess.run(["ip", "link", "del", link], capture_output=True, check=False)

    def _lay(self, link: str, inside: str, bridge: str, pid: int) -> None:
        """One end on a bridge, the other one in the machine."""
        ip(f"link add {link} type veth peer name other{self._number}")
        ip(f"link set other{self._number} netns {pid} name {inside}")
        ip(f"link set {link} master {bridge}")
        ip(f"link set {link} up")

    def _inner(self) -> psutil.Process:
        assert self._process is not None
        (inner,) = psutil.Process(self._process.pid).children()
        return inner


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)
