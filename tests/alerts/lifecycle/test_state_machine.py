"""The life of an alert: every state with every command, and what each answers."""

from dataclasses import replace

import pytest

from thapcanh.alerts.alert.alert_state import (
    AlertCommand,
    AlertProgress,
    AlertState,
    CommandOutcome,
    Leases,
    RejectReason,
    TransitionReason,
)
from thapcanh.alerts.lifecycle.state_machine import decide, expire
from thapcanh.alerts.store.roles import AlertAction, Role

NOW = 1000.0
LEASES = Leases()

NEW = AlertProgress(state=AlertState.NEW, priority=2, version=5, people_version=1)
HELD = replace(
    NEW,
    state=AlertState.ACKNOWLEDGED,
    owner="an",
    acknowledged_at=900.0,
    held_since=900.0,
    lease_until=1500.0,
    people_version=5,
)
CONFIRMED = replace(
    HELD,
    state=AlertState.CONFIRMED,
    lease_until=None,
    verdict=AlertState.CONFIRMED,
    verdict_by="an",
    verdict_at=950.0,
)
REJECTED = replace(
    CONFIRMED,
    state=AlertState.REJECTED,
    verdict=AlertState.REJECTED,
    reject_reason=RejectReason.STEAM,
)
CLOSED = replace(CONFIRMED, state=AlertState.CLOSED, closed_by="binh", closed_at=970.0)
LIVES = {
    AlertState.NEW: NEW,
    AlertState.ACKNOWLEDGED: HELD,
    AlertState.CONFIRMED: CONFIRMED,
    AlertState.REJECTED: REJECTED,
    AlertState.CLOSED: CLOSED,
}


def order(
    action: AlertAction, *, by: str = "an", role: Role = Role.OPERATOR, version: int = 5
) -> AlertCommand:
    reason = "steam" if action is AlertAction.REJECT else None
    to = "binh" if action is AlertAction.HAND_OVER else None
    return AlertCommand(
        action=action,
        username=by,
        role=role,
        expected_version=version,
        reason=reason,
        note="đang gọi 114",
        to=to,
    )


ACK, CONFIRM, REJECT, CLOSE, REOPEN, CLAIM, GIVE, NOTE, RECEIPT = AlertAction
N, A, C, R, X = AlertState

# state, action; then by the holder (an), another operator (chi), a leader (le): what, why, state
TABLE = [
    (N, ACK, ("done", "taken", A), ("done", "taken", A), ("done", "taken", A)),
    (N, CONFIRM, *[("invalid", "not_acknowledged", N)] * 3),
    (N, REJECT, *[("invalid", "not_acknowledged", N)] * 3),
    (N, CLOSE, *[("invalid", "no_verdict", N)] * 3),
    (N, REOPEN, *[("forbidden", "no_right", N)] * 2, ("already", "not_finished", N)),
    (N, CLAIM, *[("done", "taken", A)] * 3),
    (N, GIVE, *[("invalid", "not_acknowledged", N)] * 3),
    (N, NOTE, *[("done", "noted", N)] * 3),
    (A, ACK, *[("already", "held", A)] * 3),
    (A, CONFIRM, ("done", "confirmed", C), ("conflict", "held", A), ("done", "confirmed", C)),
    (A, REJECT, ("done", "rejected", R), ("conflict", "held", A), ("done", "rejected", R)),
    (A, CLOSE, *[("invalid", "no_verdict", A)] * 3),
    (A, REOPEN, *[("forbidden", "no_right", A)] * 2, ("already", "not_finished", A)),
    (A, CLAIM, ("already", "held", A), *[("done", "claimed", A)] * 2),
    (A, GIVE, ("done", "handed_over", A), ("conflict", "not_mine", A), ("done", "handed_over", A)),
    (A, NOTE, *[("done", "noted", A)] * 3),
    (C, ACK, *[("already", "verdict_given", C)] * 3),
    (C, CONFIRM, *[("already", "verdict_given", C)] * 3),
    (C, REJECT, *[("conflict", "verdict_given", C)] * 3),
    (C, CLOSE, *[("done", "closed", X)] * 3),
    (C, REOPEN, *[("forbidden", "no_right", C)] * 2, ("done", "reopened", A)),
    (C, CLAIM, ("already", "held", C), *[("done", "claimed", C)] * 2),
    (C, GIVE, ("done", "handed_over", C), ("conflict", "not_mine", C), ("done", "handed_over", C)),
    (C, NOTE, *[("done", "noted", C)] * 3),
    (R, ACK, *[("already", "verdict_given", R)] * 3),
    (R, CONFIRM, *[("conflict", "verdict_given", R)] * 3),
    (R, REJECT, *[("already", "verdict_given", R)] * 3),
    (R, CLOSE, *[("done", "closed", X)] * 3),
    (R, REOPEN, *[("forbidden", "no_right", R)] * 2, ("done", "reopened", A)),
    (R, CLAIM, *[("conflict", "verdict_given", R)] * 3),
    (R, GIVE, *[("conflict", "verdict_given", R)] * 3),
    (R, NOTE, *[("done", "noted", R)] * 3),
    (X, ACK, *[("conflict", "closed", X)] * 3),
    (X, CONFIRM, *[("conflict", "closed", X)] * 3),
    (X, REJECT, *[("conflict", "closed", X)] * 3),
    (X, CLOSE, *[("already", "closed", X)] * 3),
    (X, REOPEN, *[("forbidden", "no_right", X)] * 2, ("done", "reopened", A)),
    (X, CLAIM, *[("conflict", "closed", X)] * 3),
    (X, GIVE, *[("conflict", "closed", X)] * 3),
    (X, NOTE, *[("done", "noted", X)] * 3),
]
WHO = (("an", Role.OPERATOR), ("chi", Role.OPERATOR), ("le", Role.LEADER))
CASES = [
    (state, action, who, expected)
    for state, action, *answers in TABLE
    for who, expected in zip(WHO, answers, strict=True)
]


