"""A camera at work that fails: it comes back, waits in between, and disturbs no other."""

import logging
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.ingest.camera.camera_at_work import PACKETS, watching
from tests.ingest.fake_clock import FakeClock
from tests.ingest.fake_source import FakeSource, PlaybackScript
from tests.patience import PATIENCE_S, patient
from thapcanh.ingest.camera.camera import CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraState, LifecycleSettings
from thapcanh.ingest.errors import Ended, Garbled, SourceError, Stalled, Unauthorized, Unreachable
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.registry import open_source

WaitFor = Callable[..., None]


def _failing_for_ever(error: SourceError) -> FakeSource:
    return FakeSource([error])


def test_it_comes_back_after_every_failure_and_its_time_never_goes_back(wait_for: WaitFor) -> None:
    frames = list[Frame]()
    failures = [Unreachable("x"), Stalled("x"), Garbled("x"), Ended("x")]
    acts = [
        act
        for error in failures
        for act in (error, PlaybackScript(packets=PACKETS[:10], live=True))
    ]
    with watching(FakeSource(acts), on_frame=frames.append) as camera:
        wait_for(lambda: len(frames) >= 50, 10)
        assert camera.health().reconnects >= 8
    assert all(after.at_s > before.at_s for before, after in pairwise(frames))
    assert all(after.captured_at > before.captured_at for before, after in pairwise(frames))
    assert abs(frames[-1].captured_at - time.time()) < patient(5)


def test_waits_grow_between_failures_and_are_the_clocks(wait_for: WaitFor) -> None:
    clock = FakeClock()
    source = _failing_for_ever(Unreachable("x"))
    with watching(source, clock=clock, settings=CameraSettings()) as camera:
        wait_for(lambda: len(clock.waits) >= 8, 5)
        assert camera.health().reason in ("unreachable", "opening")
    first = clock.waits[:8]
    assert all(0.25 * 2**n <= wait <= 0.5 * 2**n for n, wait in enumerate(first[:4]))
    assert all(3.0 <= wait <= 6.0 for wait in first[5:])


def test_a_silent_stream_is_stalled_by_the_clock_while_its_thread_waits(
    wait_for: WaitFor,
) -> None:
    clock, hold = FakeClock(), threading.Event()
    source = FakeSource(
        [PlaybackScript(packets=PACKETS[:5], live=True, hold=hold, then=Stalled("x"))]
    )
    with watching(source, clock=clock) as camera:
        wait_for(lambda: camera.health().frames_decoded == 5, 5)
        clock.advance(2.9)
        assert camera.health().state is CameraState.ONLINE
        clock.advance(0.2)
        health = camera.health()
        assert (health.state, health.reason) == (CameraState.STALLED, "no_packets")
        assert health.since == pytest.approx(clock.utc() - 3.1, abs=0.5)
        hold.set()


def test_a_fault_in_the_callers_code_is_logged_and_does_not_end_the_watch(
    wait_for: WaitFor, caplog: pytest.LogCaptureFixture
) -> None:
    seen = list[Frame]()

    def on_frame(frame: Frame) -> None:
        seen.append(frame)
        if len(seen) == 3:
            raise KeyError("a bug")

    with (
        caplog.at_level(logging.ERROR, "ingest"),
        watching(FakeSource([PlaybackScript(packets=PACKETS, live=True)]), on_frame=on_frame),
    ):
        wait_for(lambda: len(seen) > 10, 5)
    assert any(record.exc_info for record in caplog.records)
    assert "s3cret" not in caplog.text


def test_one_bad_camera_does_not_disturb_another(wait_for: WaitFor) -> None:
    good, frames = FakeSource([PlaybackScript(packets=PACKETS, live=True)]), list[Frame]()
    bad = _failing_for_ever(Unauthorized("x"))
    with watching(bad) as sick, watching(good, on_frame=frames.append) as well:
        wait_for(lambda: len(frames) >= 60, 5)
        assert sick.health().reason == "unauthorized"
        assert well.health().frames_decoded >= 60


def test_stopping_interrupts_a_long_wait_and_may_be_repeated(wait_for: WaitFor) -> None:
    life = LifecycleSettings(hopeless_s=3600.0)
    settings = CameraSettings(life=life, stop_within_s=PATIENCE_S)
    with watching(_failing_for_ever(Unauthorized("x")), settings=settings) as camera:
        wait_for(lambda: camera.health().state is CameraState.BACKOFF, 5)
        assert camera.stop()
        assert camera.stop()
        assert camera.health().state is CameraState.CLOSED


def test_health_and_log_show_no_secret(wait_for: WaitFor, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        watching(open_source, url="rtsp://viewer:s3cret@127.0.0.1:1/x?token=t0ken") as camera,
    ):
        wait_for(lambda: camera.health().state is CameraState.BACKOFF, 5)
        assert "viewer:<secret>@127.0.0.1" in camera.health().detail
        shown = repr(camera.health()) + repr(camera.spec) + caplog.text
    assert "s3cret" not in shown
    assert "t0ken" not in shown
