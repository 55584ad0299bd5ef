"""Writing of incidents: members and moves, each with log entry and change.

Every function takes the connection of a `Database.writing()` transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.typed_rows import IncidentRow, typed
from thapcanh.alerts.incidents.incident_state import IncidentReason, IncidentState, MemberType
from thapcanh.alerts.incidents.incident_tables import (
    incident,
    incident_member,
    incident_step,
    number_series,
)
from thapcanh.alerts.incidents.records import Because, JoinReason, NewMember
from thapcanh.alerts.store.audit_log import (
    AuditEntry,
    AuditLogWriter,
    IncidentChangeRecord,
    add_incident_change,
    add_log,
)
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.outbox.outgoing import INCIDENT, OutgoingEvent, iso_time
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import SYSTEM, Actor

CAP_MEMBER = "cap:"
"""Before the reference to another centre's message, where a note is that message."""
_STAYS_INSIDE = (
    IncidentReason.TICKED,
    IncidentReason.REPORTED,
    IncidentReason.REQUESTED,
    IncidentReason.REQUEST_TAKEN,
    IncidentReason.PROPOSED,
)
_REPORTED = (
    "id", "number", "state", "kind", "priority", "version", "place", "ward", "lat", "lon",
    "area", "agency", "disposition", "merged_into",
)  # fmt: skip

_BY_HAND = JoinReason(code=Because.BY_HAND).column()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAct:
    """Act on an incident for the log; `by` is None for the system."""

    incident_id: str
    why: IncidentReason
    now: float
    by: Actor | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def username(self) -> str:
        return SYSTEM if self.by is None else self.by.username


def next_in_series(connection: sa.Connection, series: str, count: int = 1) -> int:
    """Take the next `count` numbers of a series, from 1; return the first of them."""
    matching = number_series.c.series == series
    last = connection.execute(sa.select(number_series.c.last).where(matching)).scalar_one_or_none()
    if last is None:
        connection.execute(sa.insert(number_series).values(series=series, last=count))
        return 1
    connection.execute(sa.update(number_series).where(matching).values(last=last + count))
    return int(last) + 1


def add_note(
    connection: sa.Connection, incident_id: str, note: NewMember, now: float, by: Actor
) -> int:
    """Add a note to an incident in any state; return its new version."""
    put_member(connection, incident_id, note, now, by.username)
    act = IncidentAct(
        incident_id=incident_id,
        why=IncidentReason.JOINED,
        now=now,
        by=by,
        note=note.words,
        details=named(note),
    )
    return record(connection, act, {"last_at": now})


def record(
    connection: sa.Connection, act: IncidentAct, values: Mapping[str, Any], *, moves: bool = False
) -> int:
    """Write an act: the row's new values and version, its log entry, its change.

    With `moves`, commands on earlier versions become stale.
    """
    matching = incident.c.id == act.incident_id
    version = 1 + int(
        connection.execute(sa.select(incident.c.version).where(matching)).scalar_one()
    )
    moved = {"people_version": version} if moves else {}
    connection.execute(
        sa.update(incident).where(matching).values(**values, **moved, version=version)
    )
    add_log(connection, _line(act, version))
    add_incident_change(connection, _change(act, version))
    is_note = act.note is not None and act.why is IncidentReason.JOINED
    if not is_note and act.why not in _STAYS_INSIDE:
        row = typed(IncidentRow, connection.execute(sa.select(incident).where(matching)).one())
        outbox.add(connection, [outgoing(connection, row, change_of(act.why), act.now)])
    return version


def record_steps(
    connection: sa.Connection,
    accepted: Sequence[tuple[IncidentRow, IncidentAct, Mapping[str, Any]]],
) -> None:
    """Write the same step of many incidents; the new `state` is among their values.

    Otherwise as `record_many`.
    """
    steps = [
        {"incident_id": row.id, "step": values["state"], "at": act.now, "by": act.username}
        for row, act, values in accepted
    ]
    if steps:
        connection.execute(sa.insert(incident_step), steps)
        record_many(connection, accepted, moves=True)


def record_many(
    connection: sa.Connection,
    accepted: Sequence[tuple[IncidentRow, IncidentAct, Mapping[str, Any]]],
    *,
    moves: bool = False,
) -> None:
    """Write the same act on many incidents, as read in this transaction.

    At least one, each once, all with the same columns, in hardly more statements than one. `moves`
    as for `record`; the act is published.
    """
    after = [
        replace(
            row,
            **values,
            version=row.version + 1,
            people_version=row.version + 1 if moves else row.people_version,
        )
        for row, _, values in accepted
    ]
    names = (*accepted[0][2], "version", "people_version")
    connection.execute(
        sa.update(incident)
        .where(incident.c.id == sa.bindparam("of"))
        .values({name: sa.bindparam(f"new_{name}") for name in names}),
        [{"of": row.id, **{f"new_{name}": getattr(row, name) for name in names}} for row in after],
    )
    ids = [row.id for row in after]
    reached, origins = reached_steps(connection, ids), cap_origins(connection, ids)
    page = AuditLogWriter(connection)
    for row, (_, act, _) in zip(after, accepted, strict=True):
        page.add_log(_line(act, row.version))
        reported = told_of(
            row, change_of(act.why), act.now, steps=reached[row.id], origin=origins.get(row.id)
        )
        page.add_incident_change(_change(act, row.version), reported)
    page.write()


