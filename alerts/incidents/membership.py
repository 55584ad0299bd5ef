"""Membership of incidents: found, moved, separated."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.typed_rows import AlertRow, IncidentMemberRow, IncidentRow, typed
from thapcanh.alerts.incidents.calls import Call, calls_of, calls_query, opened_by
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentReason,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import GOES_OVER, call, incident, incident_member
from thapcanh.alerts.incidents.incident_writing import IncidentAct, add_step, put_member, record
from thapcanh.alerts.incidents.kinds import IncidentKind, kind_of_alert
from thapcanh.alerts.incidents.opening import open_incident
from thapcanh.alerts.incidents.records import IncidentPlace, JoinReason, NewIncident, NewMember
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.alerts.store.tables import metadata
from thapcanh.config.rules import Priority

_MOST_MERGES = 20
_VERDICT = tuple(one.name for one in incident_member.c if one.name.startswith("verdict"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Actor and time of a move."""

    by: Actor
    now: float


def live_member(
    connection: sa.Connection, of: MemberType, member_id: str
) -> IncidentMemberRow | None:
    query = sa.select(incident_member).where(
        incident_member.c.type == of.value,
        incident_member.c.member_id == member_id,
        incident_member.c.left_at.is_(None),
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else typed(IncidentMemberRow, row)


def live_members(connection: sa.Connection, incident_id: str) -> list[IncidentMemberRow]:
    """Return an incident's present members without notes."""
    query = sa.select(incident_member).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.left_at.is_(None),
        incident_member.c.type != MemberType.NOTE.value,
    )
    rows = connection.execute(query.order_by(incident_member.c.joined_at)).all()
    return [typed(IncidentMemberRow, row) for row in rows]


def told_by(
    connection: sa.Connection, of: MemberType, member_id: str, scope: DataFilter
) -> NewIncident | None:
    """Return what an alert, a call or a signal reports by itself; None outside the scope."""
    match of:
        case MemberType.ALERT:
            query = sa.select(alert).where(alert.c.id == member_id, *owned_by(alert, scope))
            row = connection.execute(query).one_or_none()
            return None if row is None else of_alert(typed(AlertRow, row))
        case MemberType.CALL:
            query = calls_query().where(call.c.id == member_id, *owned_by(call, scope))
            found = calls_of(connection.execute(query).all())
            return _of_call(found[0]) if found else None
        case MemberType.SIGNAL | MemberType.SITE:
            member = live_member(connection, of, member_id)
            return None if member is None else _of_member(connection, member, scope)
        case MemberType.NOTE | MemberType.INCIDENT:
            return None


def of_alert(row: AlertRow, because: JoinReason | None = None) -> NewIncident:
    """Return what an alert reports, at its camera's place."""
    text = " · ".join(part for part in (row.camera_name, row.place) if part)
    return NewIncident(
        kind=kind_of_alert(row.kind),
        priority=row.priority,
        place=IncidentPlace(text=text, lat=row.lat, lon=row.lon),
        at=row.raised_at,
        until=row.last_seen_at,
        agency=row.agency,
        area=row.area,
        member=NewMember(
            type=MemberType.ALERT,
            id=row.id,
            words=row.number,
            agency=row.agency,
            area=row.area,
            because=because,
        ),
    )


def leave(connection: sa.Connection, member: IncidentMemberRow, move: Move) -> None:
    ended = sa.update(incident_member).where(incident_member.c.id == member.id)
    connection.execute(ended.values(left_at=move.now, left_by=move.by.username))


def judge(
    connection: sa.Connection,
    member: IncidentMemberRow,
    verdict: tuple[str | None, str | None],
    move: Move,
) -> None:
    """Store a source's verdict and its reason; the source counts as seen."""
    value, reason = verdict
    values = {
        "verdict": value,
        "verdict_reason": reason,
        "verdict_by": move.by.username,
        "verdict_at": move.now,
        "unseen_since": None,
    }
    matching = incident_member.c.id == member.id
    connection.execute(sa.update(incident_member).where(matching).values(values))


def move_in(
    connection: sa.Connection, incident_id: str, members: Sequence[IncidentMemberRow], move: Move
) -> None:
    """Move members to another incident; a source keeps its verdict."""
    for row in members:
        leave(connection, row, move)
        member = NewMember(
            type=MemberType(row.type),
            id=row.member_id,
            words=row.words,
            agency=row.agency,
            area=row.area,
        )
        put_member(connection, incident_id, member, move.now, move.by.username)
        if row.verdict is not None:
            moved = sa.update(incident_member).where(
                incident_member.c.incident_id == incident_id,
                incident_member.c.member_id == row.member_id,
                incident_member.c.left_at.is_(None),
            )
            connection.execute(moved.values({name: getattr(row, name) for name in _VERDICT}))


