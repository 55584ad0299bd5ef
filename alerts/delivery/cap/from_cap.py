"""What another centre's CAP message does to incidents: it opens one, or stands beside one.

A message is kept as a note that bears its reference, so that its updates find the incident, also
after it was joined to another. Nothing is closed or judged by it: that is for officers.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from alerts.delivery.cap.incoming import incident_of_own, new_incident_of, words_of
from alerts.delivery.cap.message import CapMessage, CapReference
from alerts.incidents.incident_state import MemberType
from alerts.incidents.incident_tables import incident, incident_member
from alerts.incidents.incident_writing import CAP_MEMBER, add_note
from alerts.incidents.opening import open_incident
from alerts.incidents.records import NewMember
from alerts.store.database import Database
from alerts.store.idempotent import earlier_result, remember
from alerts.store.roles import Actor

_MOST_MERGES = 32


class CapOutcome(StrEnum):
    """What became of a message."""

    OPENED = "opened"  # an incident
    NOTED = "noted"  # beside the incident that it refers to
    NOT_ACTUAL = "not_actual"  # a test, a drill or a draft: it opens nothing
    UNKNOWN = "unknown"  # it ends or answers what is not known here


@dataclass(frozen=True, slots=True, kw_only=True)
class CapReceipt:
    """What became of a message, and the incident that has it."""

    outcome: CapOutcome
    incident_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapDelivery:
    """A message as it came: whose it will be, and who brought it."""

    message: CapMessage
    own_sender: str
    agency: str | None
    area: str | None
    actor: Actor


def receive_cap(database: Database, came: CapDelivery, now: float) -> CapReceipt:
    """Take a message in, once by its sender and identifier; raise `KeyReused`.

    Who brings it hears only of incidents that it may see, whoever it says has sent it.
    """
    reference = came.message.reference
    username, key = came.actor.username, f"cap:{reference.sender},{reference.identifier}"
    with database.writing() as connection:
        earlier = earlier_result(connection, username, key, came.message)
        if earlier is not None:
            kept = json.loads(earlier)
            return CapReceipt(outcome=CapOutcome(kept[0]), incident_id=kept[1])
        receipt = _taken(connection, came, now)
        answer = json.dumps([receipt.outcome.value, receipt.incident_id])
        remember(connection, username, key, (came.message, answer, now))
        return receipt


def _taken(connection: sa.Connection, came: CapDelivery, now: float) -> CapReceipt:
    message = came.message
    if message.status != "Actual":
        return CapReceipt(outcome=CapOutcome.NOT_ACTUAL)
    if (kept := _of(connection, came, message.reference)) is not None:  # our own comes back, too
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=kept)
    known = next((one for ref in message.references if (one := _of(connection, came, ref))), None)
    note = NewMember(
        type=MemberType.NOTE,
        id=f"{CAP_MEMBER}{message.reference}",
        words=words_of(message),
        agency=came.agency,
        area=came.area,
    )
    if known is not None:
        add_note(connection, known, note, now, came.actor)
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=known)
    if message.msg_type not in ("Alert", "Update"):
        return CapReceipt(outcome=CapOutcome.UNKNOWN)
    opened = open_incident(connection, new_incident_of(message, note, now), now, came.actor)
    return CapReceipt(outcome=CapOutcome.OPENED, incident_id=opened)


def _of(connection: sa.Connection, came: CapDelivery, reference: CapReference) -> str | None:
    """The incident that a reference leads to and that the sender may see; None where none."""
    if reference.sender == came.own_sender:
        incident_id = incident_of_own(reference.identifier)
    else:
        incident_id = _of_message(connection, reference)
    for _ in range(_MOST_MERGES):
        query = sa.select(incident).where(incident.c.id == incident_id)
        row = connection.execute(query).one_or_none()
        if row is None or not came.actor.scope.sees(row.agency, row.area):
            return None
        if row.merged_into is None:
            return str(row.id)
        incident_id = row.merged_into
    return None


def _of_message(connection: sa.Connection, reference: CapReference) -> str | None:
    """Where another centre's message stands; how its time is written does not matter."""
    start = f"{CAP_MEMBER}{reference.sender},{reference.identifier},"
    query = sa.select(incident_member.c.incident_id).where(
        incident_member.c.member_id.startswith(start, autoescape=True),
        incident_member.c.type == MemberType.NOTE.value,
        incident_member.c.left_at.is_(None),
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()
