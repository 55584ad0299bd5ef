"""Repeated rejections name a place; a mask is suggested only where it is safe to be blind."""

from typing import Any

import pytest

from tests.alerts.desk import NOW, Desk, take
from tests.alerts.queue.fake_events import FIRST_AT
from thapcanh.alerts.alert.alert_state import RejectReason
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import EVERYTHING, AlertAction, DataFilter
from thapcanh.alerts.suppression.nuisances import (
    NoMask,
    NuisanceVerdict,
    alerts_with_verdict,
    nuisances,
)

LAMP = (0.10, 0.10, 0.15, 0.15)
BESIDE = (0.16, 0.10, 0.21, 0.15)
FAR = (0.7, 0.7, 0.8, 0.8)


def judged(number: int, region: tuple[float, ...] = LAMP, **facts: Any) -> NuisanceVerdict:
    told: dict[str, Any] = {
        "alert_id": f"a{number}",
        "camera_id": "gate",
        "kind": "fire",
        "rule_id": "fire",
        "zone_id": None,
        "region": region,
        "raised_at": 1000.0 - number,
        "sightings": 2,
        "reject_reason": "lights",
    }
    return NuisanceVerdict(**{**told, **facts})


def test_three_at_one_place_are_a_nuisance_with_a_mask() -> None:
    seen = [judged(1), judged(2, BESIDE, kind="smoke"), judged(3), judged(4, FAR)]
    (place,) = nuisances(seen, at_least=3)
    assert [one.alert_id for one in place.rejected] == ["a1", "a2", "a3"]
    assert place.region == (0.10, 0.10, 0.21, 0.15)
    assert place.reasons == {"lights": 3}
    assert place.why_no_mask is None
    assert place.mask is not None
    (left, top), _, (right, bottom), _ = place.mask
    assert left < 0.10
    assert top < 0.10
    assert right > 0.21
    assert bottom > 0.15


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ([judged(9, reject_reason=None)], NoMask.CONFIRMED_THERE),
        ([judged(9, FAR, reject_reason=None)], None),  # a true one elsewhere says nothing
        ([judged(9, camera_id="yard", reject_reason=None)], None),
        ([judged(9, (0.0, 0.0, 0.6, 0.6))], NoMask.TOO_LARGE),
    ],
)
def test_when_no_mask_is_advised(others: list[NuisanceVerdict], why: NoMask | None) -> None:
    (place,) = nuisances([judged(1), judged(2), judged(3), *others], at_least=3)
    assert place.why_no_mask == why
    assert (place.mask is None) is (why is not None)


def test_a_zones_walkers_are_listed_without_a_mask() -> None:
    zone: dict[str, Any] = {
        "kind": "intrusion",
        "rule_id": "night",
        "zone_id": "yard",
        "reject_reason": "other",
    }
    seen = [judged(1, **zone), judged(2, FAR, **zone), judged(3, **zone)]
    (place,) = nuisances(seen, at_least=3)
    assert (place.why_no_mask, place.mask) == (NoMask.ZONE_RULE, None)
    other = [judged(4, **{**zone, "zone_id": "gate"})]
    assert len(nuisances([*seen, *other], at_least=3)) == 1


def test_the_worst_comes_first_and_two_are_none() -> None:
    few = [judged(number, FAR) for number in (1, 2, 3)]
    many = [judged(number) for number in (4, 5, 6, 7)]
    assert [len(place.rejected) for place in nuisances(few + many, at_least=3)] == [4, 3]
    assert nuisances(few[:2], at_least=3) == []


def test_the_archive_tells_what_was_judged(archive: Archive) -> None:
    ids = []
    for seq in (1, 2, 3):
        box = (0.1 * seq, 0.1, 0.05, 0.05)
        own = {"event_id": f"e{seq}", "zone_id": f"z{seq}", "priority": 2}
        take(archive, seq, **own, box=box, captured_at=FIRST_AT + seq)
        ids.append(archive.alerts().items[0].id)
    rejected, confirmed, _ = (Desk(archive, one) for one in ids)
    for number, desk in enumerate((rejected, confirmed)):
        desk.do(AlertAction.ACKNOWLEDGE, now=NOW, idempotency_key=f"a{number}")
    rejected.do(AlertAction.REJECT, now=NOW + 1, idempotency_key="r", reason=RejectReason.LIGHTS)
    confirmed.do(AlertAction.CONFIRM, now=NOW + 1, idempotency_key="c")
    found = {one.alert_id: one for one in alerts_with_verdict(archive.database, 0.0, EVERYTHING)}
    assert {found[one].reject_reason for one in ids[:2]} == {"lights", None}
    assert len(found) == 2
    assert found[ids[0]].region == pytest.approx((0.1, 0.1, 0.15, 0.15))
    assert alerts_with_verdict(archive.database, FIRST_AT + 9, EVERYTHING) == []
    assert alerts_with_verdict(archive.database, 0.0, DataFilter(agencies=frozenset({"evn"}))) == []
