"""Files that people outside sent, made anew: how they are kept, read, and bounded.

A caller's, a citizen's, a crew's: each has a table of what came (`kind`, `bytes`, `media_type`) and
one of the contents (`content`), which are texts because rows are sealed as texts.
"""

import base64
from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa


def as_kept(content: bytes) -> str:
    """A file as its row holds it."""
    return base64.b64encode(content).decode()


def read_file(
    connection: sa.Connection, query: sa.Select[tuple[str, str]]
) -> tuple[str, bytes] | None:
    """Media type and bytes of the one file that is asked for; None where there is none."""
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.media_type, base64.b64decode(row.content))


def has_file(
    connection: sa.Connection,
    files: sa.Select[tuple[str]],
    contents: sa.ColumnElement[str],
    content: bytes,
) -> bool:
    """Whether these files have one with this content: who lost the answer sends it again."""
    query = files.where(contents == as_kept(content)).limit(1)
    return connection.execute(query).first() is not None


def has_room(
    connection: sa.Connection,
    table: sa.Table,
    mine: Sequence[sa.ColumnElement[bool]],
    more: tuple[StrEnum, int],
    most: tuple[int, int],
) -> bool:
    """Whether one more of this kind and so many bytes may come; `most`: of the kind, of all bytes.

    `mine` are the rows that share the bound.
    """
    kind, size = more
    same = sa.select(sa.func.count()).where(*mine, table.c.kind == kind.value)
    weighed = sa.select(sa.func.coalesce(sa.func.sum(table.c.bytes), 0)).where(*mine)
    count, kept = (int(connection.execute(one).scalar_one()) for one in (same, weighed))
    return count < most[0] and kept + size <= most[1]
