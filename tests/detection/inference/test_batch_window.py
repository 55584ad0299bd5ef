"""Looks wait a moment for each other; nobody waits long, and nobody is forgotten."""

import math
import random
import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.waiting import wait_for
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detections
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.inference.scheduling import (
    HOLD_ASLEEP_S,
    HOLD_AWAKE_S,
    LEAST_CAMERAS,
    BatchWindow,
)
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.frame import Frame


def company(batch: int = 4, interval_s: float = 0.5) -> BatchWindow:
    return BatchWindow(batch, interval_s)


def asleep(looks: BatchWindow, cameras: int = LEAST_CAMERAS) -> float:
    return looks.hold_s("a", 0.0, is_calm=True, cameras=cameras)


@pytest.mark.parametrize(
    ("batch", "cameras", "hold_s"),
    [(1, 999, 0.0), (4, LEAST_CAMERAS - 1, 0.0), (4, LEAST_CAMERAS, HOLD_ASLEEP_S)],
)
def test_sweeps_wait_where_there_are_batches_and_many_cameras(
    batch: int, cameras: int, hold_s: float
) -> None:
    assert asleep(company(batch), cameras) == hold_s


@pytest.mark.parametrize(
    ("interval_s", "hold_s"), [(0.5, HOLD_AWAKE_S), (0.2, HOLD_AWAKE_S), (0.1, 0.06)]
)
def test_an_awake_camera_waits_for_another_but_not_with_its_first_picture(
    interval_s: float, hold_s: float
) -> None:
    looks = company(interval_s=interval_s)

    def awake(camera_id: str, looks_ago: float) -> float:
        now_s = 100.0 + looks_ago * interval_s
        return looks.hold_s(camera_id, now_s, is_calm=False, cameras=2)

    assert awake("a", 0.0) == 0.0  # it has just woken
    assert awake("a", 1.0) == 0.0  # no other is awake
    assert awake("b", 1.4) == 0.0
    assert awake("a", 2.0) == pytest.approx(hold_s)
    assert awake("b", 2.4) == pytest.approx(hold_s)
    assert awake("b", 3.4) == pytest.approx(hold_s)  # `a` may still come
    assert awake("b", 4.4) == 0.0  # `a` comes no more
    assert awake("a", 4.5) == 0.0
    looks.hold_s("b", 100.0 + 4.6 * interval_s, is_calm=True, cameras=2)  # it falls asleep
    assert awake("a", 5.4) == 0.0


def test_one_camera_at_a_time_never_waits() -> None:
    looks = company(batch=1)
    for look in range(4):
        for name in "ab":
            assert looks.hold_s(name, look * 0.5, is_calm=False, cameras=2) == 0.0


def test_the_loop_is_told_when_it_must_look_sooner() -> None:
    looks = company(batch=4)
    told = [looks.add(name, 0.0, hold_s) for name, hold_s in (
        ("a", 0.4), ("b", 0.4), ("b", 0.4), ("c", 0.1), ("d", 0.4), ("e", 0.4),
    )]  # fmt: skip
    assert told == [True, False, False, True, True, False]


def test_a_full_batch_and_a_long_wait_end_it() -> None:
    looks = company(batch=2)
    assert looks.wait_s(0.0) == math.inf
    looks.add("a", 10.0, 0.4)
    assert looks.wait_s(10.1) == pytest.approx(0.3)
    assert looks.due(10.1, with_others=False) == {}
    assert looks.due(10.4, with_others=False) == {"a": 10.0}
    looks.add("a", 20.0, 0.4)
    looks.add("b", 20.1, 0.4)
    assert looks.wait_s(20.1) == 0.0
    assert looks.due(20.1, with_others=False) == {"a": 20.0, "b": 20.1}
    assert looks.due(20.1, with_others=True) == {}


def test_nobody_waits_once_all_awake_cameras_are_here() -> None:
    looks = company()
    for name in "ab":
        looks.hold_s(name, 0.0, is_calm=False, cameras=9)
    looks.add("asleep", 0.3, 0.4)
    looks.add("a", 0.5, 0.1)
    assert looks.wait_s(0.5) == pytest.approx(0.1)
    looks.add("b", 0.5, 0.1)
    assert looks.due(0.5, with_others=False) == {"asleep": 0.3, "a": 0.5, "b": 0.5}


def test_they_go_with_a_look_that_is_due_anyway() -> None:
    looks = company()
    looks.add("a", 10.0, 0.4)
    assert looks.due(10.01, with_others=True) == {"a": 10.0}


def test_who_is_looked_at_now_or_gone_waits_no_more_and_is_not_waited_for() -> None:
    looks = company()
    looks.add("a", 10.0, 0.4)
    looks.drop("a")
    looks.drop("unknown")
    assert looks.wait_s(10.0) == math.inf
    for name in "ab":
        looks.hold_s(name, 10.0, is_calm=False, cameras=9)
    looks.discard("b")
    assert looks.hold_s("a", 10.2, is_calm=False, cameras=9) == 0.0


