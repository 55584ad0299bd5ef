"""Photos and videos of citizens' messages: stored once, limited per message.

Thread-safe; every method is one transaction.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.caller_links import MOST_BYTES, MOST_OF_KIND, CallerItemKind
from thapcanh.alerts.calls.citizen_message_tables import (
    citizen_file,
    citizen_media,
    citizen_message,
)
from thapcanh.alerts.calls.sent_files import as_stored, has_room, read_file
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCitizenMedia:
    """A file of a message as it came, by its hash, and what was made of it."""

    message_id: str
    sha256: str
    kind: CallerItemKind
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenMedia:
    """Photo or video of a message; without a media type its file was removed."""

    id: str
    message_id: str
    call_id: str | None
    kind: CallerItemKind
    at: float
    media_type: str | None


class CitizenMediaRepository:
    """Repository of citizens' media."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def is_message_of(self, message_id: str, gateway: str) -> bool:
        matching = (citizen_message.c.id == message_id, citizen_message.c.gateway == gateway)
        query = sa.select(citizen_message.c.id).where(*matching)
        with self._db.reading() as connection:
            return connection.execute(query).first() is not None

    def known(self, message_id: str, sha256: str) -> CitizenMedia | None:
        with self._db.reading() as connection:
            return _known(connection, message_id, sha256)

    def add(self, sent: SentCitizenMedia, now: float) -> CitizenMedia | None:
        """Store a file once; return None if its message is at the limit."""
        with self._db.writing() as connection:
            known = _known(connection, sent.message_id, sent.sha256)
            if known is not None:
                return known
            matching = [citizen_media.c.message_id == sent.message_id]
            more, most = (sent.kind, len(sent.content)), (MOST_OF_KIND[sent.kind], MOST_BYTES)
            if not has_room(connection, citizen_media, matching, more, most):
                return None
            values = {
                "id": str(uuid7()),
                "message_id": sent.message_id,
                "sha256": sent.sha256,
                "kind": sent.kind.value,
                "at": now,
                "bytes": len(sent.content),
                "media_type": sent.media_type,
            }
            connection.execute(sa.insert(citizen_media).values(values))
            retained = {"media_id": values["id"], "content": as_stored(sent.content)}
            connection.execute(sa.insert(citizen_file).values(retained))
            (made,) = _found(connection, citizen_media.c.id == values["id"])
        return made

    def of_messages(self, message_ids: Sequence[str]) -> Mapping[str, Sequence[CitizenMedia]]:
        found: dict[str, list[CitizenMedia]] = defaultdict(list)
        with self._db.reading() as connection:
            for one in _found(connection, citizen_media.c.message_id.in_(message_ids)):
                found[one.message_id].append(one)
        return found

    def of_calls(self, call_ids: Sequence[str], scope: DataFilter) -> list[CitizenMedia]:
        """Return the media of the messages that became these calls."""
        matching = (citizen_message.c.call_id.in_(call_ids), *owned_by(citizen_message, scope))
        with self._db.reading() as connection:
            return _found(connection, *matching)

    def file(self, media_id: str, scope: DataFilter) -> tuple[str, bytes] | None:
        """Media type and bytes of a file that a scope may see."""
        query = (
            sa.select(citizen_media.c.media_type, citizen_file.c.content)
            .join(citizen_file, citizen_file.c.media_id == citizen_media.c.id)
            .join(citizen_message, citizen_message.c.id == citizen_media.c.message_id)
            .where(citizen_media.c.id == media_id, *owned_by(citizen_message, scope))
        )
        with self._db.reading() as connection:
            return read_file(connection, query)


def messages_with_media() -> sa.Select[tuple[str]]:
    """Return the query of message ids that have a file."""
    return sa.select(citizen_media.c.message_id).where(citizen_media.c.media_type.is_not(None))


def remove_media(connection: sa.Connection, *messages: sa.ColumnElement[bool]) -> None:
    """Remove the files of these messages; that there were some stays."""
    ids = sa.select(citizen_message.c.id).where(*messages)
    matching = citizen_media.c.message_id.in_(ids)
    files = citizen_file.c.media_id.in_(sa.select(citizen_media.c.id).where(matching))
    connection.execute(sa.delete(citizen_file).where(files))
    retained = citizen_media.c.media_type.is_not(None)
    connection.execute(sa.update(citizen_media).where(matching, retained).values(media_type=None))


def _known(connection: sa.Connection, message_id: str, sha256: str) -> CitizenMedia | None:
    same = (citizen_media.c.message_id == message_id, citizen_media.c.sha256 == sha256)
    return next(iter(_found(connection, *same)), None)


def _found(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> list[CitizenMedia]:
    of_message = citizen_message.c.id == citizen_media.c.message_id
    query = sa.select(citizen_media, citizen_message.c.call_id).join(citizen_message, of_message)
    rows = connection.execute(query.where(*which).order_by(citizen_media.c.at))
    return [_media(row) for row in rows]


def _media(row: sa.Row[Any]) -> CitizenMedia:
    facts = {name: getattr(row, name) for name in CitizenMedia.__dataclass_fields__}
    return CitizenMedia(**facts | {"kind": CallerItemKind(row.kind)})
