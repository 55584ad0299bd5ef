"""Records of incidents with steps and members, in three queries a page."""

import base64
import binascii
import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    Disposition,
    IncidentReason,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident, incident_member, incident_step
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import (
    Incident,
    IncidentFilter,
    IncidentMember,
    IncidentPage,
    IncidentPlace,
    IncidentStep,
)
from thapcanh.alerts.store.errors import BadCursor
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter

_MAX_PAGE = 200
_URL_SAFE = b"-_"
_ID = re.compile(r"[\x21-\x7e]{1,64}")
_OBSERVED_UNTIL = (
    sa.select(sa.func.max(alert.c.last_seen_at))
    .join(incident_member, incident_member.c.member_id == alert.c.id)
    .where(
        incident_member.c.incident_id == incident.c.id,
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.left_at.is_(None),
    )
    .correlate(incident)
    .scalar_subquery()
)
LAST_AT: sa.ColumnElement[float] = sa.case(
    (incident.c.last_at < _OBSERVED_UNTIL, _OBSERVED_UNTIL), else_=incident.c.last_at
)
"""When something of an incident was last told of, or last seen by a camera."""
_IS_CLOSED = incident.c.closed_at.is_not(None)
_BY_URGENCY: tuple[sa.ColumnElement[Any], ...] = (
    sa.case((incident.c.state == IncidentState.OPEN.value, 0), (~_IS_CLOSED, 1), else_=2),
    sa.case((_IS_CLOSED, 0), else_=incident.c.priority),
    sa.case((_IS_CLOSED, -incident.c.opened_at), else_=incident.c.opened_at),
    incident.c.id,
)
"""What nobody has answered, then what is at work, each by priority and age; then the newest."""
INCIDENTS = sa.select(incident, LAST_AT.label("until"))
"""Every incident as `incidents_of` reads it, to be narrowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureTick:
    """A step that was done, as entry `seq` of the log has it; its words as they were then."""

    id: str
    words: str
    at: float
    by: str
    seq: int


def one_incident(connection: sa.Connection, incident_id: str, scope: DataFilter) -> Incident | None:
    """Return the incident, or None if the scope may not see it."""
    query = INCIDENTS.where(incident.c.id == incident_id, *owned_by(incident, scope))
    found = incidents_of(connection, connection.execute(query).all(), scope)
    return found[0] if found else None


def ticks_of(connection: sa.Connection, incident_id: str) -> list[ProcedureTick]:
    """Return the completed steps of an incident's procedure, in order."""
    query = sa.select(action_log).where(
        action_log.c.object_id == incident_id,
        action_log.c.action == IncidentReason.TICKED.value,
    )
    rows = connection.execute(query.order_by(action_log.c.seq)).all()
    reported = ((row, json.loads(row.details)["procedure"]) for row in rows)
    return [
        ProcedureTick(id=step["id"], words=step["words"], at=row.at, by=row.actor, seq=row.seq)
        for row, step in reported
    ]


def incident_page(connection: sa.Connection, request: IncidentFilter) -> IncidentPage:
    """Return one page of incidents, newest first or by urgency. Raise `BadCursor`."""
    limit = max(1, min(request.limit, _MAX_PAGE))
    query = INCIDENTS.where(*owned_by(incident, request.scope), *_requested_for(request))
    if request.by_urgency:
        places = [one.label(f"place_{number}") for number, one in enumerate(_BY_URGENCY)]
        ordered = query.add_columns(*places).order_by(*_BY_URGENCY)
    else:
        ordered = query.order_by(incident.c.opened_at.desc(), incident.c.id.desc())
    rows = connection.execute(ordered.limit(limit + 1)).all()
    items = incidents_of(connection, rows[:limit], request.scope)
    after = _cursor(rows[limit - 1], request) if len(rows) > limit else None
    return IncidentPage(items=tuple(items), next=after)


def incidents_of(
    connection: sa.Connection, rows: Sequence[sa.Row[Any]], scope: DataFilter
) -> list[Incident]:
    """Return the records of incident rows, with the members in scope."""
    ids = [row.id for row in rows]
    steps, members = _steps(connection, ids), _members(connection, ids, scope)
    return [_incident(row, steps[row.id], members[row.id]) for row in rows]


