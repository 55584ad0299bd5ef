"""The one list of the desk: open incidents, and alerts that are in none, in one ranking. Read only.

Both are ranked by the database and bounded by the page; `answering_order` says what the numbers
mean. What the watch's own troubles are is counted, and is no row.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import URGENCY, alert_query, alerts_of
from thapcanh.alerts.alert.answering_order import AnswerRank, Urgency
from thapcanh.alerts.incidents.incident_state import IncidentState, MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_views import INCIDENTS, incidents_of, place_in, place_of
from thapcanh.alerts.incidents.rows.faults import blind_places, faults
from thapcanh.alerts.incidents.rows.row_records import (
    Section,
    Worklist,
    WorklistFilter,
    WorklistRow,
)
from thapcanh.alerts.incidents.rows.sources import (
    MOST_IN_A_ROW,
    MOST_IN_FULL,
    counts_of,
    is_source,
    sources_of,
    units_of,
)
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.config.rules import Priority

_MOST_PAGE = 200
_IN_HAND = (AlertState.NEW.value, AlertState.ACKNOWLEDGED.value, AlertState.CONFIRMED.value)
_GOES_ON = (
    IncidentState.ASSESSED.value,
    IncidentState.DISPATCHED.value,
    IncidentState.EN_ROUTE.value,
    IncidentState.ON_SCENE.value,
)


def _has_source(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        incident_member.c.incident_id == incident.c.id, *is_source(), *conditions
    )


def _has_alert(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    is_alert = incident_member.c.type == MemberType.ALERT.value
    return _has_source(is_alert, incident_member.c.member_id == alert.c.id, *conditions)


_IS_UNSEEN = _has_source(incident_member.c.unseen_since.is_not(None))
INCIDENT_URGENCY: sa.ColumnElement[int] = sa.case(
    (incident.c.priority == Priority.P2, Urgency.P2.value),
    (incident.c.priority > Priority.P2, Urgency.P3.value),
    (incident.c.state.in_(_GOES_ON), Urgency.CONFIRMED.value),
    (
        _has_alert(alert.c.cosign_wanted_by.is_not(None))
        & ~_has_source(incident_member.c.type != MemberType.ALERT.value)
        & ~_has_alert(alert.c.cosign_wanted_by.is_(None), alert.c.verdict.is_(None)),
        Urgency.P1_REJECTED.value,
    ),
    (_has_alert(alert.c.corroboration.is_not(None)), Urgency.CORROBORATED.value),
    else_=Urgency.P1.value,
)
_ALERT_URGENCY: sa.ColumnElement[int] = sa.case(
    (
        (alert.c.state == AlertState.CONFIRMED.value) & (alert.c.priority == Priority.P1),
        Urgency.CONFIRMED.value,
    ),
    else_=URGENCY,
)
_IS_WAITING = incident.c.owner.is_(None) | _IS_UNSEEN


def worklist_page(connection: sa.Connection, wanted: WorklistFilter) -> Worklist:
    """One page of the list, with the counts of all of it. Raise `BadCursor`."""
    limit = max(1, min(wanted.limit, _MOST_PAGE))
    found = _ranked(connection, wanted, limit + 1)
    shown = found[:limit]
    after = place_of(shown[-1][0]) if len(found) > limit else None
    blind, blind_total = blind_places(connection, wanted.scope)
    return Worklist(
        rows=tuple(_rows(connection, [one for _, one in shown], wanted.scope, MOST_IN_A_ROW)),
        next=after,
        counts=_counts(connection, wanted.scope),
        blind=tuple(blind),
        blind_total=blind_total,
        faults=faults(connection, wanted.scope),
    )


def row_of(connection: sa.Connection, incident_id: str, scope: DataFilter) -> WorklistRow | None:
    """Return one incident's row with all its sources, or None if the scope may not see it."""
    return next(iter(rows_of(connection, [incident_id], scope, MOST_IN_FULL)), None)


def rows_of(
    connection: sa.Connection, ids: Sequence[str], scope: DataFilter, most: int = MOST_IN_A_ROW
) -> list[WorklistRow]:
    """Return the rows of incidents in the order of answering, with `most` sources each."""
    query = _incidents("").where(incident.c.id.in_(ids), *owned_by(incident, scope))
    rows = connection.execute(query.order_by("urgency", "turn", "since", incident.c.id)).all()
    return _rows(connection, rows, scope, most)


_Ranked = tuple[list[Any], sa.Row[Any]]


def _ranked(connection: sa.Connection, wanted: WorklistFilter, most: int) -> list[_Ranked]:
    """Return the first rows of both kinds in order, each with its place."""
    found: list[_Ranked] = []
    for query, key in (_incident_query(wanted), _alert_query(wanted)):
        if wanted.cursor is not None:
            after = map(sa.literal, place_in(wanted.cursor, len(key)))
            behind = query.where(sa.tuple_(*key) > sa.tuple_(*after))
        else:
            behind = query
        for row in connection.execute(behind.order_by(*key).limit(most)):
            found.append(([row.urgency, row.turn, row.since, row.id], row))
    return sorted(found, key=lambda one: one[0])[:most]


_KeyedQuery = tuple[sa.Select[Any], tuple[sa.ColumnElement[Any], ...]]


