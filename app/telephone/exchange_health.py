"""Whether exchanges are heard: their states in, signs for the system's own alerts out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.queue.system_events import SystemKind
from app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict

EXCHANGE_LOST = HealthProblem(
    rule_id="exchange_lost", kind=SystemKind.TELEPHONE_FAULT, raise_after_s=10.0, clear_after_s=5.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeState:
    """One exchange: its name, and why it is not heard; None where it is."""

    id: str
    name: str
    error: str | None


def exchange_signs(states: Iterable[ExchangeState]) -> list[HealthCheck]:
    """One sign for each exchange: while it is not heard, calls come without a number."""
    return [
        HealthCheck(
            trouble=EXCHANGE_LOST,
            subject=state.id,
            verdict=HealthVerdict.FINE if state.error is None else HealthVerdict.FAULT,
            reason="heard again" if state.error is None else f"{state.name}: {state.error}",
        )
        for state in states
    ]
