"""The known fire through the real look loop: seen, not seen, not answered, not asked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.detection.detectors.fake_detector import FakeDetector
from tests.end_to_end.running_site import eventually
from tests.ingest.fake_clock import FakeClock
from thapcanh.alerts.queue.self_test_event import PROVE_EVERY_S, SELF_TEST
from thapcanh.app.worker.self_test import AGAIN_S, UNANSWERED_S, SelfTest, SelfTestResult
from thapcanh.config.site import InferenceConfig
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.event import Event
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame

FIRE = Detection(label="fire", confidence=0.8, box=(0.65, 0.41, 0.84, 0.79))  # where it burns


class Asked:
    """A self-test of a detector that sees `rows`, on a loop whose looks follow each other fast."""

    def __init__(self, rows: Sequence[Detection], labels: tuple[str, ...] = ("fire",)) -> None:
        self.rows = rows
        self.handed: list[Event | None] = []
        self.clock = FakeClock()
        self.detector = FakeDetector(lambda _: self.rows)
        looks = InferenceConfig(interval_s=0.01, regions=False)  # a picture is one frame
        self.loop = InferenceLoop(self.detector, looks, self._looked, SystemClock())
        self.test = SelfTest(self.loop, self.detector.model, labels, self.handed.append, self.clock)

    @contextmanager
    def running(self) -> Iterator["Asked"]:
        self.loop.start()
        try:
            yield self
        finally:
            self.loop.stop()

    def _looked(self, frame: Frame, _: Detections, events: list[Event]) -> None:
        assert frame.camera_id == SELF_TEST
        self.test.looked(frame, events)

    def until(self, sight: SelfTestResult) -> None:
        eventually(lambda: self.test.sight is sight, 20.0, f"the model is {sight}")


def test_what_the_model_saw_is_handed_on_and_asked_again_after_five_minutes() -> None:
    with Asked([FIRE]).running() as asked:
        asked.test.tick()
        asked.until(SelfTestResult.SEEING)
        eventually(lambda: asked.handed, 5.0, "it is handed on")
        seen = asked.handed[0]
        assert seen is not None
        assert (seen.kind, seen.camera_id) == ("fire", SELF_TEST)
        assert asked.loop.health().cameras == 0
        frames = asked.detector.frames_inferred
        asked.test.tick()
        assert asked.loop.health().cameras == 0
        asked.clock.advance(PROVE_EVERY_S)
        asked.test.tick()
        eventually(lambda: len(asked.handed) == 2, 20.0, "it is asked again")
        assert asked.detector.frames_inferred == 2 * frames


def test_a_model_that_answers_nothing_is_blind_until_it_sees_again() -> None:
    with Asked([]).running() as asked:
        asked.test.tick()
        asked.until(SelfTestResult.BLIND)
        assert asked.handed == []
        assert asked.detector.frames_inferred == 10
        asked.rows = [FIRE]
        asked.clock.advance(AGAIN_S)
        asked.test.tick()
        asked.until(SelfTestResult.SEEING)


def test_a_test_that_is_not_answered_says_nothing_of_the_model() -> None:
    asked = Asked([FIRE])
    asked.test.tick()
    assert asked.loop.health().cameras == 0, "not while the loop does not look"
    with asked.running():
        asked.loop.stop()
        asked.test.tick()
        asked.clock.advance(UNANSWERED_S)
        asked.test.tick()
    assert asked.test.sight is SelfTestResult.UNKNOWN
    assert asked.loop.health().cameras == 0


def test_a_model_that_was_never_meant_to_see_fire_proves_the_way_alone() -> None:
    with Asked([], labels=("person",)).running() as asked:
        asked.test.tick()
        assert asked.handed == [None]
        assert asked.test.sight is SelfTestResult.UNKNOWN
