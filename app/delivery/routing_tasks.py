"""Periodic tasks of delivery: route the outbox, escalate, send daily tests.

Called in an archive thread, one call at a time.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.delivery.routing import (
    RoutingDecision,
    decide_route,
    is_escalated,
    is_test_due,
    on_call_for,
    target_scope,
)
from thapcanh.alerts.store.outbox.outgoing import UNANSWERED_TYPE, OutgoingEvent
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.config.rules import Priority
from thapcanh.config.site import Site
from thapcanh.config.targets import TargetConfig

MOST_WAITING = 50_000  # a target; beyond, the least urgent become dead letters
MOST_DEAD = 10_000
KEPT_S = 30 * 24 * 3600.0

_Scoped: TypeAlias = tuple[TargetConfig, DataFilter]


class RoutingTask:
    """Delivery tasks of one caller, which calls one method at a time."""

    def __init__(
        self,
        store: RoutingStore,
        deliveries: DeliveryRepository,
        site: Callable[[], Site],
        on_call: Callable[[float], Collection[str]] = lambda _: (),
    ) -> None:
        self._store = store
        self._on_call = on_call
        self._deliveries = deliveries
        self._site = site

    def route(self, now: float) -> int:
        """Make deliveries of what waits; return how many."""
        targets = _scoped(self._site())
        on_call = self._called(targets, now)
        by_id = {target.id: (target, scope) for target, scope in targets}

        def decide(event: OutgoingEvent, target_id: str, delivered: int | None) -> RoutingDecision:
            target, scope = by_id[target_id]
            late = event.type == UNANSWERED_TYPE
            there = on_call_for(event, targets, on_call, escalates=late)
            return decide_route(
                target,
                scope,
                event,
                follows=delivered is not None,
                now=now,
                on_call=there,
                is_news=delivered is not None and event.priority == Priority.P1 < delivered,
            )

        made = 0
        while True:
            routed = self._store.route(list(by_id), decide, now)
            made += routed.deliveries
            if not routed.events:
                return made

    def escalate(self, now: float) -> int:
        """Send unacknowledged P1 alerts to escalation targets; return how many."""
        targets = _scoped(self._site())
        if all(target.unanswered_after_s is None for target, _ in targets):
            return 0
        on_call = self._called(targets, now)

        def tell(target: TargetConfig, scope: DataFilter, after_s: float) -> int:
            def wanted(event: OutgoingEvent) -> bool:
                there = on_call_for(event, targets, on_call, escalates=True)
                return is_escalated(target, scope, event, there)

            return self._store.queue_unanswered(target.id, after_s, wanted, now)

        return sum(
            tell(target, scope, target.unanswered_after_s)
            for target, scope in targets
            if target.unanswered_after_s is not None
        )

    def test(self, now: float) -> None:
        """Send each target its daily test when its hour has come."""
        last = self._store.last_tests()
        for target in self._site().targets:
            if is_test_due(target, last.get(target.id), now):
                self._store.test(target.id, now)

    def tidy(self, now: float) -> None:
        """Keep the outbox bounded."""
        for target in self._site().targets:
            self._deliveries.overflow(target.id, MOST_WAITING, now)
        self._deliveries.forget(now - KEPT_S, MOST_DEAD, now)

    def _called(self, targets: Sequence[_Scoped], now: float) -> Collection[str]:
        """Return who is on call; not queried if no target is a person."""
        needs_on_call = any(target.on_call_of is not None for target, _ in targets)
        return self._on_call(now) if needs_on_call else ()


def _scoped(site: Site) -> list[_Scoped]:
    """Return each target with its scope."""
    return [(target, target_scope(target, site.areas)) for target in site.targets]
