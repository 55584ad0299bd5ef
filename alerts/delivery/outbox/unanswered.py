"""Unanswered P1 alerts and incidents for outside targets. Read only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.typed_rows import IncidentRow
from thapcanh.alerts.incidents.escalation import LEADER_ANSWERS_WITHIN_S
from thapcanh.alerts.incidents.incident_state import IncidentState, MemberType
from thapcanh.alerts.incidents.incident_tables import assignment, incident, incident_member
from thapcanh.alerts.incidents.incident_writing import outgoing
from thapcanh.alerts.store.clock_set_back import has_waited
from thapcanh.alerts.store.outbox.outbox import delivery
from thapcanh.alerts.store.outbox.outgoing import (
    ALERT,
    INCIDENT,
    UNANSWERED,
    OutgoingEvent,
    of_alert,
)
from thapcanh.config.rules import Priority

_MOST = 200
_LOOKED_BACK_S = 24 * 3600.0
_OVER = (AlertState.REJECTED.value, AlertState.CLOSED.value)

Wanted = Callable[[OutgoingEvent], bool]
_Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredQuery:
    """Target, delay and time (UTC unix seconds) of the query."""

    target: str
    after_s: float
    now: float


def unanswered(
    connection: sa.Connection, request: UnansweredQuery, requested: Wanted
) -> list[OutgoingEvent]:
    """Return what is late and was not sent to the target: alerts first, oldest first."""
    late = chain(_alerts(connection, request), _incidents(connection, request))
    return list(islice(filter(requested, late), _MOST))


def _alerts(connection: sa.Connection, request: UnansweredQuery) -> Iterator[OutgoingEvent]:
    """Yield unacknowledged P1 of the last day; all, since many may be unwanted."""
    query = sa.select(alert).where(
        alert.c.state == AlertState.NEW.value,
        alert.c.priority == Priority.P1,
        alert.c.raised_at >= request.now - _LOOKED_BACK_S,
        has_waited(alert.c.stored_at, request.now, request.after_s),
        ~_reported(ALERT, alert.c.id, request.target),
    )
    rows = connection.execute(query.order_by(alert.c.raised_at)).all()
    return (of_alert(row, UNANSWERED, request.now) for row in rows)


def _incidents(connection: sa.Connection, request: UnansweredQuery) -> Iterator[OutgoingEvent]:
    """Yield unassessed incidents, and those with a unit that does not answer."""
    silent = sa.select(assignment.c.told).where(
        assignment.c.incident_id == incident.c.id, *_is_silent(request)
    )
    query = sa.select(incident, silent.limit(1).scalar_subquery().label("silent")).where(
        incident.c.priority == Priority.P1,
        incident.c.closed_at.is_(None),
        incident.c.escalated_at.is_not(None),
        incident.c.opened_at >= request.now - _LOOKED_BACK_S,
        sa.or_(silent.exists(), sa.and_(*_is_unassessed(request))),
        ~_reported(INCIDENT, incident.c.id, request.target),
    )
    rows = connection.execute(query.order_by(incident.c.opened_at)).all()
    return (_event(connection, row, request.now) for row in rows)


def _is_unassessed(request: UnansweredQuery) -> tuple[_Condition, ...]:
    told = _reported(ALERT, alert.c.id, request.target)
    alerts_of_it = (_is_member(MemberType.ALERT), incident_member.c.member_id == alert.c.id)
    in_hands = sa.exists().where(
        *alerts_of_it,
        alert.c.state.not_in(_OVER),
        sa.or_(alert.c.state != AlertState.NEW.value, told),
    )
    over = sa.exists().where(*alerts_of_it, alert.c.state.in_(_OVER))
    others = sa.exists().where(_is_member(MemberType.CALL, MemberType.SIGNAL))
    seen_to = sa.or_(in_hands, sa.and_(over, ~others))
    return (
        incident.c.state == IncidentState.OPEN.value,
        has_waited(incident.c.opened_at, request.now, request.after_s),
        has_waited(incident.c.escalated_at, request.now, LEADER_ANSWERS_WITHIN_S),
        ~seen_to,
    )


def _is_member(*types: MemberType) -> _Condition:
    return sa.and_(
        incident_member.c.incident_id == incident.c.id,
        incident_member.c.type.in_([one.value for one in types]),
        incident_member.c.left_at.is_(None),
    )


def _is_silent(request: UnansweredQuery) -> tuple[_Condition, ...]:
    return (
        assignment.c.answered_at.is_(None),
        assignment.c.ended_at.is_(None),
        has_waited(assignment.c.told_at, request.now, request.after_s),
        has_waited(assignment.c.escalated_at, request.now, LEADER_ANSWERS_WITHIN_S),
    )


def _reported(of: str, subject_id: sa.ColumnElement[Any], target: str) -> _Condition:
    subject = sa.literal(f"{of}/") + subject_id
    return sa.exists().where(delivery.c.subject == subject, delivery.c.target == target)


def _event(connection: sa.Connection, row: sa.Row[Any], now: float) -> OutgoingEvent:
    """Return the incident's event, with who does not answer; None means not assessed."""
    facts = {name: value for name, value in row._mapping.items() if name != "silent"}
    event = outgoing(connection, IncidentRow(**facts), UNANSWERED, now)
    return replace(event, data={**event.data, "silent": row.silent})
