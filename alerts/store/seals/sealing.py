"""Sealing what an archive holds when its schema changes, after it was compared with its log.

Rows are compared as the earlier version left them, with what the log said until then; what
disagrees is written down, and `verify` tells it for ever. Then each row is sealed as it is whose
seal is missing, of an earlier version, or changed by a migration. Programs of before `SINCE` do not
seal every row: an archive that goes back to one is sealed again when it returns.
"""

import logging
import time
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from alerts.store.audit_log import AuditEntry, AuditLogQuery, add_log
from alerts.store.seals.said_seals import (
    DISAGREED,
    EARLIER,
    UNHEARD,
    VOID,
    SaidSeals,
    details_of,
    name_of,
    tables_of,
)
from alerts.store.seals.sealed_tables import is_sealed, key_of, seal_of
from alerts.store.seals.written_rows import ARCHIVE, write_seals

MIGRATED = "archive_migrated"  # the action of the entry that says what disagreed
SINCE = "0012_every_row_sealed"  # schemas are in the order of their names
_NAMED_AT_MOST = 10_000

log = logging.getLogger(__name__)


def disagreements_before(connection: sa.Connection, revision: str) -> list[str]:
    """Names of the rows that are not as the log says, with the tables of this revision."""
    right = (None, EARLIER) if revision >= SINCE else (None, EARLIER, UNHEARD)
    tables = tables_of(connection)
    with SaidSeals() as said:
        _hear(connection, said)
        wrong = [
            name_of(table, key_of(table, row))
            for table, row, how in said.compared(connection, tables)
            if how not in right
        ]
        return wrong + [name_of(table, key) for table, key in said.gone(tables)]


def seal_migrated(
    connection: sa.Connection, before: str, after: str, disagreed: Sequence[str]
) -> None:
    """Seal every row that is not sealed as it is now, and write down what disagreed before."""
    now, is_sealing = time.time(), after >= SINCE
    details = {
        "from": before,
        "to": after,
        DISAGREED: list(disagreed)[:_NAMED_AT_MOST],
        VOID: not is_sealing,
    }
    add_log(connection, AuditEntry(at=now, action=MIGRATED, object_id=ARCHIVE, details=details))
    count = 0
    if is_sealing:
        with SaidSeals() as said:
            _hear(connection, said)
            count = write_seals(connection, _missing(connection, said), now)
    log.warning(
        "archive brought from %s to %s: %d rows sealed as they are; %d were not as the log said",
        *(before, after, count, len(disagreed)),
    )


def _missing(connection: sa.Connection, said: SaidSeals) -> Iterator[tuple[str, str, str | None]]:
    """Table, key and seal of each row that the log does not vouch for as it is."""
    tables = tables_of(connection)
    for table, row, how in said.compared(connection, tables):
        if how is not None:
            yield table.name, key_of(table, row), seal_of(table, row)
    for table, key in said.gone(tables):
        if is_sealed(table):
            yield table.name, key, None


def _hear(connection: sa.Connection, said: SaidSeals) -> None:
    for entry in AuditLogQuery(connection).log_rows():
        said.heard(details_of(entry))
