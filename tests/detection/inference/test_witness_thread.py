"""The witness beside the loop: who is asked first, and that no failure of it hides an event."""

import threading
from collections.abc import Callable, Sequence

import pytest

from tests.detection.answering import DOUBTFUL, SURE, Saying
from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.many_cameras import FLAME, LOOKS, Cameras, MakeFrame
from tests.detection.waiting import wait_for
from tests.patience import PATIENCE_S
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.witness import Asked, Witness
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.detection.event import Event
from thapcanh.detection.inference import witness_thread
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.inference.watched_camera import WatchedCamera
from thapcanh.detection.inference.witness_thread import WitnessThread
from thapcanh.detection.rules.fire import FireRule
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame


class Held:
    """A witness that hangs until it is let go."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.asked: list[Asked] = []

    def answer(self, asked: Sequence[Asked]) -> list[WitnessAnswer | None]:
        assert len(asked) == 1  # the first of two would wait for the second
        self.asked += asked
        self.goes_on.wait(PATIENCE_S)
        return Saying(SURE).answer(asked)


class Dying:
    """One whose every answer is an error."""

    def answer(self, asked: Sequence[Asked]) -> list[WitnessAnswer | None]:
        raise RuntimeError(f"{len(asked)} lost")


def _watched(make_frame: MakeFrame, camera_id: str, confidence: float) -> WatchedCamera:
    """A camera on which something was confirmed in its third look, and is to be asked about."""
    camera = CameraConfig(id=camera_id, name=camera_id, source=SecretUrl("rtsp://camera/1"))
    scene = CameraPipeline(
        camera,
        (FireRule(id="fire"),),
        FakeDetector(lambda _: []).model,
        lambda: camera_id,
        stages=(),
        belief=BeliefSources(has_witness=True),
    )
    frame = make_frame(1.0, camera_id=camera_id)
    flame = Detection(box=FLAME.box, confidence=confidence, label="fire")
    scene.observe(frame, detections_of(frame, [flame]))
    return WatchedCamera(scene=scene, newest=lambda: frame, rank=1)


def test_the_surest_are_asked_first(make_frame: MakeFrame) -> None:
    held = Held()
    thread = WitnessThread(held, lambda: None, SystemClock())
    cameras = [_watched(make_frame, f"c{sure}", sure / 100) for sure in (30, 90, 50, 70, 40, 80)]
    for watched in cameras:
        thread.ask(watched, watched.scene.questions)
    held.goes_on.set()
    thread.start()
    try:
        wait_for(lambda: len(held.asked) == len(cameras))
    finally:
        thread.stop()
    asked = [question.frame.camera_id for question in held.asked]
    assert asked == ["c90", "c80", "c70", "c50", "c40", "c30"]


def test_an_answer_does_not_wait_until_all_of_a_batch_is_judged(make_frame: MakeFrame) -> None:
    order: list[str] = []
    sizes: list[int] = []

    def looked(frame: Frame, *_: object) -> None:
        order.append(f"looked at {frame.camera_id}")
        wait_for(lambda: sum(loop.witness_waits.counted()["counts"]) >= 1)

    def told(frame: Frame, events: list[Event]) -> None:
        order.extend(f"told of {frame.camera_id}" for _ in events)

    class Counting(FakeDetector):
        def detect(self, frames: Sequence[Frame]) -> list[Detections]:
            sizes.append(len(frames))
            return super().detect(frames)

    detector, cameras = Counting(lambda _: [FLAME], max_batch=2), Cameras(make_frame)
    loop = InferenceLoop(detector, LOOKS, looked, witness=Saying(SURE), on_events=told)
    for name in ("gate", "yard"):
        loop.add(cameras.scene(name, detector, has_witness=True), cameras.newest(name), 1)
        loop.notice(name)
    loop.start()
    try:
        wait_for(lambda: len(order) >= 4)
    finally:
        loop.stop()
    first, second = (line.rpartition(" ")[2] for line in (order[0], order[2]))
    assert sizes[0] == 2
    assert order[:3] == [f"looked at {first}", f"told of {first}", f"looked at {second}"]


def test_what_is_told_already_waits_for_what_is_not(make_frame: MakeFrame) -> None:
    """A fire that burns for minutes must not keep a new one waiting."""
    old, new = (_watched(make_frame, name, sure) for name, sure in (("old", 0.9), ("new", 0.3)))
    (question,) = old.scene.questions
    old.scene.hear(question, Saying(DOUBTFUL).answer([question])[0])
    frame = make_frame(1.5, camera_id="old")
    old.scene.observe(frame, detections_of(frame, [FLAME]))
    held = Held()
    thread = WitnessThread(held, lambda: None, SystemClock())
    for watched in (old, new):
        thread.ask(watched, watched.scene.questions)
    held.goes_on.set()
    thread.start()
    try:
        wait_for(lambda: len(held.asked) == 2)
    finally:
        thread.stop()
    assert [question.frame.camera_id for question in held.asked] == ["new", "old"]


def _loop_with(
    witness: Witness, make_frame: MakeFrame
) -> tuple[InferenceLoop, Cameras, list[tuple[Frame, list[Event]]]]:
    """A loop with one camera on which a flame is seen in each look."""
    detector, cameras = FakeDetector(lambda _: [FLAME]), Cameras(make_frame)
    told: list[tuple[Frame, list[Event]]] = []
    loop = InferenceLoop(
        detector,
        LOOKS,
        cameras.take,
        witness=witness,
        on_events=lambda frame, events: told.append((frame, events)),
    )
    loop.add(cameras.scene("gate", detector, has_witness=True), cameras.newest("gate"), 1)
    loop.start()
    return loop, cameras, told


def _look_until(loop: InferenceLoop, condition: Callable[[], bool]) -> None:
    """Give the camera a new frame again and again, until it holds."""

    def noticed() -> bool:
        loop.notice("gate")
        return condition()

    wait_for(noticed)


def _raised(told: Sequence[tuple[Frame, list[Event]]]) -> list[Event]:
    return [event for _, events in list(told) for event in events]


def test_looks_go_on_while_the_witness_thinks_and_its_answer_raises(make_frame: MakeFrame) -> None:
    held = Held()
    loop, cameras, told = _loop_with(held, make_frame)
    try:
        _look_until(loop, lambda: bool(held.asked))
        before = cameras.seen("gate")
        _look_until(loop, lambda: cameras.seen("gate") > before + 3)
        assert _raised(told) == []
        held.goes_on.set()
        wait_for(lambda: bool(_raised(told)))
    finally:
        held.goes_on.set()
        loop.stop()
    event = _raised(told)[0]
    assert (event.priority, event.unchecked, event.reasons) == (1, False, (("witness", SURE),))
    assert event.at_s == held.asked[0].frame.at_s  # of the look that it was asked about


@pytest.mark.parametrize("is_dying", [False, True])
def test_a_witness_that_hangs_or_fails_hides_no_event(
    make_frame: MakeFrame, monkeypatch: pytest.MonkeyPatch, *, is_dying: bool
) -> None:
    monkeypatch.setattr(witness_thread, "LATE_S", 0.3)
    held = Held()
    loop, _, told = _loop_with(Dying() if is_dying else held, make_frame)
    try:
        _look_until(loop, lambda: bool(_raised(told)))
        assert loop.health().unanswered >= 1
    finally:
        held.goes_on.set()
        loop.stop()
    event = _raised(told)[0]
    assert (event.priority, event.unchecked) == (1, True)


def test_too_many_questions_leave_the_least_urgent_unchecked(
    make_frame: MakeFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_thread, "MOST_WAITING", 2)
    thread = WitnessThread(Held(), lambda: None, SystemClock())
    cameras = {f"c{sure}": _watched(make_frame, f"c{sure}", sure / 100) for sure in (90, 30, 60)}
    for watched in cameras.values():
        thread.ask(watched, watched.scene.questions)
    told: list[tuple[Frame, list[Event]]] = []
    thread.hear(cameras, lambda frame, events: told.append((frame, events)))
    ((frame, events),) = told
    assert frame.camera_id == "c30"
    assert (events[0].unchecked, thread.unanswered) == (True, 1)


def test_an_answer_for_a_camera_that_left_or_begins_anew_is_dropped(make_frame: MakeFrame) -> None:
    answered = threading.Event()
    thread = WitnessThread(Saying(SURE), answered.set, SystemClock())
    watched = _watched(make_frame, "gate", 0.9)
    thread.ask(watched, watched.scene.questions)
    thread.start()
    try:
        assert answered.wait(PATIENCE_S)
        told: list[Frame] = []
        thread.hear(
            {"gate": _watched(make_frame, "gate", 0.9)}, lambda frame, _: told.append(frame)
        )
        assert told == []
    finally:
        thread.stop()
