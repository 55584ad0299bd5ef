"""The demo does its whole job without any network: nothing is fetched, nothing phones home.

The driver runs itself inside a network namespace of its own, where only the loopback exists, with
an empty cache, so that even the first export of the model is made without a route to anywhere.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.running_site import PASSWORD, Desk, eventually
from tests.patience import PATIENCE_S
from thapcanh.app.process.free_port import free_port

pytestmark = pytest.mark.end_to_end

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1


def _may_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(not _may_unshare(), reason="this machine allows no network namespaces")
def test_demo_without_a_route_raises_its_alert(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "unshare",
            "-rn",
            sys.executable,
            "-m",
            "tests.end_to_end.faults.test_no_network",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    alert = json.loads(done.stdout.splitlines()[-1])
    assert alert["kind"] in ("fire", "smoke")
    assert alert["snapshot"]


def _drive(folder: Path) -> None:
    """Inside the namespace: bring the loopback up, run the demo, wait for its alert, stop it."""
    _loopback_up()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: never routed anywhere
        except OSError:
            pass
        else:
            raise SystemExit("this namespace has a route; the test would prove nothing")
    port = free_port()
    environment = {
        **os.environ,
        "THAPCANH_ADMIN_PASSWORD": PASSWORD,
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    demo = subprocess.Popen(
        [sys.executable, "-P", "-m", "thapcanh", "demo", "--port", str(port)],
        stdout=sys.stderr,
        env=environment,
    )
    try:
        desk = eventually(lambda: Desk(f"http://127.0.0.1:{port}"), 300.0, "a login")
        with desk:
            alert = eventually(lambda: _pictured(desk), 60.0, "an alert with its picture")
            sys.stdout.write(json.dumps(alert) + "\n")
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(PATIENCE_S)


def _pictured(desk: Desk) -> dict[str, Any] | None:
    """The first alert once its picture, which follows the event, has come."""
    return next((alert for alert in desk.alerts() if alert["snapshot"]), None)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", _IFF_UP)
        fcntl.ioctl(control, _SIOCSIFFLAGS, request)


if __name__ == "__main__":
    _drive(Path(sys.argv[1]))
