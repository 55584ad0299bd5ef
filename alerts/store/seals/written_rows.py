"""Rows written by a transaction, recorded by the engine and sealed at its end."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators

from thapcanh.alerts.store.audit_log import HEAD, AuditEntry, AuditLogWriter
from thapcanh.alerts.store.seals.sealed_tables import is_sealed, key_of, seal_of, sealed_columns
from thapcanh.alerts.store.tables import metadata

SEALED = "rows_sealed"  # the action of the entry
ROWS = "rows"  # in its details: table, key, and the row's seal; None where the row is gone
ACTS = "acts"  # beside them: the first and the last entry of the acts that explain the rows
ARCHIVE = "archive"
MOST_ROWS = 1000  # an entry
_INFO = "thapcanh_written_rows"
_KEYS_AT_ONCE = 500

_Key = tuple[Any, ...]


class WrittenRows:
    """Written rows of one transaction, owned by its thread."""

    def __init__(self) -> None:
        self._of: dict[sa.Table, dict[_Key, str | None]] = defaultdict(dict)  # None: to be read
        self._after = 0

    def begin(self, log_seq: int) -> None:
        """Set the log entry after which this transaction's own acts come."""
        self._after = log_seq

    def put_in(self, table: sa.Table, values: Mapping[str, Any], key: _Key) -> None:
        """Record an inserted row; its seal is known if all values are."""
        left_out = _names(table) - values.keys()
        row = {**values, **dict.fromkeys(left_out)} if left_out else values
        self._of[table][key] = seal_of(table, row) if left_out <= _null_names(table) else None

    def changed(self, table: sa.Table, key: _Key) -> None:
        """Record a changed or deleted row."""
        self._of[table][key] = None

    def seal(self, connection: sa.Connection) -> None:
        if not self._of:
            return
        seals = [one for table in self._of for one in self._seals(connection, table)]
        acts = (self._after + 1, int(connection.info[HEAD].get("log_seq", self._after)))
        write_seals(connection, seals, time.time(), acts)

    def _seals(
        self, connection: sa.Connection, table: sa.Table
    ) -> Iterator[tuple[str, str, str | None]]:
        names = [one.name for one in table.primary_key.columns]
        seals = {
            key_of(table, dict(zip(names, key, strict=True))): seal
            for key, seal in self._of[table].items()
        }
        unlisted = [key for key, seal in self._of[table].items() if seal is None]
        for row in _rows(connection, table, unlisted):
            seals[key_of(table, row)] = seal_of(table, row)
        for key, seal in seals.items():
            yield table.name, key, seal


def write_seals(
    connection: sa.Connection,
    seals: Iterable[tuple[str, str, str | None]],
    now: float,
    acts: tuple[int, int] = (0, -1),
) -> int:
    """Write entries with seals: table, key, and seal, or None for a deleted row.

    `acts` are the first and last entry that explain them. Return the number of rows.
    """
    named = {ACTS: list(acts)} if acts[0] <= acts[1] else {}
    log, count, left = AuditLogWriter(connection), 0, iter(seals)
    while some := list(islice(left, MOST_ROWS)):
        rows: dict[str, dict[str, str | None]] = defaultdict(dict)
        for table, key, seal in some:
            rows[table][key] = seal
        log.add_log(
            AuditEntry(at=now, action=SEALED, object_id=ARCHIVE, details={ROWS: rows, **named})
        )
        log.write()
        count += len(some)
    return count


