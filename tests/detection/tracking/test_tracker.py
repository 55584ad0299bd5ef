"""Tracks per camera: kept over lost looks, never shared, started again when the clock goes back."""

from collections.abc import Callable

import pytest

from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.detection.tracking.tracker import LOST_AFTER_S, Tracker
from thapcanh.ingest.frame import Frame

MakeFrame = Callable[..., Frame]
PEOPLE = frozenset({"person"})


@pytest.fixture
def see(make_frame: MakeFrame) -> Callable[..., Detections]:
    def _see(at_s: float, *xs: float, label: str = "person") -> Detections:
        rows = [
            Detection(box=(x, 0.3, x + 0.08, 0.8), confidence=0.8 - x / 10, label=label) for x in xs
        ]
        return detections_of(make_frame(at_s), rows)

    return _see


def _ids(detections: Detections) -> list[int]:
    assert detections.track_id is not None
    return [int(track) for track in detections.track_id]


def test_a_walker_keeps_his_track_and_the_rows_keep_their_order(
    see: Callable[..., Detections],
) -> None:
    tracker = Tracker(PEOPLE)
    for step in range(10):
        found = tracker.follow(see(step * 0.5, 0.1 + 0.05 * step, 0.9 - 0.05 * step))
    first, second = _ids(found)
    assert -1 not in (first, second)
    assert first != second
    assert found.label == ("person", "person")


def test_a_track_is_found_again_after_a_look_or_two(see: Callable[..., Detections]) -> None:
    tracker = Tracker(PEOPLE)
    for step in range(4):
        (before,) = _ids(tracker.follow(see(step * 0.5, 0.4)))
    tracker.follow(see(2.0))
    tracker.follow(see(2.5))
    assert _ids(tracker.follow(see(3.0, 0.42))) == [before]


def test_a_track_lost_for_long_is_another_one(see: Callable[..., Detections]) -> None:
    tracker = Tracker(PEOPLE)
    for step in range(4):
        (before,) = _ids(tracker.follow(see(step * 0.5, 0.4)))
    at_s = 2.0 + LOST_AFTER_S + 1
    for step in range(3):
        (after,) = _ids(tracker.follow(see(at_s + step * 0.5, 0.4)))
    assert after not in (before, -1)


def test_two_cameras_share_nothing(see: Callable[..., Detections]) -> None:
    one, other = Tracker(PEOPLE), Tracker(PEOPLE)
    for step in range(4):
        ids = _ids(one.follow(see(step * 0.5, 0.1, 0.5)))
    assert sorted(ids) == [0, 1]
    for step in range(4):
        ids = _ids(other.follow(see(step * 0.5, 0.5)))
    assert ids == [0]


def test_other_labels_are_not_followed(see: Callable[..., Detections]) -> None:
    tracker = Tracker(PEOPLE)
    for step in range(4):
        ids = _ids(tracker.follow(see(step * 0.5, 0.5, label="fire")))
    assert ids == [-1]


@pytest.mark.parametrize("jump_to_s", [0.0, 1.5, -100.0])
def test_a_clock_that_does_not_advance_starts_anew(
    see: Callable[..., Detections], jump_to_s: float
) -> None:
    tracker = Tracker(PEOPLE)
    for step in range(4):
        tracker.follow(see(step * 0.5, 0.4))
    assert _ids(tracker.follow(see(jump_to_s, 0.4))) == [-1]
    for step in range(1, 4):
        ids = _ids(tracker.follow(see(jump_to_s + step * 0.5, 0.4)))
    assert ids != [-1]


def test_empty_looks_are_fine(see: Callable[..., Detections]) -> None:
    assert _ids(Tracker(PEOPLE).follow(see(0.0))) == []
