"""Who is here: kept over lost looks and new track numbers, and let go in time."""

import pytest

from thapcanh.detection.detections import Detection
from thapcanh.detection.tracking.presence import PresenceTracker, PresentTrack


def walker(track_id: int | None, x: float = 0.5, label: str = "person") -> Detection:
    return Detection(
        box=(x - 0.05, 0.3, x + 0.05, 0.7), confidence=0.6, label=label, track_id=track_id
    )


class Looks:
    """Looks one second apart."""

    def __init__(self, lost_s: float) -> None:
        self.presences = PresenceTracker(lost_s)
        self.at_s = 0.0

    def see(self, *rows: Detection, times: int = 1, step_s: float = 1.0) -> list[PresentTrack]:
        for _ in range(times):
            self.at_s += step_s
            self.presences.observe(rows, self.at_s, step_s)
        return self.presences.all


def test_one_track_is_one_presence() -> None:
    looks = Looks(lost_s=5.0)
    looks.see(walker(1))
    looks.see(walker(1, 0.52))
    (one,) = looks.see(walker(1, 0.54))
    assert one.is_seen
    assert one.at == pytest.approx((0.54, 0.7))


def test_a_box_without_a_track_is_nobody_yet() -> None:
    assert Looks(lost_s=5.0).see(walker(None)) == []


@pytest.mark.parametrize(("lost_looks", "kept"), [(1, True), (5, True), (6, False)])
def test_the_lost_are_kept_for_a_while(lost_looks: int, kept: bool) -> None:
    looks = Looks(lost_s=5.0)
    looks.see(walker(1))
    assert bool(looks.see(times=lost_looks)) is kept


@pytest.mark.parametrize(
    ("again", "number"),
    [
        (walker(2), 1),  # a new track where the old one was lost
        (walker(2, 0.6), 1),  # a step further
        (walker(2, 0.9), 2),  # somebody else, elsewhere
        (walker(2, label="car"), 2),  # a car is not a person
        (
            Detection(box=(0.49, 0.6, 0.51, 0.7), confidence=0.6, label="person", track_id=2),
            2,
        ),  # small
    ],
)
def test_who_appears_where_one_stood_is_the_same(again: Detection, number: int) -> None:
    looks = Looks(lost_s=20.0)
    looks.see(walker(1), times=4)
    looks.see(times=7)
    assert len(looks.see(again)) == number


def test_who_appears_where_one_walked_is_somebody_else() -> None:
    looks = Looks(lost_s=20.0)
    for step in range(4):
        looks.see(walker(1, 0.1 + 0.2 * step))
    looks.see(times=7)
    assert len(looks.see(walker(2, 0.7))) == 2


def test_as_long_as_the_tracker_remembers_it_knows_better() -> None:
    looks = Looks(lost_s=20.0)
    looks.see(walker(1), times=4)
    looks.see(times=4)
    assert len(looks.see(walker(2))) == 2


def test_a_reconnect_is_bridged_although_its_seconds_do_not_all_count() -> None:
    looks = Looks(lost_s=10.0)
    looks.see(walker(1), times=4)
    looks.at_s += 600.0
    looks.presences.observe((walker(2),), looks.at_s, 5.0)
    assert [one.track_id for one in looks.presences.all] == [2]


def test_two_who_are_seen_together_are_two() -> None:
    looks = Looks(lost_s=5.0)
    looks.see(walker(1))
    assert len(looks.see(walker(1), walker(2, 0.52))) == 2


def test_one_new_track_takes_one_lost_presence_the_nearest() -> None:
    looks = Looks(lost_s=20.0)
    looks.see(walker(1, 0.4), walker(2, 0.6), times=4)
    looks.see(times=7)
    found = looks.see(walker(3, 0.58))
    assert sorted((one.track_id, one.is_seen) for one in found) == [(1, False), (3, True)]


@pytest.mark.parametrize(("x", "number"), [(0.93, 1), (0.95, 2), (0.05, 2)])
def test_who_leaves_at_the_edge_is_not_who_comes_there(x: float, number: int) -> None:
    looks = Looks(lost_s=20.0)
    looks.see(walker(1, x), times=4)
    looks.see(times=7)
    assert len(looks.see(walker(2, x))) == number


def test_a_car_that_looks_like_a_truck_when_it_is_seen_again_is_the_same() -> None:
    looks = Looks(lost_s=20.0)
    looks.see(walker(1, label="car"), times=4)
    looks.see(times=7)
    assert [one.label for one in looks.see(walker(2, label="truck"))] == ["car"]


@pytest.mark.parametrize(
    ("lost_looks", "again", "is_same"),
    [
        (1, walker(1, 0.96), True),
        (2, walker(1, 0.96), True),
        (3, walker(1, 0.96), False),  # at the edge: one has left, another has come
        (3, walker(1, 0.5), True),
        (3, Detection(box=(0.4, 0.1, 0.6, 0.9), confidence=0.6, label="person", track_id=1), False),
    ],
)
def test_a_number_that_the_tracker_gives_again_after_some_seconds_is_doubted(
    lost_looks: int, again: Detection, is_same: bool
) -> None:
    looks = Looks(lost_s=20.0)
    (before,) = looks.see(walker(1, again.box[0] + 0.05), times=4)
    looks.see(times=lost_looks)
    (after,) = looks.see(again)
    assert (after is before) is is_same


@pytest.mark.parametrize(
    ("before", "known"),
    [
        (walker(None, 0.56), True),  # a step away, not numbered yet
        (walker(None, 0.9), False),  # somebody else
        (walker(None, 0.56, label="car"), False),
    ],
)
def test_a_new_track_knows_where_it_was_before_it_had_a_number(
    before: Detection, known: bool
) -> None:
    looks = Looks(lost_s=5.0)
    looks.see(before)
    (one,) = looks.see(walker(1))
    assert one.came_from == (before.box if known else None)
