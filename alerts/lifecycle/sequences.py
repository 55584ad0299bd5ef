"""Sequence numbers of workers: a gap that stays is a loss, and is alarmed."""

from collections.abc import Sequence

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import event, event_gap, producer
from thapcanh.alerts.alert.records import SequenceGap
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.store.errors import SequenceJumped, SequenceReused

LARGEST_GAP = 1_000_000  # a worker that lost more would need weeks to send it
Place = tuple[str, int, int]


def note_all(connection: sa.Connection, messages: Sequence[Message], now: float) -> None:
    """Record messages' numbers in order."""
    highest: dict[tuple[str, int], int] = {}
    followed: set[tuple[str, int]] = set()
    for message in messages:
        place = (message.source, message.producer_epoch)
        if highest.get(place) == message.producer_seq - 1:
            highest[place] = message.producer_seq
            followed.add(place)
            continue
        if place in followed:
            _write_highest(connection, place, highest[place], now)
            followed.remove(place)
        highest[place] = note(connection, message, now)
    for place in sorted(followed):
        _write_highest(connection, place, highest[place], now)


def _write_highest(connection: sa.Connection, place: tuple[str, int], seq: int, now: float) -> None:
    matching = (producer.c.source == place[0], producer.c.producer_epoch == place[1])
    connection.execute(sa.update(producer).where(*matching).values(highest_seq=seq, last_at=now))


def note(connection: sa.Connection, message: Message, now: float) -> int:
    """Record a message's number: a gap, a filled one, or the next; return the highest."""
    matching = sa.and_(
        producer.c.source == message.source, producer.c.producer_epoch == message.producer_epoch
    )
    seq = message.producer_seq
    highest = connection.execute(
        sa.select(producer.c.highest_seq).where(matching)
    ).scalar_one_or_none()
    if highest is None:
        # Of a worker never met before, earlier numbers were another centre's; a worker that we
        # know and that began a new spool begins at 1.
        highest = 0 if _is_existing(connection, message.source) else seq - 1
        connection.execute(
            sa.insert(producer).values(
                source=message.source,
                producer_epoch=message.producer_epoch,
                highest_seq=highest,
                last_at=now,
            )
        )
    if seq <= highest:
        _fill(connection, message)
        return int(highest)
    if seq > highest + LARGEST_GAP:
        raise SequenceJumped(f"{message.source}: number {seq} after {highest}")
    if seq > highest + 1:
        _add_gap(connection, message, highest + 1, seq - 1, now)
    connection.execute(sa.update(producer).where(matching).values(highest_seq=seq, last_at=now))
    return seq


def gaps(connection: sa.Connection, noticed_before: float) -> list[SequenceGap]:
    """Return unfilled gaps noticed before a time."""
    query = sa.select(event_gap).where(event_gap.c.noticed_at <= noticed_before)
    rows = connection.execute(query.order_by(event_gap.c.noticed_at, event_gap.c.first_seq))
    return [SequenceGap(**row._mapping) for row in rows]


def new_ones(connection: sa.Connection, messages: Sequence[Message]) -> list[int]:
    """Return the indexes of messages that are new and not repeated among these.

    Raise `SequenceReused` if a place is used by another.
    """
    accepted = _stored_places(connection, messages)
    ids = set(accepted.values())
    new = []
    for number, message in enumerate(messages):
        place, id_ = _place(message), message.event.id
        if accepted.get(place, id_) != id_:
            raise SequenceReused(
                f"{message.source} {message.producer_epoch}/{message.producer_seq}: "
                f"{id_} and {accepted[place]} claim one place"
            )
        if id_ not in ids:
            new.append(number)
            ids.add(id_)
            accepted[place] = id_
    return new


def _is_existing(connection: sa.Connection, source: str) -> bool:
    query = sa.select(producer.c.source).where(producer.c.source == source)
    return connection.execute(query.limit(1)).first() is not None


def _fill(connection: sa.Connection, message: Message) -> None:
    """Remove a late number from its gap."""
    seq = message.producer_seq
    neighbours = sa.and_(
        event_gap.c.source == message.source,
        event_gap.c.producer_epoch == message.producer_epoch,
        event_gap.c.first_seq <= seq,
        event_gap.c.last_seq >= seq,
    )
    gap = connection.execute(sa.select(event_gap).where(neighbours)).one_or_none()
    if gap is None:
        return
    connection.execute(sa.delete(event_gap).where(neighbours))
    if gap.first_seq < seq:
        _add_gap(connection, message, gap.first_seq, seq - 1, gap.noticed_at)
    if seq < gap.last_seq:
        _add_gap(connection, message, seq + 1, gap.last_seq, gap.noticed_at)


def _add_gap(
    connection: sa.Connection, message: Message, first: int, last: int, noticed_at: float
) -> None:
    connection.execute(
        sa.insert(event_gap).values(
            source=message.source,
            producer_epoch=message.producer_epoch,
            first_seq=first,
            last_seq=last,
            noticed_at=noticed_at,
        )
    )


def _stored_places(connection: sa.Connection, messages: Sequence[Message]) -> dict[Place, str]:
    """Id by place of what is stored of these ids, and at these places."""
    columns = (event.c.source, event.c.producer_epoch, event.c.producer_seq, event.c.id)
    request: list[sa.ColumnElement[bool]] = [
        event.c.id.in_([message.event.id for message in messages])
    ]
    for source, epoch in sorted({_place(message)[:2] for message in messages}):
        seqs = [one.producer_seq for one in messages if _place(one)[:2] == (source, epoch)]
        request.append(
            sa.and_(
                event.c.source == source,
                event.c.producer_epoch == epoch,
                event.c.producer_seq.in_(seqs),
            )
        )
    rows = (connection.execute(sa.select(*columns).where(one)).all() for one in request)
    return {(row[0], row[1], row[2]): row[3] for found in rows for row in found}


def _place(message: Message) -> Place:
    return message.source, message.producer_epoch, message.producer_seq
