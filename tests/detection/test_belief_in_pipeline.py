"""Belief through the whole pipeline of a camera: how loudly, how late, and who else is asked."""

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import pytest

from tests.detection.answering import DOUBTFUL, SURE, UNBELIEVING, Saying
from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import LASTS_S, BeliefSources
from thapcanh.detection.confirmation.habits import HabitMap
from thapcanh.detection.confirmation.stages import detected_often_enough
from thapcanh.detection.confirmation.witness import Asked, SilentWitness, Witness
from thapcanh.detection.confirmation.witness_answer import AWAITED_S, BEST, FIRST_INFERENCES
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.region import Region
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.ingest.frame import Frame

MakeFrame = Callable[..., Frame]
MODEL = ModelIdentity(name="fake", sha256="f" * 64)
FIRE, SMOKE = FireRule(id="fire"), SmokeRule(id="smoke")
HERE: Region = (0.4, 0.4, 0.5, 0.6)
SKY: Region = (0.0, 0.0, 1.0, 0.9)


class Watched:
    """One camera's pipeline, looked at every half second; only N of M confirms."""

    def __init__(
        self,
        make_frame: MakeFrame,
        witness: Witness | None = None,
        rules: Sequence[Rule] = (FIRE, SMOKE),
        habits: HabitMap | None = None,
    ) -> None:
        numbers = count()
        belief = BeliefSources(habits=habits, has_witness=witness is not None)
        self._witness = witness or SilentWitness()
        camera = CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1"))
        self._make_frame = make_frame
        self.pipeline = CameraPipeline(
            camera,
            rules,
            MODEL,
            lambda: str(next(numbers)),
            (detected_often_enough,),
            belief=belief,
        )
        self._at_s = 0.0
        self.loses_answers = False

    def observe(self, times: int, *rows: Detection, **frame: object) -> list[Event]:
        events: list[Event] = []
        for _ in range(times):
            picture = self._make_frame(self._at_s, **frame)
            self._at_s += 0.5
            seen = detections_of(picture, rows)
            if self.loses_answers:
                events += self.pipeline.observe(picture, seen)
            else:
                events += self.pipeline.observe_answered(self._witness, picture, seen)
        return events


def _smoke(region: Region = HERE, confidence: float = 0.5) -> Detection:
    return Detection(box=region, confidence=confidence, label="smoke")


def _flame(confidence: float = 0.5) -> Detection:
    return Detection(box=HERE, confidence=confidence, label="fire")


def test_what_the_witness_believes_is_told_as_its_rule_says(make_frame: MakeFrame) -> None:
    (raised,) = Watched(make_frame, Saying(SURE)).observe(3, _flame())
    assert (raised.phase, raised.priority, raised.at_s) == (EventPhase.RAISED, 1, 1.0)
    assert raised.belief == pytest.approx(0.953, abs=1e-3)
    assert raised.reasons == (("witness", SURE),)
    assert raised.reason.endswith("believed: witness 95%")
    assert not raised.unchecked


def test_what_it_doubts_is_told_at_once_as_p3(make_frame: MakeFrame) -> None:
    (raised,) = Watched(make_frame, Saying(DOUBTFUL)).observe(3, _smoke())
    assert (raised.phase, raised.priority, raised.at_s) == (EventPhase.RAISED, 3, 0.5)
    assert raised.reason.endswith("doubted: witness 50%")


def test_what_it_hardly_believes_is_told_once_it_lasts(make_frame: MakeFrame) -> None:
    watched = Watched(make_frame, Saying(UNBELIEVING))
    assert watched.observe(1 + int(2 * LASTS_S), _smoke()) == []
    (raised,) = watched.observe(1, _smoke())
    assert (raised.phase, raised.priority) == (EventPhase.RAISED, 3)
    assert raised.at_s == 0.5 + LASTS_S


def _burns(asked: Asked) -> float:
    return SURE if asked.kind == "fire" else DOUBTFUL


def test_smoke_that_shows_flame_in_one_look_is_a_fire_at_the_witness_word(
    make_frame: MakeFrame,
) -> None:
    """Of 47 fires 18 stayed smoke for good: jumping flame is confirmed late, or never."""
    watched = Watched(make_frame, Saying(SURE))
    (raised,) = watched.observe(3, _smoke())
    *_, fire = watched.observe(1, _smoke(), _flame(0.4))
    assert (raised.kind, fire.phase, fire.kind) == ("smoke", EventPhase.UPDATED, "fire")
    assert fire.event_id == raised.event_id
    assert fire.reason == "fire follows smoke · believed: witness 95%"
    assert fire.label == "fire"
    assert fire.confidence == pytest.approx(0.4)
    gone = watched.observe(60)
    assert {event.kind for event in gone} == {"fire"}


