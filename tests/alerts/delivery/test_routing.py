"""Who is told of what, and when."""

from dataclasses import replace
from typing import Any

import pytest

from tests.alerts.delivery.target_of_table import target_of_table
from thapcanh.alerts.delivery.routing import (
    RoutingDecision,
    RoutingReason,
    decide_route,
    is_escalated,
    is_test_due,
    on_call_for,
    quiet_until,
    target_scope,
)
from thapcanh.alerts.delivery.targets.apprise import AppriseTarget
from thapcanh.alerts.store.outbox.outgoing import UNANSWERED_TYPE, OutgoingEvent, daily_test
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Area
from thapcanh.config.targets import TargetConfig

NOON = 1_795_582_800.0  # 2026-11-25 12:00 in Hanoi
HOUR_S = 3600.0
TREE = (Area(id="hanoi", name="Hà Nội"), Area(id="hoan-kiem", name="Hoàn Kiếm", parent="hanoi"))


def target(**changes: Any) -> TargetConfig:
    facts: dict[str, Any] = {
        "id": "pccc",
        "kind": "webhook",
        "url": SecretUrl("https://114.example/hook"),
        "secret": "mười sáu chữ cái",
    }
    return target_of_table(facts | changes)


def event(**changes: Any) -> OutgoingEvent:
    made = OutgoingEvent(
        type="thapcanh.alert.opened.v1",
        subject="alert/a",
        kind="fire",
        priority=1,
        version=1,
        at=NOON,
        data={},
        agency="pc07",
        area="hoan-kiem",
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("rules", "changes", "follows", "reason"),
    [
        ({}, {}, False, RoutingReason.WANTED),
        ({}, {"kind": "worker_lost"}, False, RoutingReason.OTHER_KIND),
        ({"kinds": ("worker_lost",)}, {"kind": "worker_lost"}, False, RoutingReason.WANTED),
        ({"kinds": ("smoke",)}, {}, False, RoutingReason.OTHER_KIND),
        ({"kinds": ("smoke",)}, {}, True, RoutingReason.FOLLOWS),
        ({"priorities": (1,)}, {"priority": 2}, False, RoutingReason.OTHER_PRIORITY),
        ({"priorities": (1,)}, {"priority": 2}, True, RoutingReason.FOLLOWS),
        ({}, {"exercise": True}, False, RoutingReason.EXERCISE),
        ({}, {"exercise": True}, True, RoutingReason.EXERCISE),
        ({"exercises": True}, {"exercise": True}, False, RoutingReason.WANTED),
        ({}, {"withheld": True}, True, RoutingReason.WITHHELD),
        ({"agencies": ("csgt",)}, {}, False, RoutingReason.OUT_OF_SCOPE),
        ({"agencies": ("csgt",)}, {}, True, RoutingReason.OUT_OF_SCOPE),
        ({"agencies": ("pc07",)}, {"agency": None}, False, RoutingReason.OUT_OF_SCOPE),
        ({"areas": ("hanoi",)}, {}, False, RoutingReason.WANTED),
        ({"areas": ("hanoi",)}, {"area": "tay-ho"}, False, RoutingReason.OUT_OF_SCOPE),
        ({"unanswered_after_s": 60.0}, {}, False, RoutingReason.ANSWERED),
        ({"unanswered_after_s": 60.0}, {}, True, RoutingReason.FOLLOWS),
    ],
)
def test_who_is_told(
    rules: dict[str, Any], changes: dict[str, Any], follows: bool, reason: RoutingReason
) -> None:
    to = target(**rules)
    decision = decide_route(to, target_scope(to, TREE), event(**changes), follows=follows, now=NOON)
    assert decision.reason is reason
    assert decision.told is (reason in (RoutingReason.WANTED, RoutingReason.FOLLOWS))


def test_a_person_is_told_while_on_call_and_all_are_where_nobody_is() -> None:
    mine = target(on_call_of="an")

    def told(*on_call: str, **changes: Any) -> RoutingDecision:
        facts = {"follows": False, "now": NOON} | changes
        return decide_route(mine, EVERYTHING, event(), on_call=on_call, **facts)

    assert told("an", "chi").told
    assert told().told
    assert told("chi").reason is RoutingReason.NOT_ON_CALL
    assert told("chi", follows=True).reason is RoutingReason.FOLLOWS
    late = target(on_call_of="an", unanswered_after_s=60.0)
    assert not is_escalated(late, EVERYTHING, event(), ("chi",))
    assert is_escalated(late, EVERYTHING, event(), ("an",))


