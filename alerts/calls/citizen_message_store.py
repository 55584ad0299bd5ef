"""Citizens' messages in the archive: received once, listed by event, deleted after a time.

Thread-safe; every method is one transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.citizen_media import messages_with_media, remove_media
from thapcanh.alerts.calls.citizen_message_tables import citizen_message, sender_mark
from thapcanh.alerts.calls.citizen_messages import (
    WITHIN_S,
    CitizenMessage,
    ComparedEvent,
    MessageEvent,
    MessageState,
    NewMessage,
    same_event,
)
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import box_round
from thapcanh.alerts.store.errors import TooManyMessages
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import DataFilter

MOST_WAITING = 50_000  # of all; where they are reached, a gateway of an agency has its fair share
MOST_OF_EVENT = 20  # shown in full
_COMPARED_M = 300.0
_MOST_NEAR = 100
_MOST_RECENT = 200
_REDACTED_AT_ONCE = 500


class CitizenMessageRepository:
    """Repository of citizens' messages."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def receive(self, new: NewMessage, now: float) -> str:
        """Store a message once by its channel's id; return its id.

        Raise `TooManyMessages`.
        """
        words = plain(new.text, new.place.text)
        with self._db.reading() as connection:
            existing = _by_ref(connection, new)
            if existing is not None:
                return existing
            _refuse_flood(connection, new)
        with self._db.writing() as connection:
            existing = _by_ref(connection, new)
            if existing is not None:
                return existing
            event_id = _event_of(connection, new, words)  # none like it may come in between
            message_id = str(uuid7())
            values = _values(new) | {
                "id": message_id,
                "received_at": now,
                "event_id": event_id or message_id,
                "is_marked": is_marked(connection, (new.sender, new.agency), now),
                "state": MessageState.NEW.value,
                "words": words,
            }
            connection.execute(sa.insert(citizen_message).values(values))
            return message_id

    def waiting(self, scope: DataFilter, limit: int) -> tuple[list[MessageEvent], int]:
        """Return unanswered messages by event, the longest waiting first, and their total.

        Events of which all senders are marked come last.
        """
        matching = (
            citizen_message.c.state == MessageState.NEW.value,
            *owned_by(citizen_message, scope),
        )
        last = sa.func.max(citizen_message.c.received_at)
        first, count = sa.func.min(citizen_message.c.received_at), sa.func.count()
        events = sa.select(
            citizen_message.c.event_id, count.label("count"), last.label("last_at")
        ).where(*matching)
        marked = sa.func.min(sa.cast(citizen_message.c.is_marked, sa.Integer))
        ordered = events.group_by(citizen_message.c.event_id).order_by(marked, first).limit(limit)
        with self._db.reading() as connection:
            counts = {row.event_id: row for row in connection.execute(ordered)}
            total = int(connection.execute(sa.select(count).where(*matching)).scalar_one())
            items = _of_events(connection, list(counts), matching)
        found = [
            MessageEvent(
                id=one, count=row._mapping["count"], last_at=row.last_at, items=tuple(items[one])
            )
            for one, row in counts.items()
        ]
        return found, total

    def page(self, scope: DataFilter, since: float, limit: int) -> list[CitizenMessage]:
        """Return the newest messages in any state."""
        query = sa.select(citizen_message).where(
            citizen_message.c.received_at >= since, *owned_by(citizen_message, scope)
        )
        newest = query.order_by(citizen_message.c.received_at.desc()).limit(limit)
        with self._db.reading() as connection:
            return [message_of(row) for row in connection.execute(newest)]

    def of_calls(self, call_ids: Sequence[str]) -> list[CitizenMessage]:
        query = sa.select(citizen_message).where(citizen_message.c.call_id.in_(call_ids))
        with self._db.reading() as connection:
            ordered = query.order_by(citizen_message.c.received_at)
            return [message_of(row) for row in connection.execute(ordered)]

    def redact_older(self, before: float) -> int:
        """Remove words, sender and pictures of answered messages that came before a time."""
        old = sa.select(citizen_message.c.id).where(
            citizen_message.c.received_at < before,
            citizen_message.c.state != MessageState.NEW.value,
            sa.or_(
                citizen_message.c.text.is_not(None),
                citizen_message.c.sender.is_not(None),
                citizen_message.c.id.in_(messages_with_media()),
            ),
        )
        with self._db.reading() as connection:
            ids = list(connection.execute(old.limit(_REDACTED_AT_ONCE)).scalars())
        if not ids:
            return 0
        matching = citizen_message.c.id.in_(ids)
        removed = sa.update(citizen_message).where(matching)
        with self._db.writing() as connection:
            remove_media(connection, matching)
            connection.execute(removed.values(text=None, sender=None, words=""))
        return len(ids)


def message_of(row: sa.Row[Any]) -> CitizenMessage:
    facts = {name: getattr(row, name) for name in _FIELDS}
    place = IncidentPlace(text=row.place, lat=row.lat, lon=row.lon)
    return CitizenMessage(**facts, place=place, state=MessageState(row.state))


