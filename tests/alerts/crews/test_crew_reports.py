"""What becomes of a crew's report, and when it happened: pure decisions."""

import pytest

from thapcanh.alerts.crews.crew_reports import (
    OLDEST_S,
    CrewOutcome,
    CrewState,
    crew_state,
    happened_at,
    state_outcome,
)

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("told", "sent", "expected"),
    [
        (50.0, 650.0, NOW - 600),  # held for ten minutes, by a clock that is wrong by years
        (650.0, 650.0, NOW),
        (700.0, 650.0, NOW),  # the clock was set back meanwhile
        (0.0, 1e9, NOW - OLDEST_S),
    ],
)
def test_a_phones_wrong_clock_moves_nothing(told: float, sent: float, expected: float) -> None:
    assert happened_at(told, sent, NOW) == expected


def test_a_unit_never_goes_back() -> None:
    states = [None, *CrewState]
    for number, before in enumerate(states):
        for later, told in enumerate(CrewState, 1):
            expected = CrewOutcome.DONE if later > number else CrewOutcome.LATE
            if told is before:
                expected = CrewOutcome.ALREADY
            assert state_outcome(before, told) is expected


def test_what_an_officer_wrote_for_the_unit_is_a_state_too() -> None:
    answers = (None, "Đã nhận lệnh", "en_route", "controlled", "finished")
    assert [crew_state(one) for one in answers] == [
        None, CrewState.ACKNOWLEDGED, CrewState.EN_ROUTE, CrewState.ON_SCENE, CrewState.FINISHED,
    ]  # fmt: skip
