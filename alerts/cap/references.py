"""A CAP message as it came, and what it names: its warning, its incident, what replaced it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.cap.from_cap import own_incident_id, words_of
from thapcanh.alerts.cap.message import CapMessage, CapReference
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_writing import CAP_MEMBER
from thapcanh.alerts.incidents.membership import standing_incident
from thapcanh.alerts.incidents.records import JoinReason, NewMember
from thapcanh.alerts.store.idempotent import earlier_answers, remember_newest
from thapcanh.alerts.store.roles import Actor

_REPLACED = "cap-replaced:"  # before a message that a later one replaced or ended, in a key


@dataclass(frozen=True, slots=True, kw_only=True)
class CapDelivery:
    """A message as it came: whose it will be, and who brought it."""

    message: CapMessage
    own_sender: str
    agency: str | None
    area: str | None
    actor: Actor

    def member(
        self, of: MemberType, member_id: str, because: JoinReason | None = None
    ) -> NewMember:
        """Return the message as a member of an incident."""
        return NewMember(
            type=of,
            id=member_id,
            words=words_of(self.message),
            agency=self.agency,
            area=self.area,
            because=because,
        )

    @property
    def note(self) -> NewMember:
        return self.member(MemberType.NOTE, f"{CAP_MEMBER}{self.message.reference}")


def source_id(reference: CapReference) -> str:
    """Return the id of a warning's source, by its first message that came."""
    return f"{sender_prefix(reference.sender)}{_short(reference.identifier, 24)}"


def sender_prefix(sender: str) -> str:
    return f"cap-{_short(sender, 16)}-"


def _short(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What replaced a message: its incident, "" for none, and when it was sent."""

    incident_id: str
    sent: float


def is_stale(connection: sa.Connection, received: CapDelivery, now: float) -> bool:
    """Return whether a later message replaced this one, or what it replaces."""
    message = received.message
    about = [message.reference, *message.references]
    sent = min(message.sent, now)
    return any(one.sent > sent for one in replacements(connection, received, about))


def replacements(
    connection: sa.Connection, received: CapDelivery, references: Sequence[CapReference]
) -> list[Replacement]:
    """Return what replaced these messages, as far as it came before them."""
    digests = {_replaced_key(one): "" for one in references}
    found = earlier_answers(connection, received.actor.username, digests)
    return [Replacement(**json.loads(answer)) for answer in found.values()]


def remember_replaced(connection: sa.Connection, received: CapDelivery, now: float) -> None:
    """Remember the messages of its sender that a message replaces, as those may come later.

    A message from the future counts as of now.
    """
    message = received.message
    own = message.reference
    if message.msg_type not in ("Update", "Cancel") or is_stale(connection, received, now):
        return
    incident_id = incident_of(connection, received, own) or ""
    answer = json.dumps({"incident_id": incident_id, "sent": min(message.sent, now)})
    keys = {
        _replaced_key(one)
        for one in message.references
        if one.sender == own.sender and one.identifier != own.identifier
    }
    answers = dict.fromkeys(sorted(keys), ("", answer))
    remember_newest(connection, received.actor.username, answers, now)


def _replaced_key(reference: CapReference) -> str:
    return f"{_REPLACED}{reference.sender},{reference.identifier}"


def incident_of_references(connection: sa.Connection, received: CapDelivery) -> str | None:
    """Return the incident that a message's references name, an open one if there is."""
    found = [
        one
        for ref in received.message.references
        if (one := incident_of(connection, received, ref))
    ]
    is_open = sa.select(incident.c.id).where(
        incident.c.id.in_(found), incident.c.closed_at.is_(None)
    )
    still_open = set(connection.execute(is_open).scalars()) if found else set()
    return next((one for one in found if one in still_open), found[0] if found else None)


def incident_of(
    connection: sa.Connection, received: CapDelivery, reference: CapReference
) -> str | None:
    """Return the incident of a reference that the sender may see, or None."""
    if reference.sender == received.own_sender:
        named_ids = [own_incident_id(reference.identifier)]
    else:
        named_ids = list(_of_message(connection, reference))
    for incident_id in filter(None, named_ids):
        standing = standing_incident(connection, incident_id)
        query = sa.select(incident.c.agency, incident.c.area).where(incident.c.id == standing)
        row = connection.execute(query).one_or_none()
        if row is not None and received.actor.scope.sees(row.agency, row.area):
            return standing
    return None


def is_noted(connection: sa.Connection, reference: CapReference) -> bool:
    """Return whether this very message is in an incident."""
    query = sa.select(incident_member.c.id).where(
        incident_member.c.member_id == f"{CAP_MEMBER}{reference}",
        incident_member.c.type == MemberType.NOTE.value,
        incident_member.c.left_at.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def _of_message(connection: sa.Connection, reference: CapReference) -> Iterator[str]:
    """Yield the incident of a message's warning, then that of its note.

    The format of its time does not matter. A warning that was separated is in another one.
    """
    start = f"{CAP_MEMBER}{reference.sender},{reference.identifier},"
    is_warning = sa.and_(
        incident_member.c.member_id == source_id(reference),
        incident_member.c.type == MemberType.SIGNAL.value,
    )
    is_note = sa.and_(
        incident_member.c.member_id.startswith(start, autoescape=True),
        incident_member.c.type == MemberType.NOTE.value,
    )
    for condition in (is_warning, is_note):
        query = sa.select(incident_member.c.incident_id).where(
            condition, incident_member.c.left_at.is_(None)
        )
        yield from connection.execute(query.limit(1)).scalars()
