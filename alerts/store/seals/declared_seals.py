"""Declared seals: the log's newest seal of each row, compared with the rows."""

import json
import logging
import sqlite3
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from thapcanh.alerts.store.action_log import LogRow
from thapcanh.alerts.store.audit_log import AuditEntry, AuditLogQuery, add_log
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.schema_version import VERSION_TABLE
from thapcanh.alerts.store.seals import earlier_seals
from thapcanh.alerts.store.seals.sealed_tables import TODAY, SealForm, is_sealed, key_of, seal_of
from thapcanh.alerts.store.seals.written_rows import ARCHIVE, ROWS, write_seals
from thapcanh.alerts.store.tables import metadata
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress

DISAGREED = "disagreed"  # in an entry's details: rows that were not as the log said, at a migration
VOID = "seals_void"  # in an entry's details: rows are not all sealed from here on
_PAGE = 500
_MAKE = """CREATE TABLE said (
    tab TEXT NOT NULL, key TEXT NOT NULL, seal TEXT, earlier INTEGER NOT NULL,
    PRIMARY KEY (tab, key)) WITHOUT ROWID"""
MIGRATED = "archive_migrated"  # the action of the entry that says what disagreed
SINCE = "0012_every_row_sealed"  # schemas are in the order of their names
_NAMED_AT_MOST = 10_000
log = logging.getLogger(__name__)


class DeclaredSeals:
    """Newest seal of each row in one form; one thread."""

    def __init__(self, form: SealForm = TODAY) -> None:
        self._form = form
        self._kept = sqlite3.connect("", isolation_level=None)  # a file that nobody else sees
        self._kept.execute(_MAKE)
        self._kept.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def heard(self, details: Mapping[str, Any]) -> None:
        """Process the details of a log entry, in order."""
        if details.get(VOID) is True:
            self._kept.execute("DELETE FROM said WHERE NOT earlier")
        rows = details.get(ROWS)
        self._put(
            (table, key, seal, 0)
            for table, seals in (rows.items() if isinstance(rows, dict) else ())
            for key, seal in (seals.items() if isinstance(seals, dict) else ())
        )
        self._put((*one, 1) for one in earlier_seals.said(details))

    def _put(self, said: Iterable[tuple[str, str, str | None, int]]) -> None:
        self._kept.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?)", said)

    def compared(
        self, connection: sa.Connection, tables: Iterable[sa.Table]
    ) -> Generator[tuple[sa.Table, Mapping[str, Any], str | None], None, None]:
        """Yield each row of the sealed tables with its fault, or None.

        A row without a seal is `UNHEARD`, or `EARLIER` if its seal covers less than today's.
        """
        for table in tables:
            if is_sealed(table, self._form):
                for page in _pages(connection, table):
                    yield from self._page(table, page)

    def gone(self, tables: Iterable[sa.Table]) -> Iterator[tuple[sa.Table, str]]:
        """Table and key of the rows that the log speaks of, and that `compared` did not meet."""
        for table in (one for one in tables if is_sealed(one, self._form)):
            query = "SELECT key FROM said WHERE tab = ? AND seal IS NOT NULL ORDER BY key"
            for (key,) in self._kept.execute(query, (table.name,)):
                yield table, key

    def _page(
        self, table: sa.Table, page: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[sa.Table, Mapping[str, Any], str | None]]:
        keys = [key_of(table, row) for row in page]
        marks = ", ".join("?" * len(keys))
        where = f"WHERE tab = ? AND key IN ({marks})"
        query = f"SELECT key, seal, earlier FROM said {where}"  # noqa: S608 question marks alone
        reported = {key: rest for key, *rest in self._kept.execute(query, (table.name, *keys))}
        self._kept.execute(f"DELETE FROM said {where}", (table.name, *keys))  # noqa: S608
        for key, row in zip(keys, page, strict=True):
            yield table, row, _fault(table, row, reported.get(key), self._form)


UNHEARD = "is in the archive and not in the log"
CHANGED = "is not as the log says"
RETURNED = "is in the archive, and the log says that it is gone"
EARLIER = "is as the log says, by a seal of an earlier version"


@dataclass(frozen=True, slots=True)
class _ReflectedColumn:
    name: str
    nullable: bool
    type_text: str
    type: TypeEngine[Any] = field(compare=False)


