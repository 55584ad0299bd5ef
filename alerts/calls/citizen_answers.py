"""Officers' answers to citizens' messages: a call, or nothing to do.

Thread-safe; every method is one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.call_store import WrittenCall, write_call
from thapcanh.alerts.calls.citizen_message_store import is_marked, message_of
from thapcanh.alerts.calls.citizen_message_tables import citizen_message, sender_mark
from thapcanh.alerts.calls.citizen_messages import (
    AcceptMessage,
    CitizenMessage,
    MessageOutcome,
    MessageState,
)
from thapcanh.alerts.incidents.calls import MESSAGE_LINE, CallKind, NewCall
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """Result of an answer; `by` is who answered first, if somebody did."""

    outcome: MessageOutcome
    answered: tuple[str, ...] = ()
    written: WrittenCall | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderMark:
    """Sender whose messages are doubted until a time, identified by a hash."""

    id: str
    channel: str
    by: str
    at: float
    until: float


class CitizenAnswers:
    """Answers messages, and marks those who hoax."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, actor: Actor, requested: AcceptMessage, now: float) -> MessageAnswer:
        """Make a call of a message and of its unanswered related ones."""
        with self._db.writing() as connection:
            first = _one(connection, requested.message_id, actor.scope)
            refused = _refused(first)
            if refused is not None or first is None:
                return refused or MessageAnswer(outcome=MessageOutcome.UNKNOWN)
            ids = _open_ones(connection, first, requested.until, actor.scope)
            kind = requested.kind
            if requested.incident_id is not None:
                found = _incident(connection, requested.incident_id, actor.scope)
                if found is None:
                    return MessageAnswer(outcome=MessageOutcome.NO_INCIDENT)
                if found.closed_at is not None:
                    return MessageAnswer(outcome=MessageOutcome.CLOSED, by=found.closed_by)
                kind = CallKind(found.kind)
            new = NewCall(
                kind=kind or CallKind.OTHER,
                line=MESSAGE_LINE,
                caller=None,
                place=requested.place or first.place,
                said=first.text or _words_of(connection, ids),
                agency=first.agency,
                area=first.area,
                joins=requested.incident_id,
            )
            written = write_call(connection, actor, new, now)
            state = {"state": MessageState.TAKEN.value, "call_id": written.call.id}
            _answer(connection, ids, state, actor, now)
        return MessageAnswer(outcome=MessageOutcome.DONE, answered=tuple(ids), written=written)

    def set_aside(
        self, actor: Actor, message_id: str, until: float | None, now: float
    ) -> MessageAnswer:
        """Set a message, or its event until a time, aside without a call."""
        state = {"state": MessageState.SET_ASIDE.value}
        return self._closed(actor, (message_id, until), state, now)

    def hoax(
        self,
        actor: Actor,
        message_id: str,
        until: float | None,
        marked_until: float,
        now: float,
    ) -> MessageAnswer:
        """Mark a message as a hoax; its sender is doubted until `marked_until`."""
        state = {"state": MessageState.HOAX.value}
        return self._closed(actor, (message_id, until), state, now, marked_until)

    def marks(self, scope: DataFilter, now: float) -> list[SenderMark]:
        """Return the marks in force, the newest first."""
        query = sa.select(sender_mark).where(
            sender_mark.c.until > now,
            sender_mark.c.ended_at.is_(None),
            *owned_by(sender_mark, scope),
        )
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(sender_mark.c.at.desc()).limit(500)).all()
        return [
            SenderMark(id=row.id, channel=row.channel, by=row.by, at=row.at, until=row.until)
            for row in rows
        ]

    def end_mark(self, actor: Actor, mark_id: str, now: float) -> bool:
        """End a sender's mark; return False if the actor sees none in force."""
        matching = (
            sender_mark.c.id == mark_id,
            sender_mark.c.ended_at.is_(None),
            *owned_by(sender_mark, actor.scope),
        )
        with self._db.writing() as connection:
            found = connection.execute(sa.select(sender_mark).where(*matching)).one_or_none()
            if found is None:
                return False
            ended = {"ended_by": actor.username, "ended_at": now}
            connection.execute(sa.update(sender_mark).where(*matching).values(ended))
            _mark_waiting(connection, (found.sender, found.agency), now)
            add_log(connection, _entry("sender_mark_ended", actor, mark_id, now, {}))
        return True

    def _closed(
        self,
        actor: Actor,
        of: tuple[str, float | None],
        state: dict[str, Any],
        now: float,
        marked_until: float | None = None,
    ) -> MessageAnswer:
        with self._db.writing() as connection:
            first = _one(connection, of[0], actor.scope)
            refused = _refused(first)
            if refused is not None or first is None:
                return refused or MessageAnswer(outcome=MessageOutcome.UNKNOWN)
            answered = _open_ones(connection, first, of[1], actor.scope)
            _answer(connection, answered, state, actor, now)
            if marked_until is not None:
                _mark(connection, actor, answered, marked_until, now)
        return MessageAnswer(outcome=MessageOutcome.DONE, answered=tuple(answered))


