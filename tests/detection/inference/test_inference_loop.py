"""The loop picks, looks, hands over, counts; stops once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.many_cameras import FLAME, LOOKS, Cameras, MakeFrame
from tests.detection.waiting import wait_for
from tests.patience import PATIENCE_S
from thapcanh.config.site import InferenceConfig
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.inference import inference_loop
from thapcanh.detection.inference.inference_health import LoopState
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.frame import Frame


def test_looks_hand_frame_detections_and_events_over(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    loop = started(FakeDetector(lambda _: [FLAME]), "a")
    loop.notice("a")
    wait_for(lambda: len(cameras.handed) == 1)
    frame, detections, (event,) = cameras.handed[0]
    assert frame.camera_id == detections.camera_id == event.camera_id == "a"
    assert detections.label == ("fire",)
    wait_for(lambda: loop.health().looks == 1)
    counts = loop.counters_of("a")
    assert counts is not None
    assert (counts.looks, counts.late, counts.failed) == (1, 0, 0)
    assert loop.counters_of("b") is None


def test_a_camera_is_looked_at_once_a_notice(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    loop = started(FakeDetector(lambda _: []), "a", "b")
    for number in range(1, 6):
        loop.notice("a")
        loop.notice("unknown")
        wait_for(partial(_has_seen, cameras, number))
    assert cameras.seen("b") == 0


def _has_seen(cameras: Cameras, looks: int) -> bool:
    return cameras.seen("a") == looks


def test_every_look_is_measured(cameras: Cameras, started: Callable[..., InferenceLoop]) -> None:
    loop = started(FakeDetector(lambda _: []), "a")
    loop.notice("a")
    wait_for(lambda: loop.health().looks == 1)
    for measured in (loop.intervals, loop.inferences):
        assert sum(measured.counted()["counts"]) == 1
        assert measured.counted()["sum"] > 0


@pytest.mark.parametrize(
    ("regions", "waiting", "counts"),
    [(True, False, (1, 0)), (True, True, (0, 1)), (False, False, (0, 0))],
    ids=["with time", "dropped while another camera waits", "switched off"],
)
def test_region_looks_are_the_first_thing_dropped(
    cameras: Cameras,
    make_frame: MakeFrame,
    clock: "object",
    *,
    regions: bool,
    waiting: bool,
    counts: tuple[int, int],
) -> None:
    """The whole look sees a hint of flame; meanwhile another camera gets a frame, or none does."""
    large = make_frame(rgb=np.full((720, 1280, 3), 60, dtype=np.uint8), camera_id="far")

    def see(frame: Frame) -> list[Detection]:
        if frame.camera_id == "far" and frame.width == 1280 and waiting:
            loop.notice("near")
        return [replace(FLAME, box=(0.5, 0.5, 0.51, 0.51), confidence=0.12)]

    detector = FakeDetector(see)
    settings = InferenceConfig(interval_s=0.01, deadline_s=5.0, regions=regions)
    loop = InferenceLoop(detector, settings, cameras.take, clock)  # type: ignore[arg-type]
    loop.add(cameras.scene("far", detector), lambda: large)
    loop.add(cameras.scene("near", detector), cameras.newest("near"))
    loop.start()
    loop.notice("far")
    wait_for(lambda: len(cameras.handed) == 1 + waiting)
    assert loop.stop()
    health = loop.health()
    assert (health.regions, health.regions_dropped) == counts
    assert health.looks == 1 + waiting
    assert sum(loop.inferences.counted()["counts"]) == detector.frames_inferred


def test_a_camera_without_a_frame_yet_is_passed_over(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    detector = FakeDetector(lambda _: [])
    loop = started(detector, "b")
    asked = threading.Event()

    def nothing_yet() -> None:
        asked.set()

    loop.add(cameras.scene("a", detector), nothing_yet)
    loop.notice("a")
    wait_for(asked.is_set)
    loop.notice("b")
    wait_for(lambda: cameras.seen("b") == 1)
    assert detector.frames_inferred == 1


def test_a_batch_takes_several_cameras(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    sizes: list[int] = []

    class Counting(FakeDetector):
        def detect(self, frames: "list[Frame]") -> list[Detections]:  # type: ignore[override]
            sizes.append(len(frames))
            if len(sizes) == 1:
                gate.wait(PATIENCE_S)
            return super().detect(frames)

    gate = threading.Event()
    loop = started(Counting(lambda _: [], max_batch=4), *"abcdef")
    loop.notice("a")
    wait_for(lambda: len(sizes) == 1)
    for camera_id in "bcdef":
        loop.notice(camera_id)
    gate.set()
    wait_for(lambda: len(cameras.handed) == 6)
    assert sizes == [1, 4, 1]


def test_attention_goes_where_something_is_going_on(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    loop = started(FakeDetector(lambda frame: [FLAME] if frame.camera_id == "a" else []), "a", "b")
    for camera_id in "ab":
        loop.notice(camera_id)
    wait_for(lambda: len(cameras.handed) == 2)
    wait_for(lambda: loop.health().looks == 2)
    assert loop.rank_of("a") == 1
    assert loop.rank_of("b") == 2


def test_removed_cameras_are_not_looked_at(
    cameras: Cameras, started: Callable[..., InferenceLoop]
) -> None:
    detector = FakeDetector(lambda _: [])
    loop = started(detector, "a", "b")
    loop.remove("a")
    loop.notice("a")
    loop.notice("b")
    wait_for(lambda: cameras.seen("b") == 1)
    assert cameras.seen("a") == 0
    assert loop.health().cameras == 1


def test_stop_is_idempotent_and_interrupts_waiting(
    cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference_loop, "IDLE_WAIT_S", 3600.0)
    loop = InferenceLoop(FakeDetector(lambda _: []), LOOKS, cameras.take)
    assert loop.health().state is LoopState.IDLE
    loop.start()
    assert loop.stop(PATIENCE_S)
    assert loop.stop()
    assert loop.health().state is LoopState.CLOSED


def test_a_loop_that_never_started_can_be_stopped(cameras: Cameras) -> None:
    assert InferenceLoop(FakeDetector(lambda _: []), LOOKS, cameras.take).stop()
