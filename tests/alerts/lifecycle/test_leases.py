"""How long an acknowledgement holds: by priority, and while its holder works or waits."""

from dataclasses import replace

import pytest

from tests.alerts.lifecycle.test_state_machine import (
    ACK,
    CLOSED,
    CONFIRMED,
    GIVE,
    HELD,
    LEASES,
    NEW,
    NOW,
    REJECT,
    REJECTED,
    order,
)
from thapcanh.alerts.alert.alert_state import AlertProgress, AlertState, TransitionReason
from thapcanh.alerts.lifecycle.state_machine import decide, expire


@pytest.mark.parametrize(("priority", "lease_s"), [(1, 120.0), (2, 600.0), (3, 3600.0)])
def test_an_acknowledgement_is_a_lease_by_priority(priority: int, lease_s: float) -> None:
    life = decide(replace(NEW, priority=priority), order(ACK), NOW, LEASES).life
    assert (life.owner, life.acknowledged_at, life.lease_until) == ("an", NOW, NOW + lease_s)
    assert expire(life, NOW + lease_s - 0.01, LEASES) is None
    expired = expire(life, NOW + lease_s, LEASES)
    assert expired is not None
    assert (expired.why, expired.by) == (TransitionReason.LEASE_EXPIRED, "an")
    assert (expired.life.state, expired.life.owner) == (AlertState.NEW, None)


@pytest.mark.parametrize("life", [NEW, CONFIRMED, REJECTED, CLOSED])
def test_only_what_is_held_can_expire(life: AlertProgress) -> None:
    assert expire(life, 1e12, LEASES) is None


def test_the_lease_waits_while_a_leader_is_awaited() -> None:
    urgent = replace(HELD, priority=1, lease_until=NOW + 20)
    asked = decide(urgent, order(REJECT), NOW, LEASES).life
    assert asked.cosign_wanted_by == "an"
    assert expire(asked, NOW + 1799.9, LEASES) is None
    given = decide(asked, order(GIVE), NOW + 60, LEASES).life
    assert (given.owner, given.lease_until) == ("binh", NOW + 1800)
    forgotten = expire(asked, NOW + 1800, LEASES, worked_at=NOW + 1790)
    assert forgotten is not None  # nobody answers for it: it is heard again
    assert (forgotten.why, forgotten.life.owner) == (TransitionReason.LEASE_EXPIRED, None)


def test_a_lease_does_not_run_out_while_its_holder_works_on_others() -> None:
    urgent = decide(replace(NEW, priority=1), order(ACK), NOW, LEASES).life
    end = NOW + 120
    kept = expire(urgent, end, LEASES, worked_at=end - 10)
    assert kept is not None
    assert (kept.why, kept.life.owner, kept.life.lease_until) == (
        TransitionReason.LEASE_RENEWED, "an", end + 110,
    )  # fmt: skip
    assert kept.life.held_since == NOW
    idle = expire(urgent, end, LEASES, worked_at=end - 120)
    assert idle is not None
    assert idle.why is TransitionReason.LEASE_EXPIRED
    longest = replace(urgent, lease_until=NOW + 1200)
    over = expire(longest, NOW + 1200, LEASES, worked_at=NOW + 1199)
    assert over is not None
    assert (
        over.why is TransitionReason.LEASE_EXPIRED
    )  # worked on or not, nobody judged it for 20 minutes


@pytest.mark.parametrize("asked", [False, True])
def test_a_lease_begins_again_where_the_clock_was_put_back(*, asked: bool) -> None:
    """An hour back, nobody heard of a held P1 for an hour."""
    before, lease_s = NOW + 3600, 1800.0 if asked else 120.0
    life = decide(replace(NEW, priority=1), order(ACK), before, LEASES).life
    life = decide(life, order(REJECT), before, LEASES).life if asked else life
    assert expire(life, before - 59, LEASES) is None  # clocks of one site may differ so much
    again = expire(life, NOW, LEASES)
    assert again is not None
    assert (again.why, again.life.owner) == (TransitionReason.LEASE_RENEWED, "an")
    assert (again.life.held_since, again.life.lease_until) == (NOW, NOW + lease_s)
    over = expire(again.life, NOW + lease_s, LEASES, worked_at=before)  # which is yet to come
    assert over is not None
    assert over.why is TransitionReason.LEASE_EXPIRED
