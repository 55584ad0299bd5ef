"""Health checks of the queue's servers: changed primary, too few replicas.

Both are read from the primary; the evaluation is pure.
"""

from dataclasses import dataclass

from thapcanh.alerts.queue.redis_client import QueuePrimary
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict, Key
from thapcanh.config.rules import Priority

REPLICAS_MISSING = HealthProblem(
    rule_id="queue_replicas", kind=SystemKind.QUEUE_LAG, priority=Priority.P1, raise_after_s=10.0,
    clear_after_s=10.0,
)  # a failover leaves one away until its server is back  # fmt: skip
PRIMARY_MOVED = HealthProblem(
    rule_id="queue_primary", kind=SystemKind.QUEUE_LAG, priority=Priority.P3, clear_after_s=0.0
)
MOVE_REPORTED_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryMove:
    """Newest change of the primary's address; reported for a limited time."""

    before: str
    now: str
    at: float


class PrimaryMoves:
    """Remembers where the primary was. Owned by the thread of the centre's round."""

    def __init__(self) -> None:
        self._address: str | None = None
        self._move: PrimaryMove | None = None

    def seen(self, primary: QueuePrimary | None, now: float) -> PrimaryMove | None:
        """Return the change to report now, if any."""
        if primary is not None:
            if self._address not in (None, primary.address):
                self._move = PrimaryMove(before=str(self._address), now=primary.address, at=now)
            self._address = primary.address
        if self._move is not None and now - self._move.at >= MOVE_REPORTED_S:
            self._move = None
        return self._move


def primary_findings(
    primary: QueuePrimary | None,
    move: PrimaryMove | None,
    replicas: int,
    subject: str,
    raised: frozenset[Key],
) -> list[HealthCheck]:
    """Return findings on the queue's servers; `replicas` is how many must have an event."""
    findings = [] if move is None else [_moved(move, subject)]
    over = [
        HealthCheck(
            trouble=PRIMARY_MOVED, subject=subject, verdict=HealthVerdict.FINE, instance=key[2]
        )
        for key in sorted(raised)
        if key[0] == PRIMARY_MOVED.rule_id and key not in {item.key for item in findings}
    ]
    return [_replicas(primary, replicas, subject), *findings, *over]


def _replicas(primary: QueuePrimary | None, required: int, subject: str) -> HealthCheck:
    if primary is None and required:
        return HealthCheck(trouble=REPLICAS_MISSING, subject=subject, verdict=HealthVerdict.UNSURE)
    there = 0 if primary is None else primary.replicas
    short = there < required
    reason = (
        f"{there} of {required} replicas: events wait on the workers"
        if short
        else "replicas enough"
    )
    verdict = HealthVerdict.FAULT if short else HealthVerdict.FINE
    return HealthCheck(trouble=REPLICAS_MISSING, subject=subject, verdict=verdict, reason=reason)


def _moved(move: PrimaryMove, subject: str) -> HealthCheck:
    return HealthCheck(
        trouble=PRIMARY_MOVED,
        subject=subject,
        verdict=HealthVerdict.FAULT,
        reason=f"the queue's primary is {move.now}, it was {move.before}",
        instance=f"{move.now}@{move.at:.0f}",
    )
