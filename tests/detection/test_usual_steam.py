"""Steam that a camera shows each day is raised as P2; a fire beside, in or after it as P1."""

from collections.abc import Callable
from itertools import count

import pytest

from tests.detection.answering import Saying
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.habits import SPAN_S, HabitMap
from thapcanh.detection.confirmation.stages import detected_often_enough
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.event import Event
from thapcanh.detection.region import Region
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.ingest.frame import Frame

MakeFrame = Callable[..., Frame]
VENT: Region = (0.40, 0.20, 0.60, 0.50)
ELSEWHERE: Region = (0.70, 0.20, 0.90, 0.50)
HALF_ELSEWHERE: Region = (0.50, 0.20, 0.70, 0.50)
SPREAD: Region = (0.30, 0.05, 0.70, 0.65)
START = 1_795_600_200.0
STEAM, HOTTER = 1.5, 2.0  # log-odds: the witness believes both


def _smoke(region: Region = VENT) -> Detection:
    return Detection(box=region, confidence=0.5, label="smoke")


def _flame(region: Region = VENT) -> Detection:
    return Detection(box=region, confidence=0.5, label="fire")


def _recorded(log_odds: float = STEAM, hours: float = 1.0) -> HabitMap:
    """A map that a recording of the vent taught, which ended when the camera starts."""
    habits = HabitMap(START - 3600 * hours)
    for second in range(0, int(3600 * hours), 60):
        at = START - 3600 * hours + second
        habits.watch(at)
        habits.see("smoke", VENT, at, log_odds=log_odds)
    habits.watch(START)
    return habits


class Watched:
    """One camera with a witness; only N of M confirms."""

    def __init__(self, make_frame: MakeFrame, habits: HabitMap, log_odds: float = STEAM) -> None:
        numbers = count()
        self.log_odds = log_odds
        self.at_s = 0.0
        self._make_frame = make_frame
        self._witness = Saying(lambda _: self.log_odds)
        self._pipeline = CameraPipeline(
            CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1")),
            [FireRule(id="fire"), SmokeRule(id="smoke")],
            ModelIdentity(name="fake", sha256="f" * 64),
            lambda: str(next(numbers)),
            (detected_often_enough,),
            belief=BeliefSources(habits=habits, has_witness=True),
        )

    def observe(self, times: int, *rows: Detection) -> list[Event]:
        events: list[Event] = []
        for _ in range(times):
            self.at_s += 0.5
            frame = self._make_frame(self.at_s, captured_at=START + self.at_s)
            found = detections_of(frame, rows)
            events += self._pipeline.observe_answered(self._witness, frame, found)
        return events


def _gravest(events: list[Event]) -> int:
    return min(event.priority for event in events)


def test_steam_of_an_unknown_camera_is_p1(make_frame: MakeFrame) -> None:
    assert _gravest(Watched(make_frame, HabitMap(START)).observe(20, _smoke())) == 1


def test_usual_steam_is_raised_at_once_as_p2_and_stays_so(make_frame: MakeFrame) -> None:
    events = Watched(make_frame, _recorded()).observe(240, _smoke())
    assert (events[0].at_s, events[0].priority) == (1.0, 2)
    assert dict(events[0].reasons)["usual"] < -2
    assert _gravest(events) == 2


@pytest.mark.parametrize("recorded", [1.5, 6.0])
@pytest.mark.parametrize("hours", [1, 300])
def test_the_most_usual_place_is_never_silenced_nor_delayed(
    make_frame: MakeFrame, recorded: float, hours: int
) -> None:
    """Belief at a usual place fell below the limit for 20 s, and the event stayed P3 for good."""
    events = Watched(make_frame, _recorded(recorded, hours)).observe(3, _smoke())
    assert [(event.at_s, event.priority) for event in events] == [(1.0, 2)]


@pytest.mark.parametrize(
    "burning",
    [_flame(), _smoke(ELSEWHERE), _smoke(HALF_ELSEWHERE), _smoke(SPREAD)],
    ids=["flame", "a new place", "half a new place", "grown"],
)
def test_a_fire_that_the_vent_never_showed_is_p1(make_frame: MakeFrame, burning: Detection) -> None:
    assert _gravest(Watched(make_frame, _recorded()).observe(5, burning)) == 1


def test_smoke_surer_than_the_vent_ever_was_is_p1(make_frame: MakeFrame) -> None:
    assert _gravest(Watched(make_frame, _recorded(), HOTTER).observe(5, _smoke())) == 1


@pytest.mark.parametrize("change", [_flame(), _smoke(SPREAD)], ids=["flame", "grown"])
def test_usual_steam_that_becomes_a_fire_rises_to_p1(
    make_frame: MakeFrame, change: Detection
) -> None:
    watched = Watched(make_frame, _recorded())
    (raised,) = watched.observe(3, _smoke())
    later = watched.observe(8, _smoke(), change)
    assert raised.priority == 2
    assert _gravest(later) == 1
    assert {event.event_id for event in later} == {raised.event_id}


def test_a_fire_at_a_usual_place_teaches_nothing_that_hides_it(make_frame: MakeFrame) -> None:
    """Hours of smoke at its usual strength leave the limits of what is usual where they were."""
    habits = _recorded()
    watched = Watched(make_frame, habits)
    watched.observe(int(3 * SPAN_S * 2), _smoke())
    assert habits.score("smoke", VENT, START + watched.at_s, STEAM) is not None
    assert habits.score("smoke", VENT, START + watched.at_s, HOTTER) is None
    watched.observe(120)
    watched.log_odds = HOTTER
    assert _gravest(watched.observe(5, _smoke())) == 1


def test_doubted_steam_teaches_nothing_that_hides_believed_smoke(make_frame: MakeFrame) -> None:
    """A place that was doubted all day lowered smoke of which the witness was sure."""
    habits = HabitMap(START)
    watched = Watched(make_frame, habits, log_odds=0.0)
    watched.observe(int(12 * SPAN_S * 2), _smoke())
    usual = habits.usual("smoke", VENT, START + watched.at_s).score
    assert usual is not None
    assert usual > 0.5
    watched.observe(120)
    watched.log_odds = HOTTER
    assert _gravest(watched.observe(5, _smoke())) == 1