def test_the_table_is_whole() -> None:
    assert {(state, action) for state, action, *_ in TABLE} == {
        (s, a)
        for s in AlertState
        for a in set(AlertAction) - {RECEIPT}  # is an agency's alone
    }


@pytest.mark.parametrize(("state", "action", "who", "expected"), CASES)
def test_table(
    state: AlertState,
    action: AlertAction,
    who: tuple[str, Role],
    expected: tuple[str, str, AlertState],
) -> None:
    life = LIVES[state]
    decision = decide(life, order(action, by=who[0], role=who[1]), NOW, LEASES)
    assert (decision.outcome, decision.why, decision.life.state) == expected
    if decision.outcome is not CommandOutcome.DONE:
        assert decision.life == life


@pytest.mark.parametrize("state", list(LIVES))
def test_an_agency_says_that_it_has_read_and_moves_nothing(state: AlertState) -> None:
    """Nor does it make an officer's command stale."""
    life = LIVES[state]
    for action in (AlertAction.RECEIPT, AlertAction.NOTE):
        said = replace(order(action, by="pc07", role=Role.AGENCY), note="đã cử tổ tuần tra")
        decision = decide(life, said, NOW, LEASES)
        assert (decision.outcome, decision.life) == (CommandOutcome.DONE, life)
    for action in set(AlertAction) - {AlertAction.RECEIPT, AlertAction.NOTE}:
        refused = decide(life, order(action, by="pc07", role=Role.AGENCY), NOW, LEASES)
        assert refused.outcome is CommandOutcome.FORBIDDEN
    officer = decide(life, order(AlertAction.RECEIPT, role=Role.LEADER), NOW, LEASES)
    assert officer.outcome is CommandOutcome.FORBIDDEN


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICIAN, Role.AUDITOR])
@pytest.mark.parametrize("action", list(AlertAction))
def test_who_only_looks_has_no_right_to_any_command(role: Role, action: AlertAction) -> None:
    decision = decide(NEW, order(action, role=role), NOW, LEASES)
    assert (decision.outcome, decision.why) == (CommandOutcome.FORBIDDEN, TransitionReason.NO_RIGHT)


@pytest.mark.parametrize(
    ("action", "who"), [(AlertAction.HAND_OVER, "an"), (AlertAction.CLAIM, "binh")]
)
def test_the_first_answer_stays_in_whosever_hands_it_is(action: AlertAction, who: str) -> None:
    held = decide(NEW, order(ACK), NOW, LEASES).life
    given = decide(held, replace(order(action, by=who), to="binh"), NOW + 40, LEASES).life
    assert (given.owner, given.acknowledged_at, given.held_since) == ("binh", NOW, NOW + 40)
    freed = expire(given, NOW + 10_000, LEASES)
    assert freed is not None
    again = decide(freed.life, order(ACK), NOW + 10_001, LEASES).life
    assert (again.acknowledged_at, again.held_since) == (NOW, NOW + 10_001)


def test_already_and_conflict_say_who_and_when() -> None:
    taken = decide(HELD, order(ACK, by="chi"), NOW, LEASES)
    assert (taken.by, taken.at) == ("an", 900.0)
    judged = decide(CONFIRMED, order(REJECT, by="chi"), NOW, LEASES)
    assert (judged.by, judged.at) == ("an", 950.0)
    closed = decide(CLOSED, order(CONFIRM, by="chi"), NOW, LEASES)
    assert (closed.by, closed.at) == ("binh", 970.0)


