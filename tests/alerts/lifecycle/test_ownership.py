"""Whose alert it is: claims, hand-overs, and notes that move nothing."""

from dataclasses import replace

import pytest

from tests.alerts.lifecycle.test_state_machine import (
    CLAIM,
    CONFIRMED,
    GIVE,
    HELD,
    LEASES,
    NOTE,
    NOW,
    order,
)
from thapcanh.alerts.alert.alert_state import AlertProgress, CommandOutcome, TransitionReason
from thapcanh.alerts.lifecycle.state_machine import decide


@pytest.mark.parametrize(("life", "lease_until"), [(HELD, NOW + 600), (CONFIRMED, None)])
def test_who_claims_has_it_and_a_new_lease_until_there_is_a_verdict(
    life: AlertProgress, lease_until: float | None
) -> None:
    claimed = decide(life, order(CLAIM, by="chi"), NOW, LEASES).life
    assert (claimed.owner, claimed.lease_until) == ("chi", lease_until)


def test_who_claims_what_was_claimed_meanwhile_looks_again() -> None:
    life = replace(HELD, owner="binh", version=6, people_version=6)
    assert decide(life, order(CLAIM, by="chi"), NOW, LEASES).outcome is CommandOutcome.STALE


def test_a_handover_is_to_somebody_who_can_take_it() -> None:
    given = decide(HELD, order(GIVE), NOW, LEASES).life
    assert (given.owner, given.lease_until) == ("binh", NOW + 600)
    nobody = decide(HELD, replace(order(GIVE), to=None), NOW, LEASES)
    assert (nobody.outcome, nobody.why) == (CommandOutcome.INVALID, TransitionReason.TO_MISSING)
    asleep = replace(order(GIVE), to_refused=TransitionReason.RECEIVER_OFF_DUTY)
    refused = decide(HELD, asleep, NOW, LEASES)
    assert (refused.outcome, refused.why) == (
        CommandOutcome.INVALID,
        TransitionReason.RECEIVER_OFF_DUTY,
    )


def test_who_may_not_hand_it_over_hears_who_holds_it() -> None:
    refused = decide(HELD, order(GIVE, by="chi"), NOW, LEASES)
    assert (refused.by, refused.at) == ("an", 900.0)


def test_a_note_needs_words_and_moves_nothing() -> None:
    assert decide(HELD, order(NOTE, by="chi", version=1), NOW, LEASES).life == HELD
    silent = decide(HELD, replace(order(NOTE), note=None), NOW, LEASES)
    assert (silent.outcome, silent.why) == (CommandOutcome.INVALID, TransitionReason.NOTE_MISSING)
