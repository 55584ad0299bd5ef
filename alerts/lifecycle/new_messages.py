"""Which messages of a batch the archive does not hold: by their ids and their places.

A place is a worker, its epoch and the number in its sequence. Two messages with one id are one
message; two ids at one place mean that a worker counted again, which nobody can repair later.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from alerts.alert.alert_tables import event
from alerts.queue.message import Message
from alerts.store.errors import SequenceReused

Place = tuple[str, int, int]


def new_ones(connection: sa.Connection, messages: Sequence[Message]) -> list[int]:
    """Which of the messages are not stored yet, nor come twice among these.

    Raises `SequenceReused` when the place of one is taken by another.
    """
    taken = _stored_places(connection, messages)
    ids = set(taken.values())
    new = []
    for number, message in enumerate(messages):
        place, id_ = _place(message), message.event.id
        if taken.get(place, id_) != id_:
            raise SequenceReused(
                f"{message.source} {message.producer_epoch}/{message.producer_seq}: "
                f"{id_} and {taken[place]} claim one place"
            )
        if id_ not in ids:
            new.append(number)
            ids.add(id_)
            taken[place] = id_
    return new


def _stored_places(connection: sa.Connection, messages: Sequence[Message]) -> dict[Place, str]:
    """Id by place of what is stored of these ids, and at these places."""
    columns = (event.c.source, event.c.producer_epoch, event.c.producer_seq, event.c.id)
    wanted: list[sa.ColumnElement[bool]] = [
        event.c.id.in_([message.event.id for message in messages])
    ]
    for source, epoch in sorted({_place(message)[:2] for message in messages}):
        seqs = [one.producer_seq for one in messages if _place(one)[:2] == (source, epoch)]
        wanted.append(
            sa.and_(
                event.c.source == source,
                event.c.producer_epoch == epoch,
                event.c.producer_seq.in_(seqs),
            )
        )
    rows = (connection.execute(sa.select(*columns).where(one)).all() for one in wanted)
    return {(row[0], row[1], row[2]): row[3] for found in rows for row in found}


def _place(message: Message) -> Place:
    return message.source, message.producer_epoch, message.producer_seq