@pytest.mark.parametrize(
    ("says", "confidence"),
    [(DOUBTFUL, 0.5), (UNBELIEVING, 0.9), (SURE, FIRE.min_confidence - 0.05)],
)
def test_a_red_sun_in_smoke_and_a_faint_flame_leave_it_smoke(
    make_frame: MakeFrame, says: float, confidence: float
) -> None:
    def answer(asked: Asked) -> float:
        return says if asked.kind == "fire" else SURE

    watched = Watched(make_frame, Saying(answer))
    watched.observe(3, _smoke())
    events = watched.observe(2, _smoke(), _flame(confidence))
    assert {event.kind for event in events} <= {"smoke"}


def test_smoke_beside_a_fire_leaves_it_a_fire(make_frame: MakeFrame) -> None:
    watched = Watched(make_frame, Saying(SURE))
    events = [*watched.observe(3, _flame()), *watched.observe(30, _flame(), _smoke())]
    assert {event.kind for event in events} == {"fire"}


def test_a_flame_where_no_episode_is_open_waits_for_its_looks(make_frame: MakeFrame) -> None:
    assert Watched(make_frame, Saying(SURE)).observe(2, _flame(0.5)) == []


def test_a_plain_flame_is_told_after_two_looks(make_frame: MakeFrame) -> None:
    watched = Watched(make_frame, Saying(SURE))
    assert watched.observe(1, _flame(0.9)) == []
    (raised,) = watched.observe(1, _flame(0.3))
    assert (raised.phase, raised.priority, raised.at_s) == (EventPhase.RAISED, 1, 0.5)
    assert raised.reason == "2 of 5 looks · believed: witness 95%"


@pytest.mark.parametrize("says", [Saying(DOUBTFUL), None])
def test_a_plain_flame_that_the_witness_does_not_believe_waits_as_ever(
    make_frame: MakeFrame, says: Saying | None
) -> None:
    watched = Watched(make_frame, says)
    assert watched.observe(2, _flame(0.9)) == []
    (raised,) = watched.observe(1, _flame(0.9))
    assert (raised.phase, raised.at_s) == (EventPhase.RAISED, 1.0)


def test_doubted_smoke_that_shows_flame_is_a_doubted_fire(make_frame: MakeFrame) -> None:
    """One look says what it is, and several how loudly it is told."""
    watched = Watched(make_frame, Saying(_burns))
    (raised,) = watched.observe(3, _smoke())
    assert raised.priority == 3
    told = [(event.kind, event.priority) for event in watched.observe(3, _smoke(), _flame())]
    assert told == [("smoke", 3), ("fire", 3), ("fire", 1)]


def test_a_fire_rule_that_is_louder_than_its_smoke_is_told_as_loudly(
    make_frame: MakeFrame,
) -> None:
    rules = (FIRE, SmokeRule(id="smoke", priority=2))
    watched = Watched(make_frame, Saying(SURE), rules)
    (raised,) = watched.observe(3, _smoke())
    *_, fire = watched.observe(1, _smoke(), _flame(0.4))
    assert (raised.priority, fire.priority) == (2, 1)


def test_a_fire_that_grows_plain_rises(make_frame: MakeFrame) -> None:
    """It is asked again while it lasts, and the best answers count."""

    def grows(asked: Asked) -> float:
        return SURE if asked.frame.at_s >= 5.0 else DOUBTFUL

    events = Watched(make_frame, Saying(grows), (FIRE,)).observe(20, _flame())
    told = [(event.phase, event.priority) for event in events]
    assert told[0] == (EventPhase.RAISED, 3)
    assert (EventPhase.UPDATED, 1) in told
    assert events[-1].event_id == events[0].event_id


def test_doubt_ends_as_p2_after_the_rules_limit(make_frame: MakeFrame) -> None:
    soon = SmokeRule(id="smoke", doubt_limit_s=5.0)
    events = Watched(make_frame, Saying(DOUBTFUL), (soon,)).observe(20, _smoke())
    assert [(event.phase, event.priority, event.at_s) for event in events] == [
        (EventPhase.RAISED, 3, 0.5),
        (EventPhase.UPDATED, 2, 5.5),
    ]


def test_a_site_without_a_witness_tells_all_as_its_rules_say(make_frame: MakeFrame) -> None:
    (raised,) = Watched(make_frame).observe(3, _smoke())
    assert (raised.priority, raised.reasons, raised.unchecked) == (1, (), False)


def test_a_silent_witness_hides_nothing(make_frame: MakeFrame) -> None:
    (raised,) = Watched(make_frame, SilentWitness()).observe(3, _flame())
    assert (raised.priority, raised.at_s, raised.unchecked) == (1, 1.0, True)


