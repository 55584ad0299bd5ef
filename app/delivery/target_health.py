"""Health checks of targets from their states. Pure."""

from collections.abc import Mapping

from thapcanh.alerts.delivery.outbox.records import DeliveryState, TargetState
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.config.rules import Priority

TARGET_LATE = HealthProblem(
    rule_id="target_late", kind=SystemKind.DELIVERY_FAILED, raise_after_s=10.0
)
TARGET_DEAD = HealthProblem(
    rule_id="target_dead_letters",
    kind=SystemKind.DELIVERY_FAILED,
    priority=Priority.P3,
    clear_after_s=0.0,
)
LATE_S = 120.0


def target_findings(states: Mapping[str, TargetState], now: float) -> list[HealthCheck]:
    """Return two findings per target: late and dead; daily tests count as deliveries."""
    return [finding for state in states.values() for finding in (_late(state, now), _dead(state))]


def _late(state: TargetState, now: float) -> HealthCheck:
    is_late = state.waiting_since is not None and now - state.waiting_since > LATE_S
    test_died = state.test_state is DeliveryState.DEAD
    reason = "the daily test failed" if test_died else "it does not take what is due"
    if state.error:
        reason = f"{reason}: {state.error}"
    return _finding(TARGET_LATE, state, fault=is_late or test_died, reason=reason)


def _dead(state: TargetState) -> HealthCheck:
    return _finding(TARGET_DEAD, state, fault=state.dead > 0, reason="it refused messages")


def _finding(
    problem: HealthProblem, state: TargetState, *, fault: bool, reason: str
) -> HealthCheck:
    return HealthCheck(
        trouble=problem,
        subject=state.target,
        verdict=HealthVerdict.FAULT if fault else HealthVerdict.FINE,
        reason=reason if fault else "takes everything again",
    )
