"""What a camera says of itself in the log: each trouble once, however often it is tried again."""

import logging
import threading

import pytest

from tests.patience import PATIENCE_S
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraLifecycle, CameraState, LifecycleSettings
from thapcanh.ingest.camera.state_log import StateLog
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.errors import NotFound
from thapcanh.ingest.sources.connection import Connection


def test_the_same_trouble_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    tries = threading.Semaphore(0)

    def refuse(url: SecretUrl, /) -> Connection:
        tries.release()
        raise NotFound(str(url))

    camera = Camera(
        CameraConfig(id="c", name="c", source=SecretUrl("rtsp://h/a")),
        clock=SystemClock(),
        open_source=refuse,  # type: ignore[arg-type] # it never returns
        settings=CameraSettings(life=LifecycleSettings(backoff_first_s=0.01, backoff_max_s=0.01)),
    )
    with caplog.at_level(logging.INFO, "thapcanh.ingest.camera.state_log"):
        camera.start()
        for _ in range(4):
            assert tries.acquire(timeout=PATIENCE_S)
        camera.stop()
    told = [record.message for record in caplog.records]
    assert sum("backoff" in line for line in told) == 1, told
    assert sum("connecting" in line for line in told) == 1, told


def test_a_source_that_comes_and_goes_is_summed(caplog: pytest.LogCaptureFixture) -> None:
    """It wrote five lines every 6 s, for days."""
    told = StateLog("c")
    with caplog.at_level(logging.INFO, "thapcanh.ingest.camera.state_log"):
        for cycle in range(1000):
            for state, reason in (
                (CameraState.CONNECTING, "opening"),
                (CameraState.ONLINE, "pictures"),
                (CameraState.STALLED, "no_packets"),
                (CameraState.BACKOFF, "ended"),
            ):
                told.tell(CameraLifecycle(state=state, reason=reason, detail=reason), 6.0 * cycle)
        told.tell(CameraLifecycle(state=CameraState.CLOSED, reason="stopped"), 6000.0)
    lines = [record.message for record in caplog.records]
    assert len(lines) < 40, lines
    assert lines[:3] == ["camera c: connecting: opening", "camera c: online: pictures",
                         "camera c: stalled: no_packets"]  # fmt: skip
    assert "camera c: backoff: ended (and 99 times more in 10 min)" in lines
    assert lines[-1].startswith("camera c: closed")


def test_another_trouble_of_a_camera_that_flaps_is_told_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = StateLog("c")
    with caplog.at_level(logging.INFO, "thapcanh.ingest.camera.state_log"):
        for at, reason in enumerate(("ended", "ended", "unauthorized", "ended")):
            told.tell(CameraLifecycle(state=CameraState.BACKOFF, detail=reason, reason=reason), at)
    assert [record.message for record in caplog.records] == [
        "camera c: backoff: ended",
        "camera c: backoff: unauthorized",
    ]
