"""The figures at a desk's foot: how fast alerts were taken, how many were judged false.

They read only their days.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from alerts.alert.alert_state import AlertState
from alerts.alert.alert_tables import alert
from alerts.queue.system_events import SYSTEM_KINDS
from alerts.store.database import Database
from alerts.store.log_tables import action_log
from alerts.store.owned_rows import owned_by
from alerts.store.roles import AlertAction, DataFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFigures:
    """How fast today's alerts were taken, and how many of the last days' verdicts were "false"."""

    acknowledged: int
    within_15_s: int
    judged: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBounds:
    """Where today and the week begin, and what is counted as prompt."""

    today_from: float
    week_from: float
    prompt_s: float


def desk_figures(database: Database, days: DayBounds, scope: DataFilter) -> DeskFigures:
    """The two figures at a desk's foot; neither the system's own troubles nor drills."""
    real = alert.c.exercise.is_(False)
    watched = (alert.c.kind.not_in(sorted(SYSTEM_KINDS)), real, *owned_by(alert, scope))
    first = sa.func.min(action_log.c.at) - alert.c.raised_at
    taken = (
        sa.select(first.label("after_s"))
        .join(action_log, action_log.c.object_id == alert.c.id)
        .where(
            action_log.c.action == AlertAction.ACKNOWLEDGE.value,
            alert.c.raised_at >= days.today_from,
            *watched,
        )
        .group_by(alert.c.id, alert.c.raised_at)
        .subquery()
    )
    prompt = sa.func.sum(sa.case((taken.c.after_s <= days.prompt_s, 1), else_=0))
    rejected = sa.func.sum(sa.case((alert.c.verdict == AlertState.REJECTED.value, 1), else_=0))
    judged = sa.select(sa.func.count(alert.c.verdict), rejected).where(
        alert.c.raised_at >= days.week_from, *watched
    )
    with database.reading() as connection:
        taken_row = connection.execute(sa.select(sa.func.count(), prompt).select_from(taken)).one()
        judged_row = connection.execute(judged).one()
    return DeskFigures(
        acknowledged=int(taken_row[0]),
        within_15_s=int(taken_row[1] or 0),
        judged=int(judged_row[0]),
        rejected=int(judged_row[1] or 0),
    )