def test_an_answer_that_is_lost_delays_an_event_and_hides_none(make_frame: MakeFrame) -> None:
    """A witness' thread that dies, or a queue that loses a question."""
    watched = Watched(make_frame, Saying(SURE), (FIRE,))
    watched.loses_answers = True
    assert watched.observe(2 + int(2 * AWAITED_S), _flame()) == []
    (raised,) = watched.observe(1, _flame())
    assert (raised.priority, raised.unchecked) == (1, True)


def test_a_late_answer_still_counts(make_frame: MakeFrame) -> None:
    watched = Watched(make_frame, Saying(SURE), (FIRE,))
    watched.loses_answers = True
    watched.observe(3, _flame())
    (question,) = watched.pipeline.questions
    (raised,) = watched.pipeline.hear(question, None)
    assert (raised.priority, raised.unchecked) == (1, True)
    watched.pipeline.hear(question, Saying(SURE).answer([question])[0])
    (update,) = watched.observe(20, _flame())
    assert update.reasons == (("witness", SURE),)


def test_an_answer_for_a_place_that_is_forgotten_is_dropped(make_frame: MakeFrame) -> None:
    watched = Watched(make_frame, Saying(SURE), (FIRE,))
    watched.loses_answers = True
    watched.observe(3, _flame())
    (question,) = watched.pipeline.questions
    watched.observe(60)
    assert watched.pipeline.hear(question, Saying(SURE).answer([question])[0]) == []


@pytest.mark.parametrize(
    ("says", "asked_times"),
    [(SURE, 1), (DOUBTFUL, FIRST_INFERENCES + 4), (None, FIRST_INFERENCES + 4)],
)
def test_the_witness_is_asked_often_at_first_then_rarely_and_never_when_it_believes(
    make_frame: MakeFrame, says: float | None, asked_times: int
) -> None:
    witness = Saying(says)
    Watched(make_frame, witness, (FIRE,)).observe(2 + FIRST_INFERENCES + 16, _flame(0.9))
    assert len(witness.asked) == asked_times


def test_the_mean_of_the_best_answers_counts(make_frame: MakeFrame) -> None:
    answers = iter((0.0, -2.0, 0.5, -1.0, -3.0))
    witness = Saying(lambda _: next(answers, -9.0))
    watched = Watched(make_frame, witness, (FIRE,))
    watched.observe(7, _flame())
    raised = watched.observe(30, _flame())[-1]
    assert BEST == 2
    assert raised.reasons == (("witness", 0.25),)


def test_the_habit_of_the_place_is_asked_with_kind_place_and_time(make_frame: MakeFrame) -> None:
    asked: list[tuple[str, Region, float]] = []

    class Usual(HabitMap):
        def score(self, kind: str, region: Region, at: float, log_odds: float) -> float:
            assert log_odds == 1.7
            asked.append((kind, region, at))
            return 0.5

    watched = Watched(make_frame, Saying(1.7), (FIRE,), habits=Usual(0.0))
    (raised,) = watched.observe(3, _flame(0.9))
    assert dict(raised.reasons)["usual"] == -2.0
    assert raised.priority == 2
    kind, region, at = asked[0]
    assert kind == "fire"
    assert region == pytest.approx(HERE)
    assert at > 1e9  # UTC seconds


def test_a_carried_camera_is_marked_as_moving(make_frame: MakeFrame) -> None:
    watched = Watched(make_frame)
    houses = np.kron(
        np.random.default_rng(1).integers(20, 235, (6, 12, 3), dtype=np.uint8),
        np.ones((20, 20, 1), np.uint8),
    )
    assert not watched.pipeline.is_moving_camera
    for number in range(20):
        left = 6 * (number % 9)
        watched.observe(1, rgb=houses[:90, left : left + 160])
    assert watched.pipeline.is_moving_camera
    for _ in range(50):
        watched.observe(1, rgb=houses[:90, :160])
    assert not watched.pipeline.is_moving_camera


@pytest.mark.parametrize("call", [None, "113-0042"])
@pytest.mark.parametrize(("seen", "first"), [(_flame(), 2), (_smoke(), 1), (_smoke(SKY), 1)])
def test_a_call_shortens_nothing_for_what_is_doubted(
    make_frame: MakeFrame, seen: Detection, first: int, call: str | None
) -> None:
    watched = Watched(make_frame, Saying(DOUBTFUL))
    watched.pipeline.record_call(call)
    told = [watched.observe(1, seen) for _ in range(40)]
    usual = Watched(make_frame, Saying(DOUBTFUL))
    assert [len(one) for one in told] == [len(usual.observe(1, seen)) for _ in range(40)]
    assert next(number for number, one in enumerate(told) if one) == first
