"""Who is here: kept over lost looks and new track numbers, and let go in time."""

from collections.abc import Sequence

import pytest

from detection.detections import Row
from detection.presence import Presences


def walker(track_id: int | None, x: float = 0.5, label: str = "person") -> Row:
    return Row(box=(x - 0.05, 0.3, x + 0.05, 0.7), confidence=0.6, label=label, track_id=track_id)


def looks(presences: Presences, *each: Sequence[Row], step_s: float = 1.0) -> None:
    for rows in each:
        presences.look(rows, step_s)


def test_one_track_is_one_presence() -> None:
    presences = Presences(lost_s=5.0)
    looks(presences, [walker(1)], [walker(1, 0.52)], [walker(1, 0.54)])
    (one,) = presences.all
    assert one.is_seen
    assert one.at == pytest.approx((0.54, 0.7))


def test_a_box_without_a_track_is_nobody_yet() -> None:
    presences = Presences(lost_s=5.0)
    looks(presences, [walker(None)])
    assert presences.all == []


@pytest.mark.parametrize(("lost_looks", "kept"), [(1, True), (5, True), (6, False)])
def test_the_lost_are_kept_for_a_while(lost_looks: int, kept: bool) -> None:
    presences = Presences(lost_s=5.0)
    looks(presences, [walker(1)], *[[]] * lost_looks)
    assert bool(presences.all) is kept


@pytest.mark.parametrize(
    ("again", "number"),
    [
        (walker(2), 1),  # a new track where the old one was lost
        (walker(2, 0.6), 1),  # a step further
        (walker(2, 0.9), 2),  # somebody else, elsewhere
        (walker(2, label="car"), 2),  # a car is not a person
    ],
)
def test_who_appears_where_one_was_lost_is_the_same(again: Row, number: int) -> None:
    presences = Presences(lost_s=5.0)
    looks(presences, [walker(1)], [], [again])
    assert len(presences.all) == number


def test_two_who_are_seen_together_are_two() -> None:
    presences = Presences(lost_s=5.0)
    looks(presences, [walker(1)], [walker(1), walker(2, 0.52)])
    assert len(presences.all) == 2


def test_one_new_track_takes_one_lost_presence_the_nearest() -> None:
    presences = Presences(lost_s=9.0)
    looks(presences, [walker(1, 0.4), walker(2, 0.6)], [], [walker(3, 0.58)])
    assert sorted((one.track_id, one.is_seen) for one in presences.all) == [(1, False), (3, True)]
