"""Sleeping cameras wait a moment for each other; nobody waits long, and nobody is forgotten."""

import math
import random
import threading
from collections.abc import Callable, Sequence

import pytest

from config.camera import Camera
from config.secret import SecretUrl
from config.site import Looks
from detection.detections import Detections
from detection.fake_detector import FakeDetector
from detection.look_loop import LookLoop
from detection.scene import Scene
from detection.sweeps import HOLD_S, LEAST_CAMERAS, Sweeps
from ingest.clock import Clock, SystemClock
from ingest.frame import Frame
from tests.detection.waiting import wait_for


def test_the_first_and_a_full_batch_are_told() -> None:
    sweeps = Sweeps(3)
    assert [sweeps.add(name, 0.0) for name in ("a", "b", "b", "c", "d")] == [
        True, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("batch", "cameras", "worth_it"), [(1, 999, False), (4, 15, False), (4, 16, True)]
)
def test_waiting_is_worth_it_with_batches_and_many_cameras(
    batch: int, cameras: int, worth_it: bool
) -> None:
    assert Sweeps(batch).worth_it(cameras) is worth_it


def test_a_full_batch_and_a_long_wait_end_it() -> None:
    sweeps = Sweeps(2)
    assert sweeps.wait_s(0.0) == math.inf
    sweeps.add("a", 10.0)
    assert sweeps.wait_s(10.1) == pytest.approx(HOLD_S - 0.1)
    assert sweeps.due(10.1, with_others=False) == {}
    assert sweeps.due(10.0 + HOLD_S, with_others=False) == {"a": 10.0}
    sweeps.add("a", 20.0)
    sweeps.add("b", 20.1)
    assert sweeps.wait_s(20.1) == 0.0
    assert sweeps.due(20.1, with_others=False) == {"a": 20.0, "b": 20.1}
    assert sweeps.due(20.1, with_others=True) == {}


def test_they_go_with_a_look_that_is_due_anyway() -> None:
    sweeps = Sweeps(4)
    sweeps.add("a", 10.0)
    assert sweeps.due(10.01, with_others=True) == {"a": 10.0}


def test_who_is_looked_at_now_or_gone_waits_no_more() -> None:
    sweeps = Sweeps(4)
    sweeps.add("a", 10.0)
    sweeps.drop("a")
    sweeps.drop("unknown")
    assert sweeps.wait_s(10.0) == math.inf


def test_whatever_comes_when_nobody_waits_longer_than_the_hold() -> None:
    rng = random.Random(6)
    sweeps = Sweeps(4)
    since_s: dict[str, float] = {}
    now_s = 0.0
    for _ in range(5000):
        now_s += min(rng.expovariate(20), sweeps.wait_s(now_s))
        if rng.random() < 0.7:
            name = f"{rng.randrange(40)}"
            sweeps.add(name, now_s)
            since_s.setdefault(name, now_s)
        for name, told_s in sweeps.due(now_s, with_others=rng.random() < 0.1).items():
            assert since_s.pop(name) == told_s
            assert now_s - told_s <= HOLD_S + 1e-9
    assert all(now_s - at_s <= HOLD_S for at_s in since_s.values())


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
) -> LookLoop:
    loop = LookLoop(detector, Looks(interval_s=1 / 128), lambda *_: None, clock)
    for name in names:
        camera = Camera(id=name, name=name, source=SecretUrl("rtsp://camera/1"))
        scene = Scene(camera, (), detector.model, lambda: "id")
        loop.add(scene, lambda name=name: make_frame(1.0, camera_id=name))  # type: ignore[misc]
    loop.start()
    return loop


def test_sweeps_are_looked_at_together(make_frame: Callable[..., Frame]) -> None:
    detector = Batches()
    loop = loop_of(detector, make_frame)
    for name in "abcd":
        loop.notice(name, can_wait=True)
    wait_for(lambda: detector.frames_seen == 4)
    assert detector.sizes == [4]
    loop.notice("e", can_wait=True)
    wait_for(lambda: detector.frames_seen == 5)  # nobody joined it: it is looked at all the same
    assert loop.stop()


def test_news_takes_the_waiting_along_and_waits_for_nobody(
    make_frame: Callable[..., Frame],
) -> None:
    detector = Batches()
    loop = loop_of(detector, make_frame)
    loop.notice("a", can_wait=True)
    loop.notice("b")
    wait_for(lambda: detector.frames_seen == 2)
    assert detector.sizes == [2]
    loop.notice("c", can_wait=True)
    loop.notice("c")  # it woke while it waited
    wait_for(lambda: detector.frames_seen == 3)
    loop.notice("a", can_wait=True)
    loop.remove("a")
    loop.notice("b")
    wait_for(lambda: detector.frames_seen == 4)
    assert loop.stop()


class StandingClock(SystemClock):
    """Time stands still: what is held would be held for ever."""

    def monotonic(self) -> float:
        return 1000.0

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(min(timeout_s, 0.05))


def test_few_cameras_do_not_wait(make_frame: Callable[..., Frame]) -> None:
    detector = Batches()
    loop = loop_of(detector, make_frame, NAMES[: LEAST_CAMERAS - 1], StandingClock())
    loop.notice("a", can_wait=True)
    wait_for(lambda: detector.frames_seen == 1)
    assert loop.stop()
