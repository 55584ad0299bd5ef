"""How the watch stands by the archive's word: what troubles it, what waits, when it was proven.

Read without bringing the tables up to date: whoever only asks changes nothing.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from alerts.archive.database import Database
from alerts.archive.models.alerts import alert, event
from alerts.lifecycle.alert_state import AlertState
from alerts.lifecycle.deduplication import AlertCondition
from alerts.lifecycle.system_events import SYSTEM_KINDS
from alerts.self_test_event import SELF_TEST

_MOST_TROUBLES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSystemAlert:
    """One trouble of the watch itself that is not over."""

    kind: str
    rule_id: str
    subject: str
    raised_at: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """Troubles oldest first, P1 alerts that nobody has answered, and the last proof of the way."""

    troubles: tuple[OpenSystemAlert, ...]
    unanswered_p1: int
    last_proven: float | None


def system_status(database: Database) -> SystemStatus:
    """Ask the archive; raises `ArchiveError`, also where its tables are older than the program."""
    active = sa.select(alert).where(
        alert.c.kind.in_(sorted(SYSTEM_KINDS)), alert.c.condition == AlertCondition.ACTIVE.value
    )
    waiting = sa.select(sa.func.count()).where(
        alert.c.state == AlertState.NEW.value,
        alert.c.priority == 1,
        alert.c.exercise.is_(False),
        alert.c.kind.not_in(sorted(SYSTEM_KINDS)),
    )
    proven = sa.select(sa.func.max(event.c.stored_at)).where(event.c.kind == SELF_TEST)
    with database.reading() as connection:
        rows = connection.execute(active.order_by(alert.c.raised_at).limit(_MOST_TROUBLES)).all()
        return SystemStatus(
            troubles=tuple(
                OpenSystemAlert(
                    kind=row.kind,
                    rule_id=row.rule_id,
                    subject=row.camera_id,
                    raised_at=row.raised_at,
                    reason=row.reason,
                )
                for row in rows
            ),
            unanswered_p1=int(connection.execute(waiting).scalar_one()),
            last_proven=connection.execute(proven).scalar_one(),
        )
