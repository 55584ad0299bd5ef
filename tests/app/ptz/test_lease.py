"""Who may turn a camera: first come, then rank; nobody for ever."""

import pytest

from thapcanh.app.ptz.lease import (
    SEEN_WITHIN_S,
    USED_WITHIN_S,
    Holder,
    LeaseEnd,
    LeaseResult,
    Rank,
    ask_for_lease,
    ended,
)


def _holder(name: str, rank: Rank = Rank.OFFICER) -> Holder:
    return Holder(key=f"key-{name}", username=name, name=name, role="operator", rank=rank)


AN, BINH = _holder("an"), _holder("binh")
CHIEF = _holder("chi", Rank.LEADER)
PATROL = _holder("tuan-tra", Rank.PATROL)


@pytest.mark.parametrize(
    ("has", "asks", "take_over", "result"),
    [
        (None, AN, False, LeaseResult.TAKEN),
        (AN, AN, False, LeaseResult.KEPT),
        (AN, BINH, False, LeaseResult.HELD),
        (AN, BINH, True, LeaseResult.HELD),  # nobody takes from an equal
        (AN, CHIEF, False, LeaseResult.HELD),  # not without knowing
        (AN, CHIEF, True, LeaseResult.TAKEN_OVER),
        (PATROL, AN, True, LeaseResult.TAKEN_OVER),
        (AN, PATROL, True, LeaseResult.HELD),
        (CHIEF, AN, True, LeaseResult.HELD),
    ],
)
def test_who_gets_it(
    has: Holder | None, asks: Holder, take_over: bool, result: LeaseResult
) -> None:
    held = ask_for_lease(None, has, 10.0, take_over=False)[1] if has else None
    found, lease = ask_for_lease(held, asks, 11.0, take_over=take_over)
    assert found is result
    expected = has if result is LeaseResult.HELD else asks
    assert lease.holder == expected


def test_it_ends_when_the_page_is_gone_or_nothing_is_done() -> None:
    lease = ask_for_lease(None, AN, 0.0, take_over=False)[1]
    assert ended(lease, SEEN_WITHIN_S - 0.1) is None
    assert ended(lease, SEEN_WITHIN_S) is LeaseEnd.GONE
    now = 0.0
    while now < USED_WITHIN_S - SEEN_WITHIN_S:
        now += SEEN_WITHIN_S / 2
        lease = ask_for_lease(lease, AN, now, take_over=False)[1]
    assert ended(lease, USED_WITHIN_S - 0.1) is None
    lease = ask_for_lease(lease, AN, USED_WITHIN_S - 0.1, take_over=False)[1]
    assert ended(lease, USED_WITHIN_S) is LeaseEnd.UNUSED


def test_what_is_over_is_anybodys() -> None:
    lease = ask_for_lease(None, CHIEF, 0.0, take_over=False)[1]
    result, new = ask_for_lease(lease, PATROL, SEEN_WITHIN_S, take_over=False)
    assert (result, new.holder) == (LeaseResult.TAKEN, PATROL)
