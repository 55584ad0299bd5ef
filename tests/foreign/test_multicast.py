"""A camera that sends to a multicast group: GStreamer's RTSP server, from Debian, where installed.

Camera and worker are two hosts: network namespaces joined by one cable, so that nothing of it
reaches another machine. The server may refuse a moment long, while it lets go of a connection that
asked for TCP; the camera is opened again then.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.foreign.test_foreign_servers import SYSTEM_PYTHON, needs_gstreamer
from tests.patience import PATIENCE_S
from thapcanh.config.camera import CameraConfig, Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.sources.registry import opener_of

MakeFilm = Callable[..., Path]

_PICTURES = 20
_WITHIN_S = 90.0
_CAMERA, _WORKER = "10.77.7.1", "10.77.7.2"
_ALONE = ["unshare", "--user", "--map-root-user", "--net"]
_HOST = (
    'read -r _ && ip addr add "$1/24" dev cable && ip link set cable up'
    ' && ip route add 224.0.0.0/4 dev cable && shift && exec "$@"'
)
"""Waits for its end of the cable, gives it an address, and becomes the program."""


def _may_unshare() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    tried = [*_ALONE, "ip", "link", "add", "cable", "type", "veth", "peer", "name", "other"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@needs_gstreamer
@pytest.mark.skipif(not _may_unshare(), reason="this machine allows no network namespaces")
@pytest.mark.parametrize("transport", [Transport.MULTICAST, Transport.AUTO])
def test_a_camera_that_sends_to_a_multicast_group_is_watched(
    film: MakeFilm, transport: Transport
) -> None:
    street = film("foreign.mp4", codec="libx264", frames=900)
    module = [sys.executable, "-m", "tests.foreign.test_multicast", str(street), transport]
    done = subprocess.run(
        [*_ALONE, *module], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    health: dict[str, Any] = json.loads(done.stdout)
    assert health["state"] == "online", health
    assert health["frames_decoded"] >= _PICTURES
    assert (health["width"], health["height"]) == (320, 240)


@contextmanager
def _other_host(program: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """This program in a namespace of its own, at the other end of a cable."""
    command = ["unshare", "--net", "sh", "-c", f"echo ready && {_HOST}", "sh", _CAMERA, *program]
    host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert host.stdin is not None
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n", "the namespace is not there"
        _ip("link add cable type veth peer name other")
        _ip(f"link set other netns {host.pid} name cable")
        _ip(f"addr add {_WORKER}/24 dev cable")
        _ip("link set cable up")
        _ip("route add 224.0.0.0/4 dev cable")
        host.stdin.write("go\n")
        host.stdin.flush()
        yield host
    finally:
        host.kill()
        host.communicate(timeout=PATIENCE_S)


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def _watch(street: Path, transport: Transport) -> None:
    """Inside the namespace: watch the camera as a worker does, and print its health."""
    server = str(Path(__file__).with_name("gstreamer_server.py"))
    with _other_host([SYSTEM_PYTHON, server, str(street), "multicast", _CAMERA]) as host:
        assert host.stdout is not None
        source = SecretUrl(f"rtsp://{_CAMERA}:{int(host.stdout.readline())}/camera")
        spec = CameraConfig(id="foreign", name="Foreign", source=source, transport=transport)
        camera = Camera(spec, clock=SystemClock(), open_source=opener_of(spec))
        camera.start()
        until = time.monotonic() + _WITHIN_S
        while camera.health().frames_decoded < _PICTURES and time.monotonic() < until:
            time.sleep(0.05)
        health = camera.health()
        camera.stop()
    sys.stdout.write(json.dumps(asdict(health)))


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), Transport(sys.argv[2]))
