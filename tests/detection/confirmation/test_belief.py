"""Belief: what the witness says, what is usual here, and what holds where nobody says anything."""

import pytest

from thapcanh.detection.confirmation.belief import (
    HARDLY,
    Belief,
    BeliefSources,
    Reason,
    believe,
)
from thapcanh.detection.confirmation.habits import HabitMap
from thapcanh.detection.confirmation.witness_answer import STANDS_AT
from thapcanh.detection.event import BELIEVED


@pytest.mark.parametrize(
    ("log_odds", "value"), [(0.0, 0.5), (2.2, 0.9), (-2.2, 0.1), (1e6, 1.0), (-1e6, 0.0)]
)
def test_belief_is_the_probability_that_the_witness_gives(log_odds: float, value: float) -> None:
    belief = believe(witness=log_odds, habit=None)
    assert belief.value == pytest.approx(value, abs=1e-3)
    assert belief.by_name == (("witness", round(log_odds, 2)),)
    assert belief.is_believed is (belief.value >= BELIEVED)
    assert belief.must_last is (belief.value < HARDLY)


@pytest.mark.parametrize(("habit", "weight"), [(None, None), (0.05, None), (0.5, -2.0), (1.0, -4)])
def test_what_is_usual_here_needs_more(habit: float | None, weight: float | None) -> None:
    assert dict(believe(witness=1.0, habit=habit).by_name).get("usual") == weight


def test_where_nobody_says_anything_it_is_believed_as_it_stands() -> None:
    assert believe(witness=None, habit=None) == Belief(value=BELIEVED)
    assert believe(witness=None, habit=None).is_believed
    assert not believe(witness=None, habit=1.0).is_believed  # it came to nothing here each day


def test_its_reasons_are_told_with_the_probability() -> None:
    assert believe(witness=2.2, habit=None).told == "witness 90%"
    assert believe(witness=2.2, habit=0.9).told == "witness 90%, usual here"
    assert believe(witness=9.0, habit=None).told == "witness 99%"
    assert believe(witness=-9.0, habit=None).told == "witness 1%"
    belief = Belief(value=0.3, reasons=(Reason(name="usual", weight=-2.04999, text="usual"),))
    assert belief.by_name == (("usual", -2.05),)


def test_a_rule_of_a_package_asks_for_the_habit_without_the_witness_answer() -> None:
    """As `RuleInput.habit` was promised before the witness' answer could be told."""
    corner = (0.0, 0.0, 0.1, 0.1)
    habit = BeliefSources(habits=HabitMap(0.0)).habit_at(1.0)
    assert habit is not None
    assert habit("smoke", corner) == habit("smoke", corner, STANDS_AT)