def test_whatever_comes_when_nobody_waits_longer_than_the_hold() -> None:
    rng = random.Random(6)
    looks = company()
    since_s: dict[str, float] = {}
    now_s = 0.0
    for _ in range(5000):
        now_s += min(rng.expovariate(20), looks.wait_s(now_s))
        if rng.random() < 0.7:
            name = f"{rng.randrange(40)}"
            is_calm = rng.random() < 0.5
            hold_s = looks.hold_s(name, now_s, is_calm=is_calm, cameras=40)
            if hold_s > 0:
                looks.add(name, now_s, hold_s)
                since_s.setdefault(name, now_s)
            else:
                looks.drop(name)
                since_s.pop(name, None)
        for name, told_s in looks.due(now_s, with_others=rng.random() < 0.1).items():
            assert since_s.pop(name) == told_s
            assert now_s - told_s <= HOLD_ASLEEP_S + 1e-9
    assert all(now_s - at_s <= HOLD_ASLEEP_S for at_s in since_s.values())


class Batches(FakeDetector):
    """Notes how many frames came at once."""

    def __init__(self) -> None:
        super().__init__(lambda _: [], max_batch=4)
        self.sizes: list[int] = []

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        self.sizes.append(len(frames))
        return super().detect(frames)


NAMES = "abcdefghijklmnopqrstuvwxyz"


def loop_of(
    detector: Batches,
    make_frame: Callable[..., Frame],
    names: str = NAMES,
    clock: Clock | None = None,
    interval_s: float = 1 / 128,
) -> InferenceLoop:
    loop = InferenceLoop(detector, InferenceConfig(interval_s=interval_s), lambda *_: None, clock)
    for name in names:
        camera = CameraConfig(id=name, name=name, source=SecretUrl("rtsp://camera/1"))
        scene = CameraPipeline(camera, (), detector.model, lambda: "id")
        loop.add(scene, lambda name=name: make_frame(1.0, camera_id=name))  # type: ignore[misc]
    loop.start()
    return loop


def test_sweeps_are_looked_at_together(make_frame: Callable[..., Frame]) -> None:
    detector = Batches()
    loop = loop_of(detector, make_frame)
    for name in "abcd":
        loop.notice(name, is_calm=True)
    wait_for(lambda: detector.frames_inferred == 4)
    assert detector.sizes == [4]
    loop.notice("e", is_calm=True)
    wait_for(
        lambda: detector.frames_inferred == 5
    )  # nobody joined it: it is looked at all the same
    assert loop.stop()


def test_news_takes_the_waiting_along_and_waits_for_nobody(
    make_frame: Callable[..., Frame],
) -> None:
    detector = Batches()
    loop = loop_of(detector, make_frame)
    loop.notice("a", is_calm=True)
    loop.notice("b")
    wait_for(lambda: detector.frames_inferred == 2)
    assert detector.sizes == [2]
    loop.notice("c", is_calm=True)
    loop.notice("c")  # it woke while it waited
    wait_for(lambda: detector.frames_inferred == 3)
    loop.notice("a", is_calm=True)
    loop.remove("a")
    loop.notice("b")
    wait_for(lambda: detector.frames_inferred == 4)
    assert loop.stop()


class StandingClock(SystemClock):
    """Time stands still until it is moved: what is held would be held for ever."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(min(timeout_s, 0.05))


def test_few_cameras_do_not_wait(make_frame: Callable[..., Frame]) -> None:
    detector = Batches()
    loop = loop_of(detector, make_frame, NAMES[: LEAST_CAMERAS - 1], StandingClock())
    loop.notice("a", is_calm=True)
    wait_for(lambda: detector.frames_inferred == 1)
    assert loop.stop()


def test_two_awake_cameras_come_to_be_looked_at_together(
    make_frame: Callable[..., Frame],
) -> None:
    """Their pictures come at other moments of the interval; the first ones wait for nobody."""
    detector, clock = Batches(), StandingClock()
    loop = loop_of(detector, make_frame, "ab", clock, interval_s=0.2)
    loop.notice("a")
    wait_for(lambda: detector.frames_inferred == 1)
    clock.now_s += 0.0625
    loop.notice("b")
    wait_for(lambda: detector.frames_inferred == 2)
    for looks in range(2, 5):
        clock.now_s += 0.1875
        loop.notice("a")
        clock.now_s += 0.0625
        loop.notice("b")
        wait_for(partial(lambda looks: detector.frames_inferred == 2 * looks, looks))
    assert loop.stop()
    assert detector.sizes == [1, 1, 2, 2, 2]
