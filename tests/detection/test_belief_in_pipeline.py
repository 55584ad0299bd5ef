"""Belief through the whole pipeline of a camera: how loudly, how late, and who else is asked."""

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import pytest

from config.camera import CameraConfig
from config.rules import Rule
from config.secret import SecretUrl
from detection.camera_pipeline import CameraPipeline
from detection.confirmation.belief_stages import BeliefSources
from detection.confirmation.habits import HabitMap
from detection.confirmation.stages import seen_often_enough
from detection.confirmation.witness_answer import WitnessAnswer
from detection.detections import Detection
from detection.detectors.fake_detector import detections_of
from detection.detectors.model_card import ModelIdentity
from detection.event import Event, EventPhase
from detection.region import Region
from detection.rules.fire import FireRule
from detection.rules.smoke import SmokeRule
from ingest.frame import Frame

MakeFrame = Callable[..., Frame]
MODEL = ModelIdentity(name="fake", sha256="f" * 64)
FIRE, SMOKE = FireRule(id="fire"), SmokeRule(id="smoke")
HERE: Region = (0.4, 0.4, 0.5, 0.6)
SKY: Region = (0.0, 0.0, 1.0, 0.9)
BLUE = np.full((90, 160, 3), (40, 60, 220), dtype=np.uint8)


class Watched:
    """One camera's pipeline, looked at every half second; only N of M confirms."""

    def __init__(
        self, make_frame: MakeFrame, belief: BeliefSources, rules: Sequence[Rule] = (FIRE, SMOKE)
    ) -> None:
        numbers = count()
        camera = CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1"))
        self._make_frame = make_frame
        self.pipeline = CameraPipeline(
            camera, rules, MODEL, lambda: str(next(numbers)), (seen_often_enough,), belief=belief
        )
        self._at_s = 0.0

    def observe(self, times: int, *rows: Detection, **frame: object) -> list[Event]:
        events: list[Event] = []
        for _ in range(times):
            picture = self._make_frame(self._at_s, **frame)
            self._at_s += 0.5
            events += self.pipeline.observe(picture, detections_of(picture, rows))
        return events


def _smoke(region: Region = HERE, confidence: float = 0.5) -> Detection:
    return Detection(box=region, confidence=confidence, label="smoke")


def _flame(confidence: float = 0.5) -> Detection:
    return Detection(box=HERE, confidence=confidence, label="fire")


@pytest.fixture
def watched(make_frame: MakeFrame) -> Watched:
    return Watched(make_frame, BeliefSources())


def test_doubted_smoke_is_told_at_once_as_p3_and_rises_when_flame_follows(
    watched: Watched,
) -> None:
    (raised,) = watched.observe(3, _smoke())
    assert (raised.phase, raised.priority) == (EventPhase.RAISED, 3)
    assert raised.belief is not None
    assert 0 < raised.belief < 0.5
    assert "empty" in dict(raised.reasons)
    assert "doubted: " in raised.reason
    risen = watched.observe(1, _smoke(), _flame())[-1]
    assert (risen.phase, risen.priority, risen.event_id) == (
        EventPhase.UPDATED,
        1,
        raised.event_id,
    )


def test_what_is_hardly_believed_is_told_once_it_lasts(watched: Watched) -> None:
    sky = _smoke(SKY, 0.7)
    assert watched.observe(32, sky, rgb=BLUE) == []  # confirmed at 1.0 s, told at 16 s
    (raised,) = watched.observe(1, sky, rgb=BLUE)
    assert (raised.phase, raised.priority, raised.at_s) == (EventPhase.RAISED, 3, 16.0)


def test_doubt_ends_as_p2_after_the_rules_limit(make_frame: MakeFrame) -> None:
    soon = SmokeRule(id="smoke", doubt_limit_s=5.0)
    watched = Watched(make_frame, BeliefSources(), (soon,))
    events = watched.observe(20, _smoke())
    assert [(event.phase, event.priority, event.at_s) for event in events] == [
        (EventPhase.RAISED, 3, 1.0),
        (EventPhase.UPDATED, 2, 6.0),
    ]


def test_a_stage_can_be_left_out(make_frame: MakeFrame) -> None:
    (raised,) = Watched(make_frame, BeliefSources(stages=())).observe(3, _smoke())
    assert (raised.priority, raised.belief, raised.reasons) == (1, 0.5, ())


def test_the_habit_of_the_place_is_asked_with_kind_place_and_time(make_frame: MakeFrame) -> None:
    asked: list[tuple[str, Region, float]] = []

    class Usual(HabitMap):
        def score(self, kind: str, region: Region, at: float) -> float:
            asked.append((kind, region, at))
            return 0.5

    watched = Watched(make_frame, BeliefSources(habits=Usual(0.0)), (FIRE,))
    (raised,) = watched.observe(3, _flame(0.9))
    assert dict(raised.reasons)["usual"] == -2.0
    assert raised.priority == 3
    kind, region, at = asked[0]
    assert kind == "fire"
    assert region == pytest.approx(HERE)
    assert at > 1e9  # UTC seconds


@pytest.mark.parametrize(
    ("answers", "asked_times", "unchecked"), [(True, 5, False), (False, 20, True)]
)
def test_the_witness_is_asked_about_five_looks_and_its_silence_is_unchecked(
    make_frame: MakeFrame, *, answers: bool, asked_times: int, unchecked: bool
) -> None:
    asked = []

    def witness(frame: Frame, kind: str, region: Region) -> WitnessAnswer | None:
        asked.append(frame.at_s)
        return WitnessAnswer(weight=2.0, text="the witness sees it") if answers else None

    watched = Watched(make_frame, BeliefSources(witness=witness), (FIRE,))
    (raised, *_) = watched.observe(22, _flame(0.9))
    assert len(asked) == asked_times
    assert raised.unchecked is unchecked
    assert ("witness" in dict(raised.reasons)) is answers


def test_a_carried_camera_is_marked_as_moving(watched: Watched) -> None:
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
@pytest.mark.parametrize("seen", [_smoke(), _smoke(SKY)])
def test_a_call_shortens_nothing_for_what_is_doubted(
    make_frame: MakeFrame, seen: Detection, call: str | None
) -> None:
    doubt = BeliefSources(witness=lambda *_: WitnessAnswer(weight=-1.5, text="doubts it"))
    watched = Watched(make_frame, doubt)
    watched.pipeline.hear_call(call)
    told = [watched.observe(1, seen) for _ in range(40)]
    usual = Watched(make_frame, doubt)
    assert [len(one) for one in told] == [len(usual.observe(1, seen)) for _ in range(40)]
    assert told[1] == []
