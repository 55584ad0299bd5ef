"""Calls of an exchange: notices in any order, the first officer has it, numbers masked."""

from dataclasses import replace
from itertools import permutations

import pytest

from thapcanh.alerts.calls.incoming_calls import (
    ACCEPTED_FOR_S,
    AcceptOutcome,
    CallNotice,
    IncomingCall,
    IncomingNotice,
    IncomingState,
    advanced,
    begun,
    masked_number,
    taken,
)

NOW = 1_800_000_000.0
BEGAN = IncomingNotice(
    exchange="pbx",
    exchange_call_id="a",
    notice=CallNotice.BEGAN,
    line="114",
    caller="0912345678",
    at=NOW,
)
ANSWERED = replace(BEGAN, notice=CallNotice.ANSWERED, at=NOW + 5)
ENDED = replace(BEGAN, notice=CallNotice.ENDED, at=NOW + 60)


def heard(*notices: IncomingNotice) -> IncomingCall:
    first, *rest = notices
    call = begun("id", first)
    for told in rest:
        call = advanced(call, told)
    return call


@pytest.mark.parametrize("order", list(permutations((BEGAN, ANSWERED, ENDED))))
def test_the_order_of_notices_does_not_matter(order: tuple[IncomingNotice, ...]) -> None:
    call = heard(*order)
    assert call.state is IncomingState.ENDED
    assert (call.answered_at, call.ended_at, call.caller) == (NOW + 5, NOW + 60, "0912345678")


def test_a_number_that_was_removed_is_not_told_again() -> None:
    redacted = replace(heard(BEGAN), call_id="c", caller=None)
    assert advanced(redacted, ENDED).caller is None
    assert advanced(replace(heard(BEGAN), caller=None), ENDED).caller == BEGAN.caller


def test_what_nobody_answered_was_missed_and_twice_is_once() -> None:
    call = heard(BEGAN, ENDED)
    assert call.state is IncomingState.MISSED
    assert advanced(call, replace(ENDED, at=NOW + 99)) is call
    assert advanced(call, BEGAN) is call
    assert heard(BEGAN, ANSWERED).state is IncomingState.ANSWERED
    assert heard(replace(BEGAN, caller=None), ANSWERED).caller == "0912345678"


def test_the_first_officer_has_it_until_it_lies_too_long() -> None:
    outcome, call = taken(heard(BEGAN), "an", NOW)
    assert (outcome, call.taken_by) == (AcceptOutcome.TAKEN, "an")
    assert taken(call, "binh", NOW + ACCEPTED_FOR_S - 1)[0] is AcceptOutcome.HELD
    assert taken(call, "an", NOW + 9) == (AcceptOutcome.TAKEN, call)
    outcome, later = taken(call, "binh", NOW + ACCEPTED_FOR_S)
    assert (outcome, later.taken_by) == (AcceptOutcome.TAKEN, "binh")
    assert taken(replace(call, call_id="c"), "binh", NOW + 999)[0] is AcceptOutcome.WRITTEN


def test_a_masked_number_shows_its_last_two_digits() -> None:
    assert masked_number("0912345678") == "•••• 78"
    assert masked_number("1") == "•••• 1"
    assert masked_number(None) is None
