"""Opening and joining of incidents by the system, with log entry and change.

Every function takes the connection of a `Database.writing()` transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.typed_rows import IncidentMemberRow, IncidentRow, typed, values_of
from thapcanh.alerts.incidents.escalation import answer_by
from thapcanh.alerts.incidents.incident_state import IncidentReason, IncidentState
from thapcanh.alerts.incidents.incident_tables import incident, incident_member, incident_step
from thapcanh.alerts.incidents.incident_writing import (
    CAP_MEMBER,
    cap_origins,
    change_of,
    named,
    next_in_series,
    reached_steps,
    told_of,
)
from thapcanh.alerts.incidents.kinds import GROUPS
from thapcanh.alerts.incidents.records import Because, JoinReason, NewIncident, NewMember
from thapcanh.alerts.store.audit_log import AuditEntry, AuditLogWriter, IncidentChangeRecord
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import SYSTEM, Actor
from thapcanh.config.local_time import LOCAL_TZ

_FIRST_VERSION = 1
_WHY = IncidentReason.OPENED


def open_incident(
    connection: sa.Connection, new: NewIncident, now: float, by: Actor | None = None
) -> str:
    """Open an incident, with its first member if known; return its id."""
    (opened,) = open_incidents(connection, [new], now, by)
    return opened


def open_incidents(
    connection: sa.Connection, request: Sequence[NewIncident], now: float, by: Actor | None = None
) -> list[str]:
    """Open incidents in order; return their ids. `by` None means the system."""
    if not request:
        return []
    username = SYSTEM if by is None else by.username
    rows = [
        _row(new, number, now, username)
        for new, number in zip(request, _numbers(connection, len(request), now), strict=True)
    ]
    first = JoinReason(code=Because.FIRST)
    members = [
        None
        if new.member is None
        else _member(row.id, replace(new.member, because=first), now, username)
        for new, row in zip(request, rows, strict=True)
    ]
    connection.execute(sa.insert(incident), [values_of(row) for row in rows])
    steps = [{"incident_id": row.id, "step": row.state, "at": now, "by": username} for row in rows]
    connection.execute(sa.insert(incident_step), steps)
    if joined := [values_of(member) for member in members if member is not None]:
        connection.execute(sa.insert(incident_member), joined)
    page = AuditLogWriter(connection)
    for new, row in zip(request, rows, strict=True):
        _report(page, new.member, row, now, by)
    page.write()
    return [row.id for row in rows]


def join_incidents(
    connection: sa.Connection, joined: Mapping[str, Sequence[NewIncident]], now: float
) -> None:
    """Add members to open incidents, by id.

    In an incident that somebody holds they are unseen, with a clock of their own.
    """
    if not joined:
        return
    query = sa.select(incident).where(incident.c.id.in_(sorted(joined)))
    page = AuditLogWriter(connection)
    steps, origins = reached_steps(connection, joined), cap_origins(connection, joined)
    rows, members = [], []
    for row in (typed(IncidentRow, one) for one in connection.execute(query).all()):
        reported = joined[row.id]
        matching = [
            _member(row.id, one.member, now, SYSTEM) for one in reported if one.member is not None
        ]
        if row.owner is not None:
            matching = [replace(one, unseen_since=now) for one in matching]
        last_at = max(row.last_at, *(one.until or one.at for one in reported))
        words = " ".join([row.words, *(plain(one.words) for one in matching if one.words)])
        after = replace(row, version=row.version + 1, last_at=last_at, words=words)
        outside = told_of(
            after,
            change_of(IncidentReason.JOINED),
            now,
            steps=steps[row.id],
            origin=origins.get(row.id),
        )
        _report_joined(page, after, matching, outside)
        rows.append(after)
        members += [values_of(one) for one in matching]
    connection.execute(sa.insert(incident_member), members)
    names = ("version", "last_at", "words")
    update = sa.update(incident).where(incident.c.id == sa.bindparam("of"))
    connection.execute(
        update.values({name: sa.bindparam(f"new_{name}") for name in names}),
        [{"of": row.id, **{f"new_{name}": getattr(row, name) for name in names}} for row in rows],
    )
    page.write()


def _report_joined(
    page: AuditLogWriter,
    row: IncidentRow,
    members: Sequence[IncidentMemberRow],
    outside: OutgoingEvent,
) -> None:
    why = IncidentReason.JOINED
    details = {
        "member": members[0].type,
        "member_ids": [one.member_id for one in members],
        "version": row.version,
    }
    page.add_log(
        AuditEntry(
            at=outside.at,
            actor=SYSTEM,
            role=SYSTEM,
            action=why.value,
            object_id=row.id,
            details=details,
        )
    )
    change = IncidentChangeRecord(
        incident_id=row.id, version=row.version, kind=why.value, reason=why.value, at=outside.at
    )
    page.add_incident_change(change, outside)


def _numbers(connection: sa.Connection, count: int, now: float) -> list[str]:
    """Return the incidents' numbers, counted anew each local day."""
    day = datetime.fromtimestamp(now, UTC).astimezone(LOCAL_TZ).strftime("%Y%m%d")
    first = next_in_series(connection, f"incident:{day}", count)
    return [f"VV-{day}-{first + one:04d}" for one in range(count)]


def _row(new: NewIncident, number: str, now: float, username: str) -> IncidentRow:
    at = new.place
    words = plain(number, at.text, at.ward)
    if new.member is not None and new.member.words:
        words = f"{words} {plain(new.member.words)}"
    return IncidentRow(
        id=str(uuid7()), number=number, state=IncidentState.OPEN.value,
        kind=new.kind.value, class_group=GROUPS[new.kind].value,
        priority=new.priority, version=_FIRST_VERSION, people_version=1,
        place=at.text, ward=at.ward, lat=at.lat, lon=at.lon,
        agency=new.agency, area=new.area, owner=None,
        opened_at=now, opened_by=username, last_at=new.until or new.at,
        due_at=answer_by(new.priority, now), escalated_at=None,
        disposition=None, report=None, closed_by=None, closed_at=None, merged_into=None,
        words=words,
    )  # fmt: skip


def _member(incident_id: str, new: NewMember, now: float, username: str) -> IncidentMemberRow:
    return IncidentMemberRow(
        id=str(uuid7()), incident_id=incident_id, type=new.type.value, member_id=new.id,
        joined_at=now, by=username, words=new.words, agency=new.agency, area=new.area,
        left_at=None, left_by=None,
        because=None if new.because is None else new.because.column(),
    )  # fmt: skip


def _report(
    page: AuditLogWriter,
    first: NewMember | None,
    row: IncidentRow,
    now: float,
    by: Actor | None,
) -> None:
    details = {"number": row.number, "kind": row.kind, "priority": row.priority}
    line = AuditEntry(
        at=now,
        actor=row.opened_by,
        role=SYSTEM if by is None else by.role.value,
        action=_WHY.value,
        object_id=row.id,
        details=details | ({} if first is None else named(first)) | {"version": row.version},
    )
    page.add_log(line)
    change = IncidentChangeRecord(
        incident_id=row.id, version=row.version, kind=_WHY.value, reason=_WHY.value, at=now
    )
    reported = told_of(row, change_of(_WHY), now, steps={row.state: now}, origin=_origin(first))
    page.add_incident_change(change, reported)


def _origin(first: NewMember | None) -> str | None:
    """Return the CAP reference of the message that opened it, or None."""
    is_message = first is not None and first.id.startswith(CAP_MEMBER)
    return first.id.removeprefix(CAP_MEMBER) if first is not None and is_message else None