def tables_of(connection: sa.Connection) -> list[sa.Table]:
    """Return the archive's tables as they are in the database.

    Only columns and keys are read, for speed. Tables that did not change are the same objects as
    before, so that their queries are compiled once.
    """
    there = sa.inspect(connection)
    keys = there.get_multi_pk_constraint()
    return [
        _table(
            at[1],
            tuple(
                _ReflectedColumn(one["name"], one["nullable"], repr(one["type"]), one["type"])
                for one in columns
            ),
            tuple(keys[at]["constrained_columns"]),
        )
        for at, columns in sorted(there.get_multi_columns().items())
        if at[1] != VERSION_TABLE
    ]


@lru_cache(maxsize=1000)
def _table(name: str, columns: tuple[_ReflectedColumn, ...], key: tuple[str, ...]) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        *(sa.Column(one.name, one.type, nullable=one.nullable) for one in columns),
        sa.PrimaryKeyConstraint(*key),
    )


def name_of(table: sa.Table, key: str) -> str:
    return f"{table.name}:{key}"


def details_of(entry: LogRow) -> dict[str, Any]:
    """Return an entry's details; empty if unreadable."""
    try:
        found = json.loads(entry.details)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def disagreements_before(
    connection: sa.Connection, revision: str, progress: UpgradeProgress
) -> list[str]:
    """Return the rows that differ from the log, with the tables of this revision."""
    right = (None, EARLIER) if revision >= SINCE else (None, EARLIER, UNHEARD)
    tables = tables_of(connection)
    later = max(len(tables), len(metadata.tables))  # once the migrations are done
    progress.expect(1 + len(tables) + 1 + later)
    with DeclaredSeals(earlier_seals.form_of(revision)) as said:
        _receive(connection, said, progress)
        with closing(said.compared(connection, progress.parts(tables))) as compared:
            wrong = [
                name_of(table, key_of(table, row))
                for table, row, how in progress.rows(compared)
                if how not in right
            ]
        return wrong + [name_of(table, key) for table, key in said.gone(tables)]


def seal_migrated(
    connection: sa.Connection,
    before: str,
    after: str,
    disagreed: Sequence[str],
    progress: UpgradeProgress,
) -> None:
    now, is_sealing = time.time(), after >= SINCE
    details = {
        "from": before,
        "to": after,
        DISAGREED: list(disagreed)[:_NAMED_AT_MOST],
        VOID: not is_sealing,
    }
    migrated = add_log(
        connection, AuditEntry(at=now, action=MIGRATED, object_id=ARCHIVE, details=details)
    )
    count = 0
    if is_sealing:
        form = earlier_seals.form_of(after)
        with DeclaredSeals(form) as said:
            _receive(connection, said, progress)
            missing = _missing(connection, said, form, progress)
            count = write_seals(connection, missing, now, (migrated, migrated))
    log.warning(
        "archive brought from %s to %s: %d rows sealed as they are; %d were not as the log said",
        *(before, after, count, len(disagreed)),
    )


def _fault(
    table: sa.Table, row: Mapping[str, Any], reported: Sequence[Any] | None, form: SealForm
) -> str | None:
    if reported is None:
        return UNHEARD
    seal, is_earlier = reported
    if seal is None:
        return RETURNED
    if is_earlier:
        return EARLIER if earlier_seals.seal_of(table.name, row) == seal else CHANGED
    return None if seal_of(table, row, form) == seal else CHANGED


def _pages(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[Mapping[str, Any]]]:
    with closing(
        connection.execute(sa.select(table), execution_options={"yield_per": _PAGE})
    ) as result:
        for page in result.partitions(_PAGE):
            yield [dict(row._mapping) for row in page]


def _missing(
    connection: sa.Connection, said: DeclaredSeals, form: SealForm, progress: UpgradeProgress
) -> Iterator[tuple[str, str, str | None]]:
    """Table, key and seal of each row that the log does not vouch for as it is."""
    tables = tables_of(connection)
    progress.expect(len(tables))
    with closing(said.compared(connection, progress.parts(tables))) as compared:
        for table, row, how in progress.rows(compared):
            if how is not None:
                yield table.name, key_of(table, row), seal_of(table, row, form)
    for table, key in said.gone(tables):
        yield table.name, key, None


def _receive(connection: sa.Connection, said: DeclaredSeals, progress: UpgradeProgress) -> None:
    progress.start_part(action_log.name)
    for entry in progress.rows(AuditLogQuery(connection).log_rows()):
        said.heard(details_of(entry))
