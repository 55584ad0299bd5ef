"""Status of the watch: troubles, waiting alerts, last self-test."""

from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert, episode_event, event
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.database import Database
from thapcanh.config.rules import Priority

_MOST_TROUBLES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSystemAlert:
    """Open trouble of the system itself."""

    kind: str
    rule_id: str
    subject: str
    raised_at: float  # the first message of what is wrong now
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """Troubles newest first, unanswered P1 alerts, and the last proof of the whole path."""

    troubles: tuple[OpenSystemAlert, ...]
    unanswered_p1: int
    last_proven: float | None


def open_system_alerts(database: Database) -> dict[str, int]:
    """Return how many troubles of each kind are not over. Raises `ArchiveError`."""
    active = (
        sa.select(alert.c.kind, sa.func.count())
        .where(
            alert.c.kind.in_(sorted(SYSTEM_KINDS)), alert.c.condition == AlertCondition.ACTIVE.value
        )
        .group_by(alert.c.kind)
    )
    with database.reading() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(active)}


def system_status(database: Database) -> SystemStatus:
    """Read the status. Raise `ArchiveError`, also for tables older than the program."""
    started = (
        sa.select(sa.func.min(event.c.captured_at))
        .join(episode_event, episode_event.c.event_id == event.c.event_id)
        .where(episode_event.c.alert_id == alert.c.id, episode_event.c.active)
        .scalar_subquery()
    )  # an unanswered alert takes in what comes again: it began now, not at the first time
    since = sa.func.coalesce(started, alert.c.raised_at).label("since")
    active = sa.select(alert, since).where(
        alert.c.kind.in_(sorted(SYSTEM_KINDS)), alert.c.condition == AlertCondition.ACTIVE.value
    )
    waiting = sa.select(sa.func.count()).where(
        alert.c.state == AlertState.NEW.value,
        alert.c.priority == Priority.P1,
        alert.c.exercise.is_(False),
        alert.c.kind.not_in(sorted(SYSTEM_KINDS)),
    )
    proven = sa.select(sa.func.max(event.c.stored_at)).where(event.c.kind == SELF_TEST)
    with database.reading() as connection:
        rows = connection.execute(active.order_by(since.desc()).limit(_MOST_TROUBLES)).all()
        return SystemStatus(
            troubles=tuple(
                OpenSystemAlert(
                    kind=row.kind,
                    rule_id=row.rule_id,
                    subject=row.camera_id,
                    raised_at=row.since,
                    reason=row.reason,
                )
                for row in rows
            ),
            unanswered_p1=int(connection.execute(waiting).scalar_one()),
            last_proven=connection.execute(proven).scalar_one(),
        )
