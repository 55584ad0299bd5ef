"""Effect of a CAP message of another centre or a sector: its warning is a source of an incident.

The first message opens an incident or joins the one at its place; later ones of the same warning
change it. Each is kept as a note. None closes or judges anything.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.cap.from_cap import is_over, new_incident_of, priority_of, words_of
from thapcanh.alerts.cap.message import CapMessage
from thapcanh.alerts.cap.references import (
    CapDelivery,
    incident_of,
    incident_of_references,
    is_noted,
    is_stale,
    remember_replaced,
    replacements,
    sender_prefix,
    source_id,
)
from thapcanh.alerts.incidents.incident_state import IncidentReason, IncidentState, MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_writing import (
    IncidentAct,
    add_note,
    named,
    put_member,
    record,
)
from thapcanh.alerts.incidents.machine_incidents import incident_at
from thapcanh.alerts.incidents.membership import standing_incident
from thapcanh.alerts.incidents.opening import open_incident
from thapcanh.alerts.incidents.records import Because, JoinReason, NewMember
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember


class CapOutcome(StrEnum):
    """Result of a message."""

    OPENED = "opened"  # an incident
    JOINED = "joined"  # the open incident at its place
    NOTED = "noted"  # in the incident of the messages that it names
    NOT_ACTUAL = "not_actual"  # a test, a drill or a draft: it opens nothing
    OVER = "over"  # it expired, or was ended before it came
    UNKNOWN = "unknown"  # it ends or answers what is not known here


@dataclass(frozen=True, slots=True, kw_only=True)
class CapReceipt:
    """Result of a message, and its incident."""

    outcome: CapOutcome
    incident_id: str | None = None


def receive_cap(database: Database, received: CapDelivery, now: float) -> CapReceipt:
    """Store a message once by sender, identifier and time. Raise `KeyReused`.

    The caller learns only of incidents in its scope, whatever sender the message states.
    """
    message, username = received.message, received.actor.username
    reference = message.reference
    key = f"cap:{reference.sender},{reference.identifier},{message.sent:.0f}"
    with database.writing() as connection:
        earlier = earlier_answer(connection, username, key, digest_of(message))
        if earlier is not None:
            retained = json.loads(earlier)
            return CapReceipt(outcome=CapOutcome(retained[0]), incident_id=retained[1])
        receipt = _accepted(connection, received, now)
        answer = json.dumps([receipt.outcome.value, receipt.incident_id])
        remember(connection, username, {key: (digest_of(message), answer)}, now)
        if message.status == "Actual":
            remember_replaced(connection, received, now)
        return receipt


def _accepted(connection: sa.Connection, received: CapDelivery, now: float) -> CapReceipt:
    message = received.message
    if message.status != "Actual":
        return CapReceipt(outcome=CapOutcome.NOT_ACTUAL)
    retained = incident_of(connection, received, message.reference)
    is_own = message.reference.sender == received.own_sender  # what we sent comes back
    if retained is not None and (is_own or is_noted(connection, message.reference)):
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=retained)
    existing = retained or incident_of_references(connection, received)
    if existing is not None and not _is_worse_than_closed(connection, existing, message, now):
        _follow(connection, existing, received, now)
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=existing)
    if message.msg_type not in ("Alert", "Update"):
        return CapReceipt(outcome=CapOutcome.UNKNOWN)
    replaced = replacements(connection, received, [message.reference])
    if any(one.incident_id for one in replaced):
        incident_id = standing_incident(connection, replaced[0].incident_id)
        add_note(connection, incident_id, received.note, now, received.actor)
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=incident_id)
    if replaced or is_stale(connection, received, now) or is_over(message, now):
        return CapReceipt(outcome=CapOutcome.OVER)
    return _opened(connection, received, now)


def _opened(connection: sa.Connection, received: CapDelivery, now: float) -> CapReceipt:
    """Put a new warning into the open incident at its place, or into one of its own."""
    new = new_incident_of(received.message, received.note, now)
    found = incident_at(connection, new, now)
    if found is None:
        opened = open_incident(connection, new, now, received.actor)
        first = received.member(
            MemberType.SIGNAL,
            source_id(received.message.reference),
            JoinReason(code=Because.FIRST),
        )
        put_member(connection, opened, first, now, received.actor.username)
        return CapReceipt(outcome=CapOutcome.OPENED, incident_id=opened)
    incident_id, because = found
    source = received.member(MemberType.SIGNAL, source_id(received.message.reference), because)
    put_member(connection, incident_id, source, now, received.actor.username)
    put_member(connection, incident_id, received.note, now, received.actor.username)
    risen = _risen(connection, incident_id, new.priority)
    _record(connection, incident_id, received, now, (source, risen))
    return CapReceipt(outcome=CapOutcome.JOINED, incident_id=incident_id)


def _follow(connection: sa.Connection, incident_id: str, received: CapDelivery, now: float) -> None:
    """Note a message in its incident; the newest of a warning gives its source new words."""
    message = received.message
    source = _source_of(connection, incident_id, message)
    is_change = message.msg_type in ("Alert", "Update", "Cancel")
    if source is None or not is_change or is_stale(connection, received, now):
        add_note(connection, incident_id, received.note, now, received.actor)
        return
    _renew(connection, source, received, now)
    ends = message.msg_type == "Cancel"
    risen = {} if ends else _risen(connection, incident_id, priority_of(message))
    if not risen:
        add_note(connection, incident_id, received.note, now, received.actor)
        return
    put_member(connection, incident_id, received.note, now, received.actor.username)
    _record(connection, incident_id, received, now, (received.note, risen))


def _renew(
    connection: sa.Connection, source: sa.Row[Any], received: CapDelivery, now: float
) -> None:
    """Give a warning its newest words; who holds its incident has not seen them."""
    of = sa.select(incident.c.owner).where(incident.c.id == source.incident_id)
    is_held = connection.execute(of).scalar_one() is not None
    values = {"words": words_of(received.message), "unseen_since": now if is_held else None}
    matching = incident_member.c.id == source.id
    connection.execute(sa.update(incident_member).where(matching).values(values))


def _record(
    connection: sa.Connection,
    incident_id: str,
    received: CapDelivery,
    now: float,
    what: tuple[NewMember, Mapping[str, Any]],
) -> None:
    """Log a member and the priority that it raises, if it does; it is told outside too."""
    member, risen = what
    act = IncidentAct(
        incident_id=incident_id,
        why=IncidentReason.JOINED,
        now=now,
        by=received.actor,
        details={**named(member), **risen},
    )
    values = {"priority": risen["priority"]} if risen else {}
    record(connection, act, {"last_at": now, **values})


def _risen(connection: sa.Connection, incident_id: str, priority: int) -> Mapping[str, Any]:
    """Return kind and new priority of an incident that this raises, while nobody assessed it."""
    row = connection.execute(sa.select(incident).where(incident.c.id == incident_id)).one()
    if row.state != IncidentState.OPEN.value or priority >= row.priority:
        return {}
    return {"kind": row.kind, "priority": int(priority)}


def _is_worse_than_closed(
    connection: sa.Connection, incident_id: str, message: CapMessage, now: float
) -> bool:
    """Return whether a sector's update is more urgent than its closed incident was."""
    if message.is_of_centre or message.msg_type != "Update" or is_over(message, now):
        return False
    row = connection.execute(sa.select(incident).where(incident.c.id == incident_id)).one()
    return row.closed_at is not None and priority_of(message) < row.priority


def _source_of(
    connection: sa.Connection, incident_id: str, message: CapMessage
) -> sa.Row[Any] | None:
    """Return the source that a message is about; only of its own sender.

    The one that it names, else the newest of its sender in the incident.
    """
    sender = message.reference.sender
    prefix = sender_prefix(sender)
    query = (
        sa.select(incident_member)
        .where(
            incident_member.c.incident_id == incident_id,
            incident_member.c.type == MemberType.SIGNAL.value,
            incident_member.c.member_id.startswith(prefix, autoescape=True),
            incident_member.c.left_at.is_(None),
        )
        .order_by(incident_member.c.joined_at.desc())
    )
    rows = connection.execute(query).all()
    named_ids = {source_id(one) for one in message.references if one.sender == sender}
    return next((one for one in rows if one.member_id in named_ids), rows[0] if rows else None)
