"""The list of alerts that the desk and the history page show: its query, its count, its columns.

A count stops at its limit. How a search orders what it finds is in `history_order`.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from alerts.alert.alert_tables import alert
from alerts.alert.alert_views import alert_query, alerts_of
from alerts.alert.history_order import cursor_of, found_by, ordered
from alerts.alert.records import NO_VERDICT, AlertFilter, RecordPage
from alerts.store.database import Database
from alerts.store.log_tables import action_log
from alerts.store.owned_rows import owned_by
from alerts.store.roles import AlertAction

_MAX_PAGE = 200


def page_of_alerts(connection: sa.Connection, wanted: AlertFilter) -> RecordPage:
    """One page of alerts, newest first unless another order is asked for."""
    limit = max(1, min(wanted.limit, _MAX_PAGE))
    query = alert_query().where(*owned_by(alert, wanted.scope), *asked_for(wanted))
    rows = connection.execute(ordered(query, wanted).limit(limit + 1)).all()
    items = alerts_of(connection, rows[:limit])
    more = len(rows) > limit
    return RecordPage(items=tuple(items), next=cursor_of(rows[limit - 1], wanted) if more else None)


def asked_for(wanted: AlertFilter) -> list[sa.ColumnElement[bool]]:
    """The conditions of a filter, its scope aside."""
    conditions: list[sa.ColumnElement[bool]] = []
    for column, values in (
        (alert.c.state, wanted.states),
        (alert.c.kind, wanted.kinds),
        (alert.c.camera_id, wanted.cameras),
        (alert.c.area, wanted.areas),
        (alert.c.agency, wanted.agencies),
        (sa.func.coalesce(alert.c.verdict, NO_VERDICT), wanted.outcomes),
        (alert.c.reject_reason, wanted.reject_reasons),
        (alert.c.rule_id, wanted.rules),
    ):
        if values:
            conditions.append(column.in_(sorted(values)))
    conditions += found_by(wanted)
    if wanted.exercise is not None:
        conditions.append(alert.c.exercise.is_(wanted.exercise))
    if wanted.shelved is not None:
        on_shelf = alert.c.shelf_id.is_not(None)
        conditions.append(on_shelf if wanted.shelved else sa.not_(on_shelf))
    if wanted.since is not None:
        conditions.append(alert.c.raised_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(alert.c.raised_at < wanted.until)
    return conditions


def count_up_to(database: Database, wanted: AlertFilter, limit: int) -> int:
    """How many alerts fit a filter; not more than `limit` are counted."""
    query = (
        sa.select(alert.c.id).where(*owned_by(alert, wanted.scope), *asked_for(wanted)).limit(limit)
    )
    with database.reading() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(query.subquery()))
        return int(found.scalar_one())


def notes_of(database: Database, ids: Sequence[str]) -> dict[str, list[str]]:
    """What officers wrote about these alerts, in the order in which they wrote it."""
    query = sa.select(action_log.c.object_id, action_log.c.note).where(
        action_log.c.object_id.in_(ids), action_log.c.note.is_not(None)
    )
    found: dict[str, list[str]] = {}
    with database.reading() as connection:
        for row in connection.execute(query.order_by(action_log.c.seq)):
            found.setdefault(row.object_id, []).append(row.note)
    return found


def first_takers(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Who acknowledged these alerts first, no matter who holds them now."""
    query = sa.select(action_log.c.object_id, action_log.c.actor).where(
        action_log.c.object_id.in_(ids), action_log.c.action == AlertAction.ACKNOWLEDGE.value
    )
    found: dict[str, str] = {}
    with database.reading() as connection:
        for row in connection.execute(query.order_by(action_log.c.seq)):
            found.setdefault(row.object_id, row.actor)
    return found