def update_whole(
    connection: sa.Connection,
    update: sa.Update,
    values: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Update many rows whose complete new content is known.

    They are sealed as given, without reading.
    """
    if not rows:
        return
    retained = connection.info
    written: WrittenRows | None = retained.pop(_INFO, None)
    try:
        connection.execute(update, values)
    finally:
        if written is not None:
            retained[_INFO] = written
    if written is not None:
        table = _table(update)
        names = [one.name for one in table.primary_key.columns]
        for row in rows:
            written.put_in(table, row, tuple(row[name] for name in names))


def note_writes(engine: sa.Engine) -> None:
    """Enable recording of written rows for transactions with `noting`."""
    sa.event.listen(engine, "before_execute", _before)
    sa.event.listen(engine, "after_execute", _after)


@contextmanager
def noting(connection: sa.Connection) -> Iterator[WrittenRows]:
    """Record what is written on this connection within the block."""
    retained = connection.info  # once the database closed it, a connection cannot be asked for it
    written = WrittenRows()
    retained[_INFO], retained[HEAD] = written, {}
    try:
        yield written
    finally:
        retained.pop(_INFO, None)
        retained.pop(HEAD, None)


def _before(
    connection: sa.Connection,
    statement: Any,
    multiparams: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    _options: object,
) -> None:
    """Record the rows that a statement will change or delete."""
    written: WrittenRows | None = connection.info.get(_INFO)
    if written is None or not isinstance(statement, sa.Update | sa.Delete):
        return
    table = _table(statement)
    if not is_sealed(table):
        return
    if isinstance(statement, sa.Update) and not _touches(table, statement, multiparams, params):
        return
    for provided in multiparams or [params]:
        for key in _keys(connection, table, statement, provided):
            written.changed(table, key)


def _after(
    connection: sa.Connection,
    statement: Any,
    _multiparams: object,
    _params: object,
    _options: object,
    result: sa.CursorResult[Any],
) -> None:
    """Record the rows that a statement inserted."""
    written: WrittenRows | None = connection.info.get(_INFO)
    if written is None or not isinstance(statement, sa.Insert):
        return
    table = _table(statement)
    if not is_sealed(table):
        return
    names = [one.name for one in table.primary_key.columns]
    for values in result.context.compiled_parameters:
        if all(name in values for name in names):
            written.put_in(table, values, tuple(values[name] for name in names))
        else:
            key = tuple(result.inserted_primary_key or ())
            written.put_in(table, {**values, **dict(zip(names, key, strict=True))}, key)


def _table(statement: Any) -> sa.Table:
    """Return the table of a statement, which may know it by name only."""
    return metadata.tables[statement.table.name]


def _touches(
    table: sa.Table,
    statement: sa.Update,
    multiparams: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
) -> bool:
    """Return whether an update writes a sealed column."""
    provided = {*(multiparams[0] if multiparams else params)}
    values: Mapping[Any, Any] = getattr(statement, "_values", None) or {}
    provided |= {getattr(one, "name", one) for one in values}
    return any(one.name in provided for one in sealed_columns(table))


def _keys(
    connection: sa.Connection, table: sa.Table, statement: Any, provided: Mapping[str, Any]
) -> Sequence[_Key]:
    """Return the keys of a statement's rows, from its condition or by a query."""
    found: dict[str, Any] = {}
    for clause in _clauses(statement.whereclause):
        if isinstance(clause, sa.BinaryExpression) and clause.operator is operators.eq:
            column, value = clause.left, clause.right
            if isinstance(column, sa.ColumnClause) and isinstance(value, sa.BindParameter):
                found[column.name] = provided.get(value.key, value.effective_value)
    names = [one.name for one in table.primary_key.columns]
    if all(found.get(name) is not None for name in names):
        return [tuple(found[name] for name in names)]
    query = sa.select(*table.primary_key.columns)
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    return [tuple(row) for row in connection.execute(query, provided)]


def _clauses(condition: Any) -> Iterator[Any]:
    if isinstance(condition, sa.BooleanClauseList) and condition.operator is operators.and_:
        for clause in condition.clauses:
            yield from _clauses(clause)
    elif condition is not None:
        yield condition


def _rows(
    connection: sa.Connection, table: sa.Table, keys: Sequence[_Key]
) -> Iterator[Mapping[str, Any]]:
    columns = tuple(table.primary_key.columns)
    requested = {one.name: one for one in (*columns, *sealed_columns(table))}
    for first in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[first : first + _KEYS_AT_ONCE]
        local = (
            columns[0].in_([key[0] for key in some])
            if len(columns) == 1
            else sa.tuple_(*columns).in_(some)
        )
        found = connection.execute(sa.select(*requested.values()).where(local))
        yield from (dict(row._mapping) for row in found)


@cache
def _names(table: sa.Table) -> frozenset[str]:
    return frozenset(one.name for one in sealed_columns(table))


@cache
def _null_names(table: sa.Table) -> frozenset[str]:
    """Return the columns that are NULL in a row inserted without them."""
    return frozenset(
        one.name
        for one in sealed_columns(table)
        if one.nullable is True and one.default is None and one.server_default is None
    )
