"""How incidents are written: opened, joined, moved on; each with its log entry and its change.

Every function takes the connection of a `Database.writing()` transaction. `open_incident` is also
for others who tell of happenings, such as devices' signals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from alerts.archive import outbox_writer
from alerts.archive.audit_log import (
    AuditEntry,
    IncidentChangeRecord,
    add_incident_change,
    add_log,
)
from alerts.archive.models.incidents import (
    incident,
    incident_member,
    incident_step,
    number_series,
)
from alerts.archive.models.rows import IncidentRow, typed
from alerts.delivery.outgoing import INCIDENT, OutgoingEvent, iso_time
from alerts.incidents.deadlines import answer_by
from alerts.incidents.incident_state import IncidentReason, IncidentState
from alerts.incidents.kinds import GROUPS
from alerts.incidents.records import NewIncident, NewMember
from alerts.lifecycle.roles import SYSTEM, Actor
from alerts.plain_text import plain
from config.local_time import LOCAL_TZ

CAP_MEMBER = "cap:"
"""Before the reference to another centre's message, where a note is that message."""
Sealed = list[tuple[str, str]]
_TOLD = (
    "id",
    "number",
    "state",
    "kind",
    "priority",
    "version",
    "place",
    "ward",
    "lat",
    "lon",
    "area",
    "agency",
    "disposition",
    "merged_into",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAct:
    """What is written down of an act on an incident; nobody did it where the system did."""

    incident_id: str
    why: IncidentReason
    now: float
    by: Actor | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    sealed: Sequence[tuple[str, str]] = ()

    @property
    def username(self) -> str:
        """Who did it."""
        return SYSTEM if self.by is None else self.by.username


def next_in_series(connection: sa.Connection, series: str) -> int:
    """Return the next number of a series, which begins at 1."""
    mine = number_series.c.series == series
    known = connection.execute(
        sa.update(number_series).where(mine).values(last=number_series.c.last + 1)
    )
    if not known.rowcount:
        connection.execute(sa.insert(number_series).values(series=series, last=1))
        return 1
    return int(connection.execute(sa.select(number_series.c.last).where(mine)).scalar_one())


def open_incident(
    connection: sa.Connection, new: NewIncident, now: float, by: Actor | None = None
) -> str:
    """Open an incident, with its first member where one is known; return its id."""
    day = datetime.fromtimestamp(now, UTC).astimezone(LOCAL_TZ).strftime("%Y%m%d")
    number = f"VV-{day}-{next_in_series(connection, f'incident:{day}'):04d}"
    incident_id, username = str(uuid7()), SYSTEM if by is None else by.username
    place = new.place
    connection.execute(
        sa.insert(incident).values(
            id=incident_id,
            number=number,
            state=IncidentState.OPEN.value,
            kind=new.kind.value,
            class_group=GROUPS[new.kind].value,
            priority=new.priority,
            version=0,  # the act below makes it 1
            people_version=1,
            place=place.text,
            ward=place.ward,
            lat=place.lat,
            lon=place.lon,
            agency=new.agency,
            area=new.area,
            opened_at=now,
            opened_by=username,
            last_at=new.at,
            due_at=answer_by(new.priority, now),
            words=plain(number, place.text, place.ward),
        )
    )
    add_step(connection, incident_id, IncidentState.OPEN, now, username)
    sealed: list[tuple[str, str]] = []
    if new.member is not None:
        sealed.append(put_member(connection, incident_id, new.member, now, username))
    act = IncidentAct(
        incident_id=incident_id,
        why=IncidentReason.OPENED,
        now=now,
        by=by,
        details={"number": number, "kind": new.kind.value, "priority": new.priority}
        | ({} if new.member is None else _named(new.member)),
        sealed=sealed,
    )
    record(connection, act, {})
    return incident_id


def add_note(
    connection: sa.Connection, incident_id: str, note: NewMember, now: float, by: Actor
) -> int:
    """Put words beside an incident, whatever its state; return its new version."""
    sealed = put_member(connection, incident_id, note, now, by.username)
    act = IncidentAct(
        incident_id=incident_id,
        why=IncidentReason.JOINED,
        now=now,
        by=by,
        note=note.words,
        details=_named(note),
        sealed=(sealed,),
    )
    return record(connection, act, {"last_at": now})


def record(
    connection: sa.Connection, act: IncidentAct, values: Mapping[str, Any], *, moves: bool = False
) -> int:
    """Write an act down: the row's new values and version, its log entry, its change.

    `moves`: people moved it, so commands on earlier versions are stale.
    """
    mine = incident.c.id == act.incident_id
    version = 1 + int(connection.execute(sa.select(incident.c.version).where(mine)).scalar_one())
    moved = {"people_version": version} if moves else {}
    connection.execute(sa.update(incident).where(mine).values(**values, **moved, version=version))
    line = AuditEntry(
        at=act.now,
        actor=act.username,
        role=SYSTEM if act.by is None else act.by.role.value,
        action=act.why.value,
        object_id=act.incident_id,
        note=act.note,
        details={**act.details, "version": version},
        sealed=(("incident", act.incident_id), *act.sealed),
    )
    add_log(connection, line)
    change = IncidentChangeRecord(
        incident_id=act.incident_id,
        version=version,
        kind=act.why.value,
        reason=str(act.details.get("step", act.why.value)),
        at=act.now,
    )
    add_incident_change(connection, change)
    is_note = act.note is not None and act.why is IncidentReason.JOINED
    if not is_note and act.why is not IncidentReason.TICKED:  # both stay inside
        row = typed(IncidentRow, connection.execute(sa.select(incident).where(mine)).one())
        outbox_writer.add(connection, [outgoing(connection, row, _change(act), act.now)])
    return version


def add_step(
    connection: sa.Connection, incident_id: str, step: IncidentState, at: float, by: str
) -> None:
    """Note when a state was reached; it is reached once."""
    connection.execute(
        sa.insert(incident_step).values(incident_id=incident_id, step=step.value, at=at, by=by)
    )


def put_member(
    connection: sa.Connection, incident_id: str, member: NewMember, now: float, by: str
) -> tuple[str, str]:
    """One row a member; return what is sealed of it."""
    row_id = str(uuid7())
    connection.execute(
        sa.insert(incident_member).values(
            id=row_id,
            incident_id=incident_id,
            type=member.type.value,
            member_id=member.id,
            joined_at=now,
            by=by,
            words=member.words,
            agency=member.agency,
            area=member.area,
        )
    )
    if member.words:
        words = incident.c.words + " " + plain(member.words)
        connection.execute(
            sa.update(incident).where(incident.c.id == incident_id).values(words=words)
        )
    return "incident_member", row_id


def outgoing(connection: sa.Connection, row: IncidentRow, change: str, at: float) -> OutgoingEvent:
    """What others are told: how the incident is, never who of the officers did what."""
    reached = sa.select(incident_step.c.step, incident_step.c.at)
    reached = reached.where(incident_step.c.incident_id == row.id).order_by(incident_step.c.at)
    steps = {one.step: iso_time(one.at) for one in connection.execute(reached)}
    origin = _origin(connection, row.id)
    times = {name: iso_time(getattr(row, name)) for name in ("opened_at", "closed_at")}
    return OutgoingEvent(
        type=f"thapcanh.{INCIDENT}.{change}.v1",
        subject=f"{INCIDENT}/{row.id}",
        kind=row.kind,
        priority=row.priority,
        version=row.version,
        at=at,
        agency=row.agency,
        area=row.area,
        data={name: getattr(row, name) for name in _TOLD}
        | times
        | {"steps": steps, "origin": origin},
    )


def _change(act: IncidentAct) -> str:
    return act.why.value.removeprefix("incident_")


def _origin(connection: sa.Connection, incident_id: str) -> str | None:
    """The other centre's message that opened it, as CAP refers to it."""
    query = sa.select(incident_member.c.member_id).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.member_id.startswith(CAP_MEMBER, autoescape=True),
    )
    first = query.order_by(incident_member.c.joined_at, incident_member.c.id).limit(1)
    found = connection.execute(first).scalar_one_or_none()
    return None if found is None else str(found).removeprefix(CAP_MEMBER)


def _named(member: NewMember) -> dict[str, Any]:
    return {"member": member.type.value, "member_id": member.id}