def _turn(
    is_waiting: sa.ColumnElement[bool], owner: sa.ColumnElement[Any], me: str
) -> sa.ColumnElement[int]:
    mine, others = (owner == me, AnswerRank.MINE.value), AnswerRank.OTHERS.value
    return sa.case((is_waiting, AnswerRank.UNANSWERED.value), mine, else_=others)


def _incidents(me: str) -> sa.Select[Any]:
    turn = _turn(_IS_WAITING, incident.c.owner, me)
    return INCIDENTS.add_columns(
        INCIDENT_URGENCY.label("urgency"),
        turn.label("turn"),
        incident.c.opened_at.label("since"),
    )


def _incident_query(wanted: WorklistFilter) -> _KeyedQuery:
    me = wanted.me or ""
    turn = _turn(_IS_WAITING, incident.c.owner, me)
    query = _incidents(me).where(incident.c.closed_at.is_(None), *owned_by(incident, wanted.scope))
    if wanted.mine:
        query = query.where(incident.c.owner == me)
    if wanted.sections:
        is_waiting = (Section.WAITING in wanted.sections, Section.WORKING in wanted.sections)
        both = [sa.false(), ~_IS_WAITING, _IS_WAITING, sa.true()]
        query = query.where(both[2 * is_waiting[0] + is_waiting[1]])
    return query, (INCIDENT_URGENCY, turn, incident.c.opened_at, incident.c.id)


def _alert_query(wanted: WorklistFilter) -> _KeyedQuery:
    me = wanted.me or ""
    turn = _turn(alert.c.owner.is_(None), alert.c.owner, me)
    query = alert_query().add_columns(
        _ALERT_URGENCY.label("urgency"), turn.label("turn"), alert.c.raised_at.label("since")
    )
    query = query.where(*_stands_alone(wanted.scope))
    if wanted.mine:
        query = query.where(alert.c.owner == me)
    if wanted.sections and Section.LOOK not in wanted.sections:
        query = query.where(sa.false())
    return query, (_ALERT_URGENCY, turn, alert.c.raised_at, alert.c.id)


IN_OPEN_INCIDENT = sa.exists().where(
    incident_member.c.type == MemberType.ALERT.value,
    incident_member.c.member_id == alert.c.id,
    incident_member.c.left_at.is_(None),
    incident_member.c.incident_id == incident.c.id,
    incident.c.closed_at.is_(None),
)
"""Condition of an alert that is a source of an open incident."""


def _stands_alone(scope: DataFilter) -> tuple[sa.ColumnElement[bool], ...]:
    """Alerts of the city that are open, and in no open incident."""
    return (
        alert.c.state.in_(_IN_HAND),
        alert.c.kind.not_in(sorted(SYSTEM_KINDS)),
        alert.c.shelf_id.is_(None),
        ~IN_OPEN_INCIDENT,
        *owned_by(alert, scope),
    )


def _rows(
    connection: sa.Connection, rows: Sequence[sa.Row[Any]], scope: DataFilter, most: int
) -> list[WorklistRow]:
    """Return the records of rows of both kinds, in their order."""
    of_incident = [row for row in rows if hasattr(row, "merged_into")]
    ids = [row.id for row in of_incident]
    incidents = {one.id: one for one in incidents_of(connection, of_incident, scope)}
    lone = [row for row in rows if row.id not in incidents]
    alerts = {one.id: one for one in alerts_of(connection, lone)} if lone else {}
    sources = sources_of(connection, ids, scope, most)
    counts, units = counts_of(connection, ids, scope), units_of(connection, ids) if ids else {}
    found = []
    for row in rows:
        mine = sources.get(row.id, [])
        holder, since = _holder(row, mine)
        one = WorklistRow(
            incident=incidents.get(row.id),
            alert=alerts.get(row.id),
            urgency=row.urgency,
            is_answered=holder is not None and all(each.unseen_since is None for each in mine),
            holder=holder,
            held_since=since,
            sources=tuple(mine),
            source_counts=tuple(sorted(counts.get(row.id, {}).items())),
            units=tuple(units.get(row.id, ())),
        )
        found.append(one)
    return found


def _holder(row: sa.Row[Any], sources: Sequence[Any]) -> tuple[str | None, float | None]:
    """Who holds it; of one from before incidents had a holder, who holds its first alert."""
    if row.owner is not None:
        return row.owner, row.held_since
    held = next((one for one in sources if one.owner and one.state != AlertState.REJECTED), None)
    return (None, None) if held is None else (held.owner, held.at)


def _counts(connection: sa.Connection, scope: DataFilter) -> dict[Section, int]:
    """How many rows each section has."""
    mine = (incident.c.closed_at.is_(None), *owned_by(incident, scope))
    waits = sa.case((_IS_WAITING, 1), else_=0)
    of_incidents = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(waits), 0)).where(*mine)
    total, waiting = connection.execute(of_incidents.select_from(incident)).one()
    lone = sa.select(sa.func.count()).select_from(alert).where(*_stands_alone(scope))
    return {
        Section.WAITING: int(waiting),
        Section.WORKING: int(total) - int(waiting),
        Section.LOOK: int(connection.execute(lone).scalar_one()),
    }
