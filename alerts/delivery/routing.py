"""Routing decisions: a target's rules and an event in, a decision with its reason out.

A target that got a subject also gets its continuation, whatever its kinds and priorities; but never
another agency or area, an unrequested drill, or a shelved alert.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.outbox.outgoing import NOTICE, TEST_TYPE, UNANSWERED_TYPE, OutgoingEvent
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.rules import Priority
from thapcanh.config.site import Area
from thapcanh.config.targets import TargetConfig
from thapcanh.detection.rules.hours import is_open

_FOR_PEOPLE = frozenset(
    {
        *("opened", "unanswered", "acknowledged", "confirmed", "rejected", "reopened", "closed"),
        *("dispatched", "escalated"),
    }
)
"""Changes for which a telephone may ring again; programs are told of all of them."""
_MINUTE_S = 60.0
_DAY_MINUTES = 24 * 60


class RoutingReason(StrEnum):
    """Reason of a routing decision."""

    WANTED = "wanted"  # its rules name it
    FOLLOWS = "follows"  # it was told of the beginning
    TEST = "test"  # its own daily test
    UNANSWERED = "unanswered"  # nobody acknowledged it in time
    WITHHELD = "withheld"  # on a shelf
    EXERCISE = "exercise"  # a drill, and the target takes none
    OUT_OF_SCOPE = "out_of_scope"  # of another agency or area
    OTHER_KIND = "other_kind"
    OTHER_PRIORITY = "other_priority"
    ANSWERED = "answered"  # the target only hears of what nobody answers
    MINOR = "minor"  # people were told of it, and this is not worth another message
    NOT_ON_CALL = "not_on_call"  # the target is a person whom the roster does not name now
    FOR_CALLERS = "for_callers"  # the target sends callers their links, and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingDecision:
    """Decision whether an event goes to a target, why, and not before when (UTC unix seconds)."""

    told: bool
    reason: RoutingReason
    due_at: float = 0.0


def decide_route(
    target: TargetConfig,
    scope: DataFilter,
    event: OutgoingEvent,
    *,
    follows: bool,
    now: float,
    on_call: Collection[str] = (),
    is_news: bool = False,
) -> RoutingDecision:
    """Decide about one event and one target.

    `scope` is that of the target (`target_scope`); `follows`: it got the subject before; `on_call`:
    reachable people on the roster (`on_call_for`); `is_news`: it is a P1 and was not one before.
    """
    if event.type == TEST_TYPE:
        matching = event.subject.endswith(f"/{target.id}")
        return _decision(
            RoutingReason.TEST if matching else RoutingReason.OTHER_KIND, now, told=matching
        )
    refused = _never(target, scope, event)
    if refused is not None:
        return _decision(refused, now, told=False)
    if follows and not is_news and _is_minor(target, event):
        return _decision(RoutingReason.MINOR, now, told=False)
    if follows:
        return _decision(RoutingReason.FOLLOWS, _due(target, event, now), told=True)
    refused = _unwanted(target, event, on_call)
    if refused is not None:
        return _decision(refused, now, told=False)
    return _decision(RoutingReason.WANTED, _due(target, event, now), told=True)


def target_scope(target: TargetConfig, tree: Collection[Area]) -> DataFilter:
    """Return the scope of a target, its areas with all below."""
    areas = None if target.areas is None else with_all_below(frozenset(target.areas), tree)
    agencies = None if target.agencies is None else frozenset(target.agencies)
    return DataFilter(agencies=agencies, areas=areas)


def is_escalated(
    target: TargetConfig, scope: DataFilter, event: OutgoingEvent, on_call: Collection[str] = ()
) -> bool:
    """Return whether a target gets an unacknowledged P1 after its time."""
    if target.unanswered_after_s is None or is_away(target, on_call):
        return False
    if _never(target, scope, event) is not None:
        return False
    return event.priority == Priority.P1 and _is_requested_kind(target, event)


def on_call_for(
    event: OutgoingEvent,
    targets: Iterable[tuple[TargetConfig, DataFilter]],
    on_call: Collection[str],
    *,
    escalates: bool = False,
) -> frozenset[str]:
    """Return those on call whom some target could reach for this event.

    If empty, nobody is left out: one agency's roster silences no other's.
    """
    return frozenset(
        target.on_call_of
        for target, scope in targets
        if target.on_call_of in on_call
        and target.on_call_of is not None
        and (target.unanswered_after_s is not None) == escalates
        and _never(target, scope, event) is None
        and _is_requested_kind(target, event)
        and (escalates or event.priority in target.priorities)
    )


def quiet_until(target: TargetConfig, now: float) -> float:
    """Return the end of the target's quiet hours, or `now` outside of them."""
    if not target.quiet_hours:
        return now
    at = now
    for _ in range(_DAY_MINUTES):
        if not is_open(target.quiet_hours, at):
            return at
        at = (at // _MINUTE_S + 1) * _MINUTE_S
    return now  # quiet all day would mean never: then nothing is held


def is_test_due(target: TargetConfig, last_test_at: float | None, now: float) -> bool:
    if not target.has_test:
        return False
    local = datetime.fromtimestamp(now, UTC).astimezone(LOCAL_TZ)
    hour, minute = (int(part) for part in target.test_at.split(":"))
    due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if due > local:
        due -= timedelta(days=1)
    return last_test_at is None or last_test_at < due.timestamp()


def _never(target: TargetConfig, scope: DataFilter, event: OutgoingEvent) -> RoutingReason | None:
    """Return why nothing may go to this target, or None."""
    if target.is_for_callers:
        return RoutingReason.FOR_CALLERS
    if event.withheld:
        return RoutingReason.WITHHELD
    if event.exercise and not target.exercises:
        return RoutingReason.EXERCISE
    if not scope.sees(event.agency, event.area):
        return RoutingReason.OUT_OF_SCOPE
    return None


def _is_minor(target: TargetConfig, event: OutgoingEvent) -> bool:
    """Return whether people who know of it are spared this; repeated P1 never are."""
    change = event.type.split(".")[-2]
    if not target.is_for_people or change in _FOR_PEOPLE:
        return False
    return not (change == ChangeKind.SPOKE and event.priority == Priority.P1)


def is_away(target: TargetConfig, on_call: Collection[str]) -> bool:
    """Return whether the target is a person off call, while somebody is on call."""
    return target.on_call_of is not None and bool(on_call) and target.on_call_of not in on_call


def _unwanted(
    target: TargetConfig, event: OutgoingEvent, on_call: Collection[str]
) -> RoutingReason | None:
    if is_away(target, on_call):
        return RoutingReason.NOT_ON_CALL
    if target.unanswered_after_s is not None and event.type != UNANSWERED_TYPE:
        return RoutingReason.ANSWERED
    if not _is_requested_kind(target, event):
        return RoutingReason.OTHER_KIND
    if event.priority not in target.priorities:
        return RoutingReason.OTHER_PRIORITY
    return None


def _is_requested_kind(target: TargetConfig, event: OutgoingEvent) -> bool:
    if target.kinds is not None:
        return event.kind in target.kinds
    return not is_system(event.kind) and event.kind != NOTICE  # which is for who asks for it


def _due(target: TargetConfig, event: OutgoingEvent, now: float) -> float:
    return now if event.priority == Priority.P1 else quiet_until(target, now)


def _decision(reason: RoutingReason, due_at: float, *, told: bool) -> RoutingDecision:
    return RoutingDecision(told=told, reason=reason, due_at=due_at)
