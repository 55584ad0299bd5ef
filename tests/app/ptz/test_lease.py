"""Who may turn a camera: first come, then rank; nobody for ever."""

import pytest

from thapcanh.app.ptz.lease import (
    RENEWED_WITHIN_S,
    USED_WITHIN_S,
    Holder,
    LeaseEnd,
    LeaseResult,
    Rank,
    ended,
    request_lease,
)


def _holder(name: str, rank: Rank = Rank.OFFICER) -> Holder:
    return Holder(key=f"key-{name}", username=name, name=name, role="operator", rank=rank)


AN, BINH = _holder("an"), _holder("binh")
CHIEF = _holder("chi", Rank.LEADER)
PATROL = _holder("tuan-tra", Rank.PATROL)


@pytest.mark.parametrize(
    ("has", "asks", "take_over", "result"),
    [
        (None, AN, False, LeaseResult.ACQUIRED),
        (AN, AN, False, LeaseResult.RENEWED),
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
    held = request_lease(None, has, 10.0, take_over=False)[1] if has else None
    found, lease = request_lease(held, asks, 11.0, take_over=take_over)
    assert found is result
    expected = has if result is LeaseResult.HELD else asks
    assert lease.holder == expected


def test_it_ends_when_the_page_is_gone_or_nothing_is_done() -> None:
    lease = request_lease(None, AN, 0.0, take_over=False)[1]
    assert ended(lease, RENEWED_WITHIN_S - 0.1) is None
    assert ended(lease, RENEWED_WITHIN_S) is LeaseEnd.PAGE_CLOSED
    now = 0.0
    while now < USED_WITHIN_S - RENEWED_WITHIN_S:
        now += RENEWED_WITHIN_S / 2
        lease = request_lease(lease, AN, now, take_over=False)[1]
    assert ended(lease, USED_WITHIN_S - 0.1) is None
    lease = request_lease(lease, AN, USED_WITHIN_S - 0.1, take_over=False)[1]
    assert ended(lease, USED_WITHIN_S) is LeaseEnd.UNUSED


def test_what_is_over_is_anybodys() -> None:
    lease = request_lease(None, CHIEF, 0.0, take_over=False)[1]
    result, new = request_lease(lease, PATROL, RENEWED_WITHIN_S, take_over=False)
    assert (result, new.holder) == (LeaseResult.ACQUIRED, PATROL)