def _steps(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[IncidentStep]]:
    found: dict[str, list[IncidentStep]] = defaultdict(list)
    query = sa.select(incident_step).where(incident_step.c.incident_id.in_(ids))
    for row in connection.execute(query):
        step = IncidentStep(step=IncidentState(row.step), at=row.at, by=row.by)
        found[row.incident_id].append(step)
    for steps in found.values():
        steps.sort(key=lambda one: ORDER[one.step])
    return found


def _members(
    connection: sa.Connection, ids: Sequence[str], scope: DataFilter
) -> dict[str, list[IncidentMember]]:
    found: dict[str, list[IncidentMember]] = defaultdict(list)
    query = sa.select(incident_member).where(
        incident_member.c.incident_id.in_(ids),
        incident_member.c.left_at.is_(None),
        *owned_by(incident_member, scope),
    )
    for row in connection.execute(
        query.order_by(incident_member.c.joined_at, incident_member.c.id)
    ):
        member = IncidentMember(
            type=MemberType(row.type),
            id=row.member_id,
            joined_at=row.joined_at,
            by=row.by,
            words=row.words,
        )
        found[row.incident_id].append(member)
    return found


def _incident(
    row: sa.Row[Any], steps: Sequence[IncidentStep], members: Sequence[IncidentMember]
) -> Incident:
    same_name = {name: getattr(row, name) for name in _SAME_NAME}
    return Incident(
        **same_name,
        state=IncidentState(row.state),
        kind=IncidentKind(row.kind),
        last_at=row.until,
        place=IncidentPlace(text=row.place, ward=row.ward, lat=row.lat, lon=row.lon),
        disposition=None if row.disposition is None else Disposition(row.disposition),
        steps=tuple(steps),
        members=tuple(members),
    )


_MADE = {"state", "last_at", "kind", "place", "disposition", "steps", "members"}
_SAME_NAME = tuple(name for name in Incident.__dataclass_fields__ if name not in _MADE)


def _requested_for(request: IncidentFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if request.states:
        conditions.append(incident.c.state.in_(sorted(request.states)))
    if request.kinds:
        conditions.append(incident.c.kind.in_(sorted(request.kinds)))
    if request.open_only:
        conditions.append(incident.c.closed_at.is_(None))
    if request.since is not None:
        conditions.append(incident.c.opened_at >= request.since)
    if request.until is not None:
        conditions.append(incident.c.opened_at < request.until)
    conditions += [incident.c.words.contains(word, autoescape=True) for word in request.words]
    if request.cursor is not None and request.by_urgency:
        conditions.append(_behind(request.cursor))
    elif request.cursor is not None:
        conditions.append(before(incident.c.opened_at, incident.c.id, request.cursor))
    return conditions


def before(
    at: sa.ColumnElement[Any], key: sa.ColumnElement[Any], cursor: str
) -> sa.ColumnElement[bool]:
    """Return the condition of rows after a cursor, newest first. Raise `BadCursor`."""
    last_at, last_id = _after(cursor)
    return sa.or_(at < last_at, sa.and_(at == last_at, key < last_id))


def cursor_of(at: float, key: str) -> str:
    """Return the cursor after a row."""
    return place_of([at, key])


def _cursor(last: sa.Row[Any], request: IncidentFilter) -> str:
    if not request.by_urgency:
        return cursor_of(last.opened_at, last.id)
    return place_of([getattr(last, f"place_{number}") for number in range(len(_BY_URGENCY))])


def place_of(place: Sequence[Any]) -> str:
    """Return the cursor after a place in an order: numbers, then an id."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _behind(cursor: str) -> sa.ColumnElement[bool]:
    """Return the condition of rows after a cursor, by urgency. Raise `BadCursor`."""
    *numbers, key = place_in(cursor, len(_BY_URGENCY))
    return sa.tuple_(*_BY_URGENCY) > sa.tuple_(*map(sa.literal, numbers), sa.literal(key))


def _after(cursor: str) -> tuple[float, str]:
    at, key = place_in(cursor, 2)
    return at, key


def place_in(cursor: str, length: int) -> list[Any]:
    """Return the numbers and the id in a cursor. Raise `BadCursor`."""
    try:
        *numbers, key = json.loads(base64.b64decode(cursor, _URL_SAFE, validate=True))
        found = [float(one) for one in numbers]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise BadCursor("the cursor is not one of ours") from error
    is_id = isinstance(key, str) and _ID.fullmatch(key)
    if len(found) != length - 1 or not all(map(math.isfinite, found)) or not is_id:
        raise BadCursor("the cursor is not one of ours")
    return [*found, key]