def close_emptied(connection: sa.Connection, emptied: IncidentRow, into: str, move: Move) -> None:
    """Close an incident whose members moved; its other rows move too."""
    _go_over(connection, emptied.id, into)
    add_step(connection, emptied.id, IncidentState.CLOSED, move.now, move.by.username)
    values = {
        "state": IncidentState.CLOSED.value,
        "disposition": Disposition.DUPLICATE.value,
        "merged_into": into,
        "closed_by": move.by.username,
        "closed_at": move.now,
        "due_at": None,
    }
    act = IncidentAct(
        incident_id=emptied.id,
        why=IncidentReason.CLOSED,
        now=move.now,
        by=move.by,
        details={
            "step": IncidentState.CLOSED.value,
            "merged_into": into,
            "from": emptied.state,
            "disposition": Disposition.DUPLICATE.value,
        },
    )
    record(connection, act, values, moves=True)


def standing_incident(connection: sa.Connection, incident_id: str) -> str:
    """Return the incident that an incident was merged into, or itself."""
    for _ in range(_MOST_MERGES):
        query = sa.select(incident.c.merged_into).where(incident.c.id == incident_id)
        into = connection.execute(query).scalar_one_or_none()
        if into is None:
            break
        incident_id = into
    return incident_id


def _go_over(connection: sa.Connection, emptied_id: str, into: str) -> None:
    """Move assignments, reports and other rows to the merged incident.

    A table with one row per incident keeps the target's row.
    """
    for table in metadata.sorted_tables:
        for column in (one for one in table.columns if one.info.get(GOES_OVER)):
            matching = column == emptied_id
            if column.primary_key:
                matching &= ~sa.exists(sa.select(column).where(column == into).correlate(None))
            connection.execute(sa.update(table).where(matching).values({column.name: into}))


def separate(
    connection: sa.Connection, member: IncidentMemberRow, reported: NewIncident | None, move: Move
) -> str | None:
    """Let a member be an incident of its own; return that one's id, or None for a note."""
    leave(connection, member, move)
    if reported is None:
        return None
    opened = open_incident(connection, reported, move.now, move.by)
    _give_notes_back(connection, member, opened)
    return opened


def _give_notes_back(connection: sa.Connection, member: IncidentMemberRow, opened_id: str) -> None:
    """Move the notes of the incident in which a member came to the one that it has now."""
    former = (
        sa.select(incident_member.c.incident_id)
        .join(incident, incident.c.id == incident_member.c.incident_id)
        .where(
            incident_member.c.type == member.type,
            incident_member.c.member_id == member.member_id,
            incident_member.c.left_at.is_not(None),
            incident.c.merged_into == member.incident_id,
        )
        .order_by(incident_member.c.left_at.desc())
        .limit(1)
    )
    notes = sa.update(incident_member).where(
        incident_member.c.incident_id == former.scalar_subquery(),
        incident_member.c.type == MemberType.NOTE.value,
        incident_member.c.left_at.is_(None),
    )
    connection.execute(notes.values(incident_id=opened_id))


def _of_call(found: Call) -> NewIncident:
    """Return what a call that opened no incident (a hang-up) reports."""
    reported = opened_by(found)
    if reported is not None:
        return reported
    return NewIncident(
        kind=IncidentKind.OTHER,
        priority=Priority.P3,
        place=found.place,
        at=found.at,
        agency=found.agency,
        area=found.area,
        member=NewMember(
            type=MemberType.CALL,
            id=found.id,
            words=found.number,
            agency=found.agency,
            area=found.area,
        ),
    )


def _of_member(
    connection: sa.Connection, row: IncidentMemberRow, scope: DataFilter
) -> NewIncident | None:
    """Return a signal's or site's own incident, at the place of the former one."""
    if not scope.sees(row.agency, row.area):
        return None
    of = connection.execute(sa.select(incident).where(incident.c.id == row.incident_id)).one()
    return NewIncident(
        kind=IncidentKind(of.kind),
        priority=of.priority,
        place=IncidentPlace(text=of.place, ward=of.ward, lat=of.lat, lon=of.lon),
        at=row.joined_at,
        agency=row.agency,
        area=row.area,
        member=NewMember(
            type=MemberType(row.type),
            id=row.member_id,
            words=row.words,
            agency=row.agency,
            area=row.area,
        ),
    )
