"""A camera that goes dark, a worker that hangs: each is an alert in time, and clears by itself."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.running_site import Desk, RunningSite, eventually, start_site
from tests.running_simulator import RunningSimulator

pytestmark = pytest.mark.end_to_end


def test_a_dark_camera_and_a_hanging_worker_are_told_and_cleared(
    simulator: RunningSimulator, tmp_path: Path
) -> None:
    cameras = {"quiet": simulator.url("quiet", with_login=True)}
    with start_site(tmp_path, cameras) as site, site.desk() as desk:
        eventually(lambda: _sees(desk), 60.0, "the camera is online")
        simulator.fault("quiet", "off")
        try:
            dark_s, dark = _told_within(desk, "camera_offline", 35.0)
        finally:
            simulator.fault("quiet", "on")
        assert (dark["camera"], dark["snapshot"], dark["priority"]) == ("quiet", None, 3)
        assert dark_s <= 30.0
        lost_s = _hang_worker(site, desk)
        assert lost_s <= 18.0, "7.5 s until its status expires, 10 s to tell on a busy machine"
        eventually(
            lambda: all(alert["condition"] == "cleared" for alert in desk.alerts()),
            90.0,
            "all is well again",
        )
        assert sorted(alert["kind"] for alert in desk.alerts()) == ["camera_offline", "worker_lost"]


def _hang_worker(site: RunningSite, desk: Desk) -> float:
    """Let the worker stand still; how long until it is told."""
    (worker,) = site.children("worker")
    worker.send_signal(signal.SIGSTOP)
    try:
        lost_s, lost = _told_within(desk, "worker_lost", 25.0)
    finally:
        worker.send_signal(signal.SIGCONT)
    assert lost["camera"] == "worker-0"
    return lost_s


def _told_within(desk: Desk, kind: str, within_s: float) -> tuple[float, dict[str, Any]]:
    began = time.monotonic()
    alerts = eventually(lambda: desk.alerts(kind=kind), within_s, f"an alert of {kind}")
    return time.monotonic() - began, alerts[0]


def _sees(desk: Desk) -> bool:
    return bool(desk.camera("quiet")["state"] == "online")
