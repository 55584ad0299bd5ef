"""Effect of another centre's CAP message on incidents: it opens or joins one.

It never closes or judges anything.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from thapcanh.alerts.delivery.cap.message import CapMessage, CapReference
from thapcanh.alerts.delivery.cap.words import KIND_OF_CATEGORY, NO_PLACE
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_writing import CAP_MEMBER, add_note
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.opening import open_incident
from thapcanh.alerts.incidents.records import IncidentPlace, NewIncident, NewMember
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.roles import Actor

_MOST_MERGES = 32


_OWN = re.compile(r"incident-([0-9a-f-]{36})-\d+-\w+")
_OLD_S = 24 * 3600.0
_LONGEST_PLACE = 300
_MSG_TYPE = {
    "Alert": "báo tin",
    "Update": "cập nhật",
    "Cancel": "báo kết thúc",
    "Ack": "đã tiếp nhận",
    "Error": "báo lỗi",
}


def new_incident_of(message: CapMessage, note: NewMember, now: float) -> NewIncident:
    if note.type is not MemberType.NOTE:
        raise ValueError("a message is kept as a note")
    area = message.area
    text = None if area.text == NO_PLACE else area.text[:_LONGEST_PLACE]
    is_credible = now - _OLD_S <= message.sent <= now
    return NewIncident(
        kind=_kind(message),
        priority=_priority(message),
        place=IncidentPlace(text=text, lat=area.lat, lon=area.lon),
        at=message.sent if is_credible else now,
        agency=note.agency,
        area=note.area,
        member=note,
    )


def words_of(message: CapMessage) -> str:
    """Return a message's text for officers, in Vietnamese if available."""
    infos = sorted(message.infos, key=lambda one: not one.language.lower().startswith("vi"))
    stated = [] if not infos else [infos[0].headline or infos[0].event, infos[0].description]
    who = message.sender_name or message.reference.sender
    head = f"{who} {_MSG_TYPE[message.msg_type]}"
    return ": ".join([head, " · ".join(one for one in stated if one)]).rstrip(": ")


def own_incident_id(identifier: str) -> str | None:
    found = _OWN.fullmatch(identifier)
    return None if found is None else found[1]


def _kind(message: CapMessage) -> IncidentKind:
    if message.kind == "smoke":
        return IncidentKind.FIRE
    if message.kind is not None and message.kind in IncidentKind.__members__.values():
        return IncidentKind(message.kind)
    categories = [one.category for one in message.infos]
    names = (KIND_OF_CATEGORY[one] for one in categories if one in KIND_OF_CATEGORY)
    return IncidentKind(next(names, IncidentKind.OTHER.value))


def _priority(message: CapMessage) -> int:
    ranks = {"Immediate": 1, "Expected": 2, "Unknown": 2}
    found = [ranks.get(one.urgency, 3) for one in message.infos]
    severe = any(one.severity in ("Extreme", "Severe") for one in message.infos)
    return min([*found, 2 if severe or not found else 3])


class CapOutcome(StrEnum):
    """Result of a message."""

    OPENED = "opened"  # an incident
    NOTED = "noted"  # beside the incident that it refers to
    NOT_ACTUAL = "not_actual"  # a test, a drill or a draft: it opens nothing
    UNKNOWN = "unknown"  # it ends or answers what is not known here


@dataclass(frozen=True, slots=True, kw_only=True)
class CapReceipt:
    """Result of a message, and its incident."""

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


def receive_cap(database: Database, received: CapDelivery, now: float) -> CapReceipt:
    """Store a message once by sender and identifier. Raise `KeyReused`.

    The caller learns only of incidents in its scope, whatever sender the message states.
    """
    reference = received.message.reference
    username, key = received.actor.username, f"cap:{reference.sender},{reference.identifier}"
    with database.writing() as connection:
        earlier = earlier_answer(connection, username, key, digest_of(received.message))
        if earlier is not None:
            retained = json.loads(earlier)
            return CapReceipt(outcome=CapOutcome(retained[0]), incident_id=retained[1])
        receipt = _accepted(connection, received, now)
        answer = json.dumps([receipt.outcome.value, receipt.incident_id])
        remember(connection, username, {key: (digest_of(received.message), answer)}, now)
        return receipt


def _accepted(connection: sa.Connection, received: CapDelivery, now: float) -> CapReceipt:
    message = received.message
    if message.status != "Actual":
        return CapReceipt(outcome=CapOutcome.NOT_ACTUAL)
    if (
        retained := _of(connection, received, message.reference)
    ) is not None:  # our own comes back, too
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=retained)
    existing = next(
        (one for ref in message.references if (one := _of(connection, received, ref))), None
    )
    note = NewMember(
        type=MemberType.NOTE,
        id=f"{CAP_MEMBER}{message.reference}",
        words=words_of(message),
        agency=received.agency,
        area=received.area,
    )
    if existing is not None:
        add_note(connection, existing, note, now, received.actor)
        return CapReceipt(outcome=CapOutcome.NOTED, incident_id=existing)
    if message.msg_type not in ("Alert", "Update"):
        return CapReceipt(outcome=CapOutcome.UNKNOWN)
    opened = open_incident(connection, new_incident_of(message, note, now), now, received.actor)
    return CapReceipt(outcome=CapOutcome.OPENED, incident_id=opened)


def _of(connection: sa.Connection, received: CapDelivery, reference: CapReference) -> str | None:
    """Return the incident of a reference that the sender may see, or None."""
    if reference.sender == received.own_sender:
        incident_id = own_incident_id(reference.identifier)
    else:
        incident_id = _of_message(connection, reference)
    for _ in range(_MOST_MERGES):
        query = sa.select(incident).where(incident.c.id == incident_id)
        row = connection.execute(query).one_or_none()
        if row is None or not received.actor.scope.sees(row.agency, row.area):
            return None
        if row.merged_into is None:
            return str(row.id)
        incident_id = row.merged_into
    return None


def _of_message(connection: sa.Connection, reference: CapReference) -> str | None:
    """Return the incident of another centre's message; the format of its time does not matter."""
    start = f"{CAP_MEMBER}{reference.sender},{reference.identifier},"
    query = sa.select(incident_member.c.incident_id).where(
        incident_member.c.member_id.startswith(start, autoescape=True),
        incident_member.c.type == MemberType.NOTE.value,
        incident_member.c.left_at.is_(None),
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()
