"""Rows to records: incidents with their steps and members, in three queries a page.

A member of another agency or area than the reader's is left out; so is the incident itself.
"""

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

from alerts.incidents.incident_state import (
    ORDER,
    Disposition,
    IncidentReason,
    IncidentState,
    MemberType,
)
from alerts.incidents.incident_tables import incident, incident_member, incident_step
from alerts.incidents.kinds import IncidentKind
from alerts.incidents.records import (
    Incident,
    IncidentFilter,
    IncidentMember,
    IncidentPage,
    IncidentPlace,
    IncidentStep,
)
from alerts.store.errors import BadCursor
from alerts.store.log_tables import action_log
from alerts.store.roles import DataFilter

_MAX_PAGE = 200
_URL_SAFE = b"-_"
_ID = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureTick:
    """A step that was done, as entry `seq` of the log has it; its words as they were then."""

    id: str
    words: str
    at: float
    by: str
    seq: int


def owned_by(table: sa.Table, scope: DataFilter) -> list[sa.ColumnElement[bool]]:
    """The conditions that leave only rows of a table that a scope may see."""
    seen = ((table.c.agency, scope.agencies), (table.c.area, scope.areas))
    return [column.in_(sorted(names)) for column, names in seen if names is not None]


def one_incident(connection: sa.Connection, incident_id: str, scope: DataFilter) -> Incident | None:
    """One incident, or None where there is none that the scope may see."""
    query = sa.select(incident).where(incident.c.id == incident_id, *owned_by(incident, scope))
    found = incidents_of(connection, connection.execute(query).all(), scope)
    return found[0] if found else None


def ticks_of(connection: sa.Connection, incident_id: str) -> list[ProcedureTick]:
    """The steps of an incident's procedure that were done, in their order."""
    query = sa.select(action_log).where(
        action_log.c.object_id == incident_id,
        action_log.c.action == IncidentReason.TICKED.value,
    )
    rows = connection.execute(query.order_by(action_log.c.seq)).all()
    told = ((row, json.loads(row.details)["procedure"]) for row in rows)
    return [
        ProcedureTick(id=step["id"], words=step["words"], at=row.at, by=row.actor, seq=row.seq)
        for row, step in told
    ]


def incident_page(connection: sa.Connection, wanted: IncidentFilter) -> IncidentPage:
    """One page of incidents, newest first. Raise `BadCursor`."""
    limit = max(1, min(wanted.limit, _MAX_PAGE))
    query = sa.select(incident).where(*owned_by(incident, wanted.scope), *_asked_for(wanted))
    newest_first = query.order_by(incident.c.opened_at.desc(), incident.c.id.desc())
    rows = connection.execute(newest_first.limit(limit + 1)).all()
    items = incidents_of(connection, rows[:limit], wanted.scope)
    return IncidentPage(items=tuple(items), next=_cursor(items[-1]) if len(rows) > limit else None)


def incidents_of(
    connection: sa.Connection, rows: Sequence[sa.Row[Any]], scope: DataFilter
) -> list[Incident]:
    """Records of incident rows, with what of their members the scope may see."""
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
        place=IncidentPlace(text=row.place, ward=row.ward, lat=row.lat, lon=row.lon),
        disposition=None if row.disposition is None else Disposition(row.disposition),
        steps=tuple(steps),
        members=tuple(members),
    )


_MADE = {"state", "kind", "place", "disposition", "steps", "members"}
_SAME_NAME = tuple(name for name in Incident.__dataclass_fields__ if name not in _MADE)


def _asked_for(wanted: IncidentFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(incident.c.state.in_(sorted(wanted.states)))
    if wanted.kinds:
        conditions.append(incident.c.kind.in_(sorted(wanted.kinds)))
    if wanted.open_only:
        conditions.append(incident.c.closed_at.is_(None))
    if wanted.since is not None:
        conditions.append(incident.c.opened_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(incident.c.opened_at < wanted.until)
    conditions += [incident.c.words.contains(word, autoescape=True) for word in wanted.words]
    if wanted.cursor is not None:
        conditions.append(before(incident.c.opened_at, incident.c.id, wanted.cursor))
    return conditions


def before(
    at: sa.ColumnElement[Any], key: sa.ColumnElement[Any], cursor: str
) -> sa.ColumnElement[bool]:
    """The condition of rows after a cursor, newest first. Raise `BadCursor`."""
    last_at, last_id = _after(cursor)
    return sa.or_(at < last_at, sa.and_(at == last_at, key < last_id))


def cursor_of(at: float, key: str) -> str:
    """The cursor after a row."""
    return base64.urlsafe_b64encode(json.dumps([at, key]).encode()).decode()


def _cursor(last: Incident) -> str:
    return cursor_of(last.opened_at, last.id)


def _after(cursor: str) -> tuple[float, str]:
    try:
        at, key = json.loads(base64.b64decode(cursor, _URL_SAFE, validate=True))
        found = float(at)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise BadCursor("the cursor is not one of ours") from error
    if not math.isfinite(found) or not isinstance(key, str) or not _ID.fullmatch(key):
        raise BadCursor("the cursor is not one of ours")
    return found, key