def _line(act: IncidentAct, version: int) -> AuditEntry:
    return AuditEntry(
        at=act.now,
        actor=act.username,
        role=SYSTEM if act.by is None else act.by.role.value,
        action=act.why.value,
        object_id=act.incident_id,
        note=act.note,
        details={**act.details, "version": version},
    )


def _change(act: IncidentAct, version: int) -> IncidentChangeRecord:
    return IncidentChangeRecord(
        incident_id=act.incident_id,
        version=version,
        kind=act.why.value,
        reason=str(act.details.get("step", act.why.value)),
        at=act.now,
    )


def add_step(
    connection: sa.Connection, incident_id: str, step: IncidentState, at: float, by: str
) -> None:
    """Record when a state was reached; only the first time counts."""
    connection.execute(
        sa.insert(incident_step).values(incident_id=incident_id, step=step.value, at=at, by=by)
    )


def drop_last_steps(connection: sa.Connection, incident_id: str) -> None:
    """Take the times of control and closing back: the incident goes on. The log keeps them."""
    over = (IncidentState.CONTROLLED.value, IncidentState.CLOSED.value)
    connection.execute(
        sa.delete(incident_step).where(
            incident_step.c.incident_id == incident_id, incident_step.c.step.in_(over)
        )
    )


def mark_seen(connection: sa.Connection, incident_id: str) -> None:
    """Mark all sources of an incident as seen."""
    _see(connection, incident_member.c.incident_id == incident_id)


def mark_alerts_seen(connection: sa.Connection, alert_ids: Collection[str]) -> None:
    """Mark alerts as seen, as sources of their incidents."""
    _see(
        connection,
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id.in_(alert_ids),
    )


def _see(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> None:
    unseen = incident_member.c.unseen_since.is_not(None)
    values = sa.update(incident_member).values(unseen_since=None)
    connection.execute(values.where(unseen, *conditions))


def put_member(
    connection: sa.Connection, incident_id: str, member: NewMember, now: float, by: str
) -> None:
    """Add a member; in an incident that another holds it is unseen, with a clock of its own."""
    matching = sa.select(incident.c.owner).where(incident.c.id == incident_id)
    owner = connection.execute(matching).scalar_one()
    is_unseen = owner not in (None, by) and member.type is not MemberType.NOTE
    connection.execute(
        sa.insert(incident_member).values(
            id=str(uuid7()),
            incident_id=incident_id,
            type=member.type.value,
            member_id=member.id,
            joined_at=now,
            by=by,
            words=member.words,
            agency=member.agency,
            area=member.area,
            unseen_since=now if is_unseen else None,
            because=_BY_HAND if member.because is None else member.because.column(),
        )
    )
    if member.words:
        words = incident.c.words + " " + plain(member.words)
        connection.execute(
            sa.update(incident).where(incident.c.id == incident_id).values(words=words)
        )


def outgoing(connection: sa.Connection, row: IncidentRow, change: str, at: float) -> OutgoingEvent:
    """Return the published state of an incident, without officers' names."""
    steps, origins = reached_steps(connection, [row.id]), cap_origins(connection, [row.id])
    return told_of(row, change, at, steps=steps[row.id], origin=origins.get(row.id))


def told_of(
    row: IncidentRow, change: str, at: float, *, steps: Mapping[str, float], origin: str | None
) -> OutgoingEvent:
    """Return the published state of an incident with known steps and origin."""
    times = {name: iso_time(getattr(row, name)) for name in ("opened_at", "closed_at")}
    reached = {step: iso_time(when) for step, when in steps.items()}
    return OutgoingEvent(
        type=f"thapcanh.{INCIDENT}.{change}.v1",
        subject=f"{INCIDENT}/{row.id}",
        kind=row.kind,
        priority=row.priority,
        version=row.version,
        at=at,
        agency=row.agency,
        area=row.area,
        data={name: getattr(row, name) for name in _REPORTED}
        | times
        | {"steps": reached, "origin": origin},
    )


def change_of(why: IncidentReason) -> str:
    """Return the published name of an act."""
    return why.value.removeprefix("incident_")


def reached_steps(
    connection: sa.Connection, incident_ids: Collection[str]
) -> dict[str, dict[str, float]]:
    """Return the times of the steps that each incident reached, by step."""
    query = sa.select(incident_step.c.incident_id, incident_step.c.step, incident_step.c.at).where(
        incident_step.c.incident_id.in_(sorted(incident_ids))
    )
    reached: dict[str, dict[str, float]] = {one: {} for one in incident_ids}
    for row in connection.execute(query.order_by(incident_step.c.at)):
        reached[row.incident_id][str(row.step)] = float(row.at)
    return reached


def cap_origins(connection: sa.Connection, incident_ids: Collection[str]) -> dict[str, str]:
    """Return the CAP reference of the message that opened an incident."""
    query = sa.select(incident_member.c.incident_id, incident_member.c.member_id).where(
        incident_member.c.incident_id.in_(sorted(incident_ids)),
        incident_member.c.member_id.startswith(CAP_MEMBER, autoescape=True),
    )
    found: dict[str, str] = {}
    for row in connection.execute(
        query.order_by(incident_member.c.joined_at, incident_member.c.id)
    ):
        found.setdefault(row.incident_id, str(row.member_id).removeprefix(CAP_MEMBER))
    return found


def named(member: NewMember) -> dict[str, Any]:
    """Return a member as details of a log entry."""
    return {"member": member.type.value, "member_id": member.id}
