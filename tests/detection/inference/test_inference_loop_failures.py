"""The loop survives failures with a name: of a picture, of the detector, of a look that hangs."""

import threading
from collections.abc import Callable
from itertools import count

import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.many_cameras import LOOKS, Cameras
from tests.detection.waiting import wait_for
from tests.patience import PATIENCE_S
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.errors import InferenceError
from thapcanh.detection.event import Event
from thapcanh.detection.inference.inference_health import LoopState
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.frame import Frame


@pytest.mark.parametrize("error", [InferenceError("camera c: broken picture"), KeyError("format")])
def test_a_bad_picture_in_a_batch_costs_only_its_own_camera(
    error: Exception, cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    gate = threading.Event()

    def see(frame: Frame) -> list[Detection]:
        if frame.camera_id == "a":
            gate.wait(PATIENCE_S)
        if frame.camera_id == "c":
            raise error
        return []

    loop = started(FakeDetector(see, max_batch=4), *"abcd")
    loop.notice("a")
    for camera_id in "bcd":
        loop.notice(camera_id)
    gate.set()
    wait_for(lambda: loop.health().failed == 1)
    wait_for(lambda: len(cameras.handed) == 3)
    assert {frame.camera_id for frame, *_ in cameras.handed} == set("abd")
    assert loop.health().state is LoopState.LOOKING


def test_a_fault_in_the_rules_of_a_camera_costs_only_its_own_look(
    cameras: Cameras, started: Callable[..., InferenceLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    observe = CameraPipeline.observe

    def faulty(pipeline: CameraPipeline, frame: Frame, detections: Detections) -> list[Event]:
        if frame.camera_id == "b":
            raise ZeroDivisionError("division by zero")
        return observe(pipeline, frame, detections)

    monkeypatch.setattr(CameraPipeline, "observe", faulty)
    loop = started(FakeDetector(lambda _: [], max_batch=4), *"abc")
    for camera_id in "abc":
        loop.notice(camera_id)
    wait_for(lambda: cameras.seen("a") >= 1 and cameras.seen("c") >= 1)
    wait_for(lambda: loop.health().failed >= 1)
    assert cameras.seen("b") == 0


def test_a_failing_detector_is_a_named_stall_and_recovers(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    broken = threading.Event()
    broken.set()

    def see(frame: Frame) -> list[Detection]:
        if broken.is_set():
            raise InferenceError("camera a: out of memory")
        return []

    loop = started(FakeDetector(see), "a")

    def stalled() -> bool:
        loop.notice("a")
        return loop.health().state is LoopState.STALLED

    wait_for(stalled)
    assert loop.health().reason == "camera a: out of memory"
    assert loop.health().failed >= 3
    broken.clear()

    def looking() -> bool:
        loop.notice("a")
        return loop.health().state is LoopState.LOOKING

    wait_for(looking)
    wait_for(lambda: len(cameras.handed) >= 1)


def test_one_bad_camera_does_not_stop_another(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    def see(frame: Frame) -> list[Detection]:
        if frame.camera_id == "bad":
            raise InferenceError("camera bad: odd picture")
        return []

    loop = started(FakeDetector(see), "bad", "good")

    def seen() -> bool:
        loop.notice("bad")
        loop.notice("good")
        return cameras.seen("good") >= 10

    wait_for(seen)
    assert loop.health().state is LoopState.LOOKING
    counts = loop.counters_of("bad")
    assert counts is not None
    assert counts.failed > 0
    assert counts.looks == 0


def test_an_unexpected_error_is_survived_too(
    cameras: Cameras, started: Callable[..., InferenceLoop], caplog: pytest.LogCaptureFixture
) -> None:
    calls = count()

    def see(frame: Frame) -> list[Detection]:
        if next(calls) == 0:
            raise KeyError("a bug")
        return []

    loop = started(FakeDetector(see), "a")

    def seen() -> bool:
        loop.notice("a")
        return bool(cameras.handed)

    wait_for(seen)
    assert "Traceback" in caplog.text


def test_a_look_that_hangs_is_a_stall(clock: "object", cameras: Cameras) -> None:
    gate = threading.Event()

    def see(frame: Frame) -> list[Detection]:
        gate.wait(PATIENCE_S)
        return []

    detector = FakeDetector(see)
    loop = InferenceLoop(detector, LOOKS, cameras.take, clock)  # type: ignore[arg-type]
    loop.add(cameras.scene("a", detector), cameras.newest("a"))
    loop.start()
    loop.notice("a")
    wait_for(lambda: detector.frames_inferred == 1)
    clock.now_s += 60.0  # type: ignore[attr-defined]
    health = loop.health()
    gate.set()
    assert loop.stop()
    assert health.state is LoopState.STALLED
    assert health.reason == "one look goes on for over 9 s"