def _by_ref(connection: sa.Connection, new: NewMessage) -> str | None:
    if new.ref is None:
        return None
    query = sa.select(citizen_message.c.id).where(
        citizen_message.c.gateway == new.gateway,
        citizen_message.c.channel == new.channel,
        citizen_message.c.ref == new.ref,
    )
    return connection.execute(query).scalar_one_or_none()


def _refuse_flood(connection: sa.Connection, new: NewMessage) -> None:
    """Raise `TooManyMessages` if the total is full and the message's own queue has its share.

    A queue is one gateway and agency, so nobody's flood blocks another's messages.
    """
    waits = citizen_message.c.state == MessageState.NEW.value
    total = connection.execute(sa.select(sa.func.count()).where(waits)).scalar_one()
    if total < MOST_WAITING:
        return
    queue = (citizen_message.c.gateway, citizen_message.c.agency)
    counted = sa.select(*queue, sa.func.count()).where(waits).group_by(*queue)
    waiting = {
        (gateway, agency): int(count) for gateway, agency, count in connection.execute(counted)
    }
    matching = waiting.setdefault((new.gateway, new.agency), 0)
    if matching >= MOST_WAITING // len(waiting):
        raise TooManyMessages(f"{total} messages wait, {matching} of this gateway and agency")


def _event_of(connection: sa.Connection, new: NewMessage, words: str) -> str | None:
    """Return the event of a similar earlier message nearby, or None."""
    columns = (
        citizen_message.c.event_id,
        citizen_message.c.lat,
        citizen_message.c.lon,
        citizen_message.c.at,
        citizen_message.c.words,
    )
    then = (
        citizen_message.c.received_at >= new.at - WITHIN_S,
        citizen_message.c.state == MessageState.NEW.value,
        *_same_owner(new),
    )
    newest = sa.select(*columns).where(*then).order_by(citizen_message.c.received_at.desc())
    rows: list[Any] = list(connection.execute(newest.limit(_MOST_RECENT)).all())
    if new.place.position is not None:
        (south, west), (north, east) = box_round(new.place.position, _COMPARED_M)
        near = newest.where(
            citizen_message.c.lat.between(south, north), citizen_message.c.lon.between(west, east)
        )
        rows += connection.execute(near.limit(_MOST_NEAR)).all()
    reported = ComparedEvent(
        event_id="", position=new.place.position, at=new.at, words=frozenset(words.split())
    )
    return same_event(reported, map(_reported, rows))


def _same_owner(new: NewMessage) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that owners are equal: who sees one message sees its whole event."""
    return (
        citizen_message.c.agency.is_not_distinct_from(new.agency),
        citizen_message.c.area.is_not_distinct_from(new.area),
    )


def _reported(row: sa.Row[Any]) -> ComparedEvent:
    position = None if row.lat is None or row.lon is None else (row.lat, row.lon)
    words = frozenset(row.words.split())
    return ComparedEvent(event_id=row.event_id, position=position, at=row.at, words=words)


def _of_events(
    connection: sa.Connection, events: Sequence[str], matching: Sequence[sa.ColumnElement[bool]]
) -> dict[str, list[CitizenMessage]]:
    """Return the first messages of each event."""
    number = sa.func.row_number().over(
        partition_by=citizen_message.c.event_id, order_by=citizen_message.c.received_at
    )
    numbered = sa.select(citizen_message.c.id, number.label("number")).where(
        citizen_message.c.event_id.in_(events), *matching
    )
    counted = numbered.subquery()
    shown = sa.select(counted.c.id).where(counted.c.number <= MOST_OF_EVENT)
    query = sa.select(citizen_message).where(citizen_message.c.id.in_(shown))
    found: dict[str, list[CitizenMessage]] = defaultdict(list)
    for row in connection.execute(query.order_by(citizen_message.c.received_at)):
        found[row.event_id].append(message_of(row))
    return found


def is_marked(connection: sa.Connection, who: tuple[str | None, str | None], now: float) -> bool:
    """Return whether an agency doubts a sender; marks apply per agency."""
    sender, agency = who
    if sender is None:
        return False
    query = sa.select(sender_mark.c.id).where(
        sender_mark.c.sender == sender,
        sender_mark.c.agency.is_not_distinct_from(agency),
        sender_mark.c.until > now,
        sender_mark.c.ended_at.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def _values(new: NewMessage) -> dict[str, Any]:
    same = ("gateway", "channel", "ref", "sender", "text", "is_misplaced", "at", "agency", "area")
    place = {"place": new.place.text, "lat": new.place.lat, "lon": new.place.lon}
    return {name: getattr(new, name) for name in same} | place


_FIELDS = tuple(
    name for name in CitizenMessage.__dataclass_fields__ if name not in {"place", "state"}
)
