"""A camera's scene asks what is usual there, and teaches it what came to nothing."""

from collections.abc import Callable
from itertools import count

import pytest

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
from thapcanh.ingest.frame import Frame

LAMP: Region = (0.4, 0.4, 0.5, 0.6)
DOOR: Region = (0.8, 0.7, 0.9, 0.9)
BEGAN = 1_795_600_000.0


class Watched:
    """One camera that is looked at twice a second; belief is what is usual, and nothing else."""

    def __init__(self, make_frame: Callable[..., Frame], habits: HabitMap) -> None:
        numbers = count(1)
        self._make_frame = make_frame
        self.at_s = 0.0
        self.scene = CameraPipeline(
            CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1")),
            [FireRule(id="fire")],
            ModelIdentity(name="fake", sha256="f" * 64),
            lambda: f"id{next(numbers)}",
            (detected_often_enough,),
            belief=BeliefSources(habits=habits),
        )

    def looks(self, times: int, *regions: Region, step_s: float = 0.5) -> list[Event]:
        events: list[Event] = []
        rows = [Detection(box=region, confidence=0.5, label="fire") for region in regions]
        for _ in range(times):
            self.at_s += step_s
            frame = self._make_frame(self.at_s, captured_at=BEGAN + self.at_s)
            events += self.scene.observe(frame, detections_of(frame, rows))
        return events


def _taught(regions: tuple[Region, ...]) -> HabitMap:
    """An hour and a half in which these were always there, and came to nothing."""
    habits = HabitMap(BEGAN - 5400)
    for second in range(0, 5400, 60):
        at = BEGAN - 5400 + second
        habits.watch(at)
        for region in regions:
            habits.see("fire", region, at)
    return habits


@pytest.mark.parametrize(
    ("where", "priority"), [(LAMP, 3), (DOOR, 1)], ids=["usual", "never seen there"]
)
def test_a_candidate_where_such_are_usual_is_doubted_and_told_all_the_same(
    make_frame: Callable[..., Frame], where: Region, priority: int
) -> None:
    raised = Watched(make_frame, _taught((LAMP,))).looks(60, where)[0]
    assert raised.priority == priority


def test_what_is_doubted_and_goes_on_is_learned(make_frame: Callable[..., Frame]) -> None:
    habits = _taught((LAMP,))
    before = float(habits.counts.max())
    Watched(make_frame, habits).looks(int(2 * SPAN_S), LAMP)
    assert float(habits.counts.max()) > before


def test_a_fire_that_is_told_as_p1_teaches_nothing(make_frame: Callable[..., Frame]) -> None:
    habits = _taught(())
    (raised, *_) = Watched(make_frame, habits).looks(int(4 * SPAN_S), DOOR)
    assert raised.priority == 1
    assert float(habits.counts.max()) == 0.0


def test_looks_count_as_watched_time(make_frame: Callable[..., Frame]) -> None:
    habits = HabitMap(BEGAN)
    Watched(make_frame, habits).looks(int(SPAN_S), step_s=2.0)
    assert float(habits.watched.sum()) == pytest.approx(2.0, abs=1.01)