def test_quiet_hours_hold_back_all_but_p1() -> None:
    to = target(quiet_hours=("22:00-05:00",))
    night = NOON + 11 * HOUR_S  # 23:00
    scope = target_scope(to, TREE)
    urgent = decide_route(to, scope, event(), follows=False, now=night)
    other = decide_route(to, scope, event(priority=2), follows=False, now=night)
    assert urgent.due_at == night
    assert other.due_at == night + 6 * HOUR_S
    assert quiet_until(to, NOON) == NOON
    always = target(quiet_hours=("00:00-00:00",))
    assert quiet_until(always, NOON) == NOON


def test_a_test_goes_to_its_own_target_only() -> None:
    mine, other = target(agencies=("csgt",)), target(id="other")
    made = daily_test("pccc", NOON)
    assert decide_route(mine, target_scope(mine, ()), made, follows=False, now=NOON).told
    assert not decide_route(other, target_scope(other, ()), made, follows=False, now=NOON).told


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, NOON, True),
        (NOON - 4 * HOUR_S, NOON, False),  # 08:00, after 07:30
        (NOON - 5 * HOUR_S, NOON, True),  # 07:00
        (NOON - 20 * HOUR_S, NOON - 6 * HOUR_S, False),  # 16:00 yesterday; it is 06:00
        (NOON - 29 * HOUR_S, NOON - 6 * HOUR_S, True),  # 07:00 yesterday; it is 06:00
    ],
)
def test_test_is_due_once_a_day(last: float | None, now: float, due: bool) -> None:
    assert is_test_due(target(test_at="07:30"), last, now) is due


def test_only_unanswered_p1_is_escalated() -> None:
    to = target(unanswered_after_s=60.0)
    scope = target_scope(to, TREE)
    late = event(type=UNANSWERED_TYPE)
    assert is_escalated(to, scope, late)
    assert not is_escalated(to, scope, replace(late, priority=2))
    assert not is_escalated(to, scope, replace(late, exercise=True))
    assert not is_escalated(target(), scope, late)


def test_a_roster_of_one_agency_silences_no_other() -> None:
    ours = target(id="b", on_call_of="binh", agencies=("pc07",))
    theirs = target(id="a", on_call_of="anh", agencies=("csgt",))
    late = target(id="c", on_call_of="chi", unanswered_after_s=60.0)
    targets = [(one, target_scope(one, TREE)) for one in (ours, theirs, late)]
    fire = event()
    assert on_call_for(fire, targets, {"anh", "dung"}) == frozenset()
    assert on_call_for(fire, targets, {"anh", "chi"}) == frozenset()  # hers is told later
    assert on_call_for(fire, targets, {"anh", "binh"}) == {"binh"}
    assert on_call_for(fire, targets, {"chi", "binh"}, escalates=True) == {"chi"}
    alone = on_call_for(fire, targets, {"anh"})
    decision = decide_route(ours, targets[0][1], fire, follows=False, now=NOON, on_call=alone)
    assert decision.told


@pytest.mark.parametrize(
    ("change", "priority", "follows", "reason"),
    [
        ("opened", 2, False, RoutingReason.WANTED),
        ("spoke", 1, False, RoutingReason.WANTED),  # it has only now become theirs
        ("spoke", 1, True, RoutingReason.FOLLOWS),
        ("spoke", 2, True, RoutingReason.MINOR),
        ("cleared", 1, True, RoutingReason.MINOR),
        ("stepped", 1, True, RoutingReason.MINOR),
        ("escalated", 1, True, RoutingReason.FOLLOWS),
        ("closed", 2, True, RoutingReason.FOLLOWS),
    ],
)
def test_people_are_spared_what_is_minor(
    change: str, priority: int, follows: bool, reason: RoutingReason
) -> None:
    url = SecretUrl("mailto://relay.example?to=an@example.vn&from=tc@example.vn")
    people = AppriseTarget(id="people", url=url)
    told = event(type=f"thapcanh.alert.{change}.v1", priority=priority)
    decision = decide_route(people, EVERYTHING, told, follows=follows, now=NOON)
    assert decision.reason is reason
    assert decision.told is (reason is not RoutingReason.MINOR)
    of_program = decide_route(target(), EVERYTHING, told, follows=True, now=NOON)
    assert of_program.reason is RoutingReason.FOLLOWS
    news = decide_route(people, EVERYTHING, told, follows=True, now=NOON, is_news=True)
    assert news.told
