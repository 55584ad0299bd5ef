"""Files from outside, re-encoded: how they are stored, read, and limited."""

import base64
from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa


def as_stored(content: bytes) -> str:
    return base64.b64encode(content).decode()


def read_file(
    connection: sa.Connection, query: sa.Select[tuple[str, str]]
) -> tuple[str, bytes] | None:
    """Return media type and bytes of the requested file, or None."""
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.media_type, base64.b64decode(row.content))


def has_file(
    connection: sa.Connection,
    files: sa.Select[tuple[str]],
    contents: sa.ColumnElement[str],
    content: bytes,
) -> bool:
    """Return whether one of these files has this content: a client may send it again."""
    query = files.where(contents == as_stored(content)).limit(1)
    return connection.execute(query).first() is not None


def has_room(
    connection: sa.Connection,
    table: sa.Table,
    matching: Sequence[sa.ColumnElement[bool]],
    more: tuple[StrEnum, int],
    most: tuple[int, int],
) -> bool:
    """Return whether one more of this kind and size fits.

    `most` limits the number of the kind and all bytes; `matching` selects the rows that share the
    limit.
    """
    kind, size = more
    same = sa.select(sa.func.count()).where(*matching, table.c.kind == kind.value)
    weighed = sa.select(sa.func.coalesce(sa.func.sum(table.c.bytes), 0)).where(*matching)
    count, retained = (int(connection.execute(one).scalar_one()) for one in (same, weighed))
    return count < most[0] and retained + size <= most[1]