def _one(connection: sa.Connection, message_id: str, scope: DataFilter) -> CitizenMessage | None:
    matching = (citizen_message.c.id == message_id, *owned_by(citizen_message, scope))
    row = connection.execute(sa.select(citizen_message).where(*matching)).one_or_none()
    return None if row is None else message_of(row)


def _refused(found: CitizenMessage | None) -> MessageAnswer | None:
    if found is None:
        return MessageAnswer(outcome=MessageOutcome.UNKNOWN)
    if found.state is not MessageState.NEW:
        return MessageAnswer(outcome=MessageOutcome.ANSWERED, by=found.answered_by)
    return None


def _words_of(connection: sa.Connection, ids: Sequence[str]) -> str | None:
    """Return the first nonempty text of these messages, or None."""
    query = sa.select(citizen_message.c.text).where(
        citizen_message.c.id.in_(ids), citizen_message.c.text.is_not(None)
    )
    first = query.order_by(citizen_message.c.received_at).limit(1)
    return connection.execute(first).scalar_one_or_none()


def _incident(connection: sa.Connection, incident_id: str, scope: DataFilter) -> sa.Row[Any] | None:
    query = sa.select(incident).where(incident.c.id == incident_id, *owned_by(incident, scope))
    return connection.execute(query).one_or_none()


def _open_ones(
    connection: sa.Connection, first: CitizenMessage, until: float | None, scope: DataFilter
) -> list[str]:
    """Return a message, and the unanswered ones of its event received until then."""
    if until is None:
        return [first.id]
    query = sa.select(citizen_message.c.id).where(
        citizen_message.c.event_id == first.event_id,
        citizen_message.c.state == MessageState.NEW.value,
        citizen_message.c.received_at <= until,
        citizen_message.c.id != first.id,
        *owned_by(citizen_message, scope),
    )
    ordered = query.order_by(citizen_message.c.received_at)
    return [first.id, *connection.execute(ordered).scalars()]


def _answer(
    connection: sa.Connection, ids: Sequence[str], state: dict[str, Any], actor: Actor, now: float
) -> None:
    values = {**state, "answered_by": actor.username, "answered_at": now}
    matching = citizen_message.c.id.in_(ids)
    connection.execute(sa.update(citizen_message).where(matching).values(values))
    details = {"call": state.get("call_id"), "messages": len(ids)}
    add_log(connection, _entry(f"message_{state['state']}", actor, ids[0], now, details))


def _mark(
    connection: sa.Connection, actor: Actor, ids: Sequence[str], until: float, now: float
) -> None:
    """Mark the senders of these messages, and their waiting messages."""
    query = sa.select(citizen_message).where(citizen_message.c.id.in_(ids))
    rows = [row for row in connection.execute(query) if row.sender is not None]
    for (sender, agency), row in {(row.sender, row.agency): row for row in rows}.items():
        values = {
            "id": str(uuid7()),
            "sender": sender,
            "channel": row.channel,
            "by": actor.username,
            "at": now,
            "until": until,
            "agency": agency,
            "area": row.area,
        }
        connection.execute(sa.insert(sender_mark).values(values))
        _mark_waiting(connection, (sender, agency), now)


def _mark_waiting(connection: sa.Connection, who: tuple[str, str | None], now: float) -> None:
    """Update waiting messages of a sender with its mark."""
    matching = (
        citizen_message.c.sender == who[0],
        citizen_message.c.agency.is_not_distinct_from(who[1]),
        citizen_message.c.state == MessageState.NEW.value,
    )
    doubted = is_marked(connection, who, now)
    connection.execute(sa.update(citizen_message).where(*matching).values(is_marked=doubted))


def _entry(
    action: str, actor: Actor, object_id: str, now: float, details: dict[str, Any]
) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id=object_id,
        details=details,
    )


def mark_end(days: float, now: float) -> float:
    return now + days * _DAY_S
