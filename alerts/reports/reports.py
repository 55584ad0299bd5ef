"""Columns of a period's alerts for reports, streamed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.reports.figures import CountedAlert
from thapcanh.alerts.shifts.shift_account import ShiftDeed
from thapcanh.alerts.shifts.shift_records import Shift
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import AlertAction, DataFilter

_PAGE = 2000
_SPOKE = "spoke"
_LEASE_EXPIRED = "lease_expired"
_OPENED = "opened"
_UNSHELVED = "unshelved"
_REPORTED = (AlertAction.ACKNOWLEDGE.value, _SPOKE, _LEASE_EXPIRED, _UNSHELVED)
_DEEDS = tuple(
    action.value
    for action in (
        AlertAction.ACKNOWLEDGE,
        AlertAction.CLAIM,
        AlertAction.HAND_OVER,
        AlertAction.CONFIRM,
        AlertAction.REJECT,
        AlertAction.CLOSE,
    )
)
_RECEIVED = frozenset({_SPOKE, _LEASE_EXPIRED, _UNSHELVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPeriod:
    """Period from `since`, included, to `until`, excluded, within the scope."""

    since: float
    until: float
    scope: DataFilter


def counted(database: Database, period: ReportPeriod) -> Iterator[CountedAlert]:
    """Yield every alert of the period, oldest first, in one snapshot."""
    with database.reading() as connection:
        after: tuple[float, str] = (period.since, "")
        while rows := connection.execute(page_of(period, after)).all():
            lines = _lines(connection, [row.id for row in rows])
            yield from (_counted(row, lines.get(row.id, [])) for row in rows)
            after = (rows[-1].raised_at, rows[-1].id)


def page_of(period: ReportPeriod, after: tuple[float, str]) -> sa.Select[Any]:
    """Return the query of the rows after one, in index order."""
    columns = [alert.c[name] for name in _COLUMNS]
    beyond = sa.tuple_(alert.c.raised_at, alert.c.id) > sa.tuple_(*after)
    query = sa.select(alert.c.id, *columns).where(
        alert.c.raised_at >= after[0], alert.c.raised_at < period.until, beyond
    )
    real = query.where(alert.c.exercise.is_(False), *owned_by(alert, period.scope))
    in_order = real.order_by(alert.c.raised_at, alert.c.id)
    return in_order.limit(_PAGE)


def lines_of(ids: list[str]) -> sa.Select[Any]:
    on_shelf = action_log.c.details.contains('"shelf":', autoescape=True)
    reported = sa.or_(
        action_log.c.action.in_(_REPORTED), sa.and_(action_log.c.action == _OPENED, on_shelf)
    )
    columns = (action_log.c.object_id, action_log.c.action, action_log.c.at)
    query = sa.select(*columns, on_shelf.label("on_shelf"))
    return query.where(action_log.c.object_id.in_(ids), reported)


_COLUMNS = (
    "kind",
    "priority",
    "state",
    "area",
    "agency",
    "camera_id",
    "camera_name",
    "verdict",
    "reject_reason",
    "raised_at",
    "stored_at",
    "verdict_at",
    "closed_at",
)


def _lines(connection: sa.Connection, ids: list[str]) -> dict[str, list[sa.Row[Any]]]:
    found: dict[str, list[sa.Row[Any]]] = {}
    for row in connection.execute(lines_of(ids)):
        found.setdefault(row.object_id, []).append(row)
    return found


def _counted(row: sa.Row[Any], lines: list[sa.Row[Any]]) -> CountedAlert:
    alone = CountedAlert(
        first_acknowledged_at=None, **{name: getattr(row, name) for name in _COLUMNS}
    )
    if not lines:
        return alone
    accepted = [line.at for line in lines if line.action == AlertAction.ACKNOWLEDGE.value]
    return replace(
        alone,
        first_acknowledged_at=min(accepted, default=None),
        spoke_at=tuple(sorted(line.at for line in lines if _was_received(line))),
        leases_lost=sum(line.action == _LEASE_EXPIRED for line in lines),
        opened_on_shelf=any(line.action == _OPENED for line in lines),
    )


def _was_received(line: sa.Row[Any]) -> bool:
    """Return whether the line announced the alert; a shelved one is silent."""
    return line.action == _UNSHELVED or (line.action in _RECEIVED and not line.on_shelf)


def deeds_of(database: Database, shift: Shift, now: float, scope: DataFilter) -> list[ShiftDeed]:
    """Return what was done in a shift's time, from the log line that started it."""
    start = (
        sa.select(sa.func.min(action_log.c.seq))
        .where(action_log.c.object_id == shift.id)
        .scalar_subquery()
    )
    query = (
        sa.select(action_log, alert.c.raised_at)
        .join(alert, alert.c.id == action_log.c.object_id)
        .where(
            action_log.c.seq > sa.func.coalesce(start, 0),
            action_log.c.at <= (now if shift.ended_at is None else shift.ended_at),
            action_log.c.action.in_(_DEEDS),
            alert.c.exercise.is_(False),
            *owned_by(alert, scope),
        )
        .order_by(action_log.c.seq)
    )
    with database.reading() as connection:
        return [_deed(row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFigures:
    """Response time of today's alerts, and the share of recent verdicts "false"."""

    acknowledged: int
    within_15_s: int
    judged: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBounds:
    """Start of today and of the week, and the limit of a prompt response."""

    today_from: float
    week_from: float
    prompt_s: float


def desk_figures(database: Database, days: DayBounds, scope: DataFilter) -> DeskFigures:
    """Return the desk's two figures, without system troubles and drills."""
    real = alert.c.exercise.is_(False)
    watched = (alert.c.kind.not_in(sorted(SYSTEM_KINDS)), real, *owned_by(alert, scope))
    first = sa.func.min(action_log.c.at) - alert.c.raised_at
    accepted = (
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
    prompt = sa.func.sum(sa.case((accepted.c.after_s <= days.prompt_s, 1), else_=0))
    rejected = sa.func.sum(sa.case((alert.c.verdict == AlertState.REJECTED.value, 1), else_=0))
    judged = sa.select(sa.func.count(alert.c.verdict), rejected).where(
        alert.c.raised_at >= days.week_from, *watched
    )
    with database.reading() as connection:
        acknowledged_row = connection.execute(
            sa.select(sa.func.count(), prompt).select_from(accepted)
        ).one()
        verdict_row = connection.execute(judged).one()
    return DeskFigures(
        acknowledged=int(acknowledged_row[0]),
        within_15_s=int(acknowledged_row[1] or 0),
        judged=int(verdict_row[0]),
        rejected=int(verdict_row[1] or 0),
    )


def _deed(row: sa.Row[Any]) -> ShiftDeed:
    facts = json.loads(row.details)
    return ShiftDeed(
        alert_id=row.object_id,
        action=row.action,
        actor=row.actor,
        why=str(facts.get("why", "")),
        held_by=facts.get("held_by"),
        holder=facts.get("holder"),
        raised_at=row.raised_at,
    )