@pytest.mark.parametrize(
    ("reason", "why"),
    [(None, TransitionReason.REASON_MISSING), ("boredom", TransitionReason.REASON_UNKNOWN)],
)
def test_rejecting_needs_a_reason_of_the_list(reason: str | None, why: TransitionReason) -> None:
    decision = decide(HELD, replace(order(REJECT), reason=reason), NOW, LEASES)
    assert (decision.outcome, decision.why) == (CommandOutcome.INVALID, why)


@pytest.mark.parametrize("reason", list(RejectReason))
def test_every_reason_of_the_list_is_good(reason: RejectReason) -> None:
    life = decide(HELD, replace(order(REJECT), reason=reason.value), NOW, LEASES).life
    assert (life.state, life.reject_reason) == (AlertState.REJECTED, reason)


HELD_P1 = replace(HELD, priority=1)


def test_an_operators_rejection_of_a_p1_waits_for_a_leader() -> None:
    asked = decide(HELD_P1, order(REJECT), NOW, LEASES)
    assert (asked.outcome, asked.why) == (CommandOutcome.DONE, TransitionReason.AWAITS_COSIGN)
    assert asked.life.state is AlertState.ACKNOWLEDGED
    assert asked.life.lease_until == NOW + LEASES.cosign_s
    again = decide(asked.life, order(REJECT), NOW, LEASES)
    assert (again.outcome, again.why) == (CommandOutcome.ALREADY, TransitionReason.AWAITS_COSIGN)
    signed = decide(
        asked.life, replace(order(REJECT, by="le", role=Role.LEADER), reason=None), NOW, LEASES
    )
    assert (signed.why, signed.life.state) == (TransitionReason.COSIGNED, AlertState.REJECTED)
    assert (signed.life.reject_reason, signed.life.verdict_by) == (RejectReason.STEAM, "le")
    assert signed.life.cosign_wanted_by is None


def test_a_leader_may_overrule_a_rejection_that_waits() -> None:
    asked = decide(HELD_P1, order(REJECT), NOW, LEASES).life
    overruled = decide(asked, order(CONFIRM, by="le", role=Role.LEADER), NOW, LEASES)
    assert overruled.life.state is AlertState.CONFIRMED
    assert (overruled.life.reject_reason, overruled.life.cosign_wanted_by) == (None, None)


def test_a_rejection_that_waits_outlives_the_lease() -> None:
    asked = decide(HELD_P1, order(REJECT), NOW, LEASES).life
    expired = expire(asked, 1e9, LEASES)
    assert expired is not None
    signed = decide(expired.life, order(REJECT, by="le", role=Role.LEADER), 1e9, LEASES)
    assert signed.life.state is AlertState.REJECTED


def test_leaders_reject_a_p1_directly() -> None:
    decision = decide(HELD_P1, order(REJECT, by="le", role=Role.LEADER), NOW, LEASES)
    assert (decision.why, decision.life.state) == (TransitionReason.REJECTED, AlertState.REJECTED)


def test_reopening_begins_a_new_lease_and_forgets_the_verdict() -> None:
    life = decide(CLOSED, order(REOPEN, by="le", role=Role.LEADER), NOW, LEASES).life
    assert (life.owner, life.lease_until, life.verdict, life.closed_at) == (
        "le",
        NOW + 600,
        None,
        None,
    )


def test_what_the_detector_changed_does_not_make_a_command_stale() -> None:
    life = replace(HELD, version=9, people_version=5)
    assert decide(life, order(CONFIRM, version=5), NOW, LEASES).outcome is CommandOutcome.DONE


def test_what_people_changed_makes_a_command_stale() -> None:
    life = replace(HELD, version=9, people_version=8)
    decision = decide(life, order(CONFIRM, version=7), NOW, LEASES)
    assert (decision.outcome, decision.life) == (CommandOutcome.STALE, life)


def test_taking_what_is_free_again_is_never_stale() -> None:
    life = replace(NEW, version=9, people_version=8)
    assert decide(life, order(ACK, version=1), NOW, LEASES).outcome is CommandOutcome.DONE


def test_a_version_from_the_future_is_stale() -> None:
    assert decide(HELD, order(CONFIRM, version=6), NOW, LEASES).outcome is CommandOutcome.STALE


@pytest.mark.parametrize("version", [1, 5, 6])
def test_acknowledging_is_never_stale_whatever_was_seen(version: int) -> None:
    assert decide(NEW, order(ACK, version=version), NOW, LEASES).why is TransitionReason.TAKEN
