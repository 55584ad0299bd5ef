"""Whose film is, by who owned the camera when it was taken."""

import pytest

from thapcanh.alerts.registry.recording_rights import (
    SEES_ALL_RECORDINGS,
    FormerOwner,
    RecordingRights,
    owner_at,
    recording_rights,
)
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter

INF = float("inf")
A = DataFilter(agencies=frozenset({"a"}))
AB = DataFilter(agencies=frozenset({"a", "b"}))
WARD = DataFilter(areas=frozenset({"ward"}))
HISTORY = (
    FormerOwner(agency="a", area=None, until=100.0),
    FormerOwner(agency="b", area="ward", until=200.0),
    FormerOwner(agency="c", area="ward", until=200.0),  # for no time at all
)


@pytest.mark.parametrize(
    ("scope", "present", "stretches"),
    [
        (A, ("a", None), ((-INF, 100.0), (200.0, INF))),
        (AB, ("a", None), ((-INF, INF),)),
        (A, ("c", None), ((-INF, 100.0),)),
        (WARD, ("c", None), ((100.0, 200.0),)),
        (A, None, ((-INF, 100.0),)),
        (DataFilter(agencies=frozenset({"c"})), None, ()),
        (DataFilter(agencies=frozenset()), ("a", None), ()),
    ],
)
def test_each_sees_the_film_of_its_own_time(
    scope: DataFilter,
    present: tuple[str | None, str | None] | None,
    stretches: tuple[tuple[float, float], ...],
) -> None:
    found = recording_rights(scope, HISTORY, present)
    assert found == RecordingRights(stretches=stretches)
    assert bool(found) is bool(stretches)


def test_without_a_change_of_hands_all_is_seen() -> None:
    assert recording_rights(A, (), ("a", None)) == SEES_ALL_RECORDINGS
    assert recording_rights(EVERYTHING, HISTORY, ("a", None)) == SEES_ALL_RECORDINGS


def test_a_stretch_that_spans_a_change_is_covered_by_who_sees_both() -> None:
    own, both = (
        recording_rights(A, HISTORY, ("a", None)),
        recording_rights(AB, HISTORY, ("a", None)),
    )
    assert (own.covers(90.0, 110.0), both.covers(90.0, 110.0)) == (False, True)
    assert own.cut(50.0, 250.0) == [(50.0, 100.0), (200.0, 250.0)]
    assert (own.begins, RecordingRights(stretches=()).begins) == (-INF, INF)


def test_the_owner_of_a_moment() -> None:
    present = ("d", None)
    owners = [owner_at(HISTORY, present, at)[0] for at in (0.0, 99.9, 100.0, 199.9, 200.0, 9e9)]
    assert owners == ["a", "a", "b", "b", "d", "d"]
