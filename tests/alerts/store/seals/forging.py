"""An archive with a signed log, and a forger: with the database alone, or with its key too."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.alerts.desk import NOW
from tests.made_archives import archive_at
from thapcanh.alerts.evidence.consistency import verify_on
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.seals.log_signing import LogEnd, LogKey
from thapcanh.alerts.store.seals.sealed_tables import key_of, seal_of
from thapcanh.alerts.store.seals.written_rows import write_seals

SECURITY = Path(__file__).parents[4] / "docs" / "security.md"


def named_in(heading: str) -> set[str]:
    """Tables, and columns as `table.column`, in the table under a heading of the document."""
    text = SECURITY.read_text(encoding="utf-8").split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert all(len(line.split("|")[2].strip()) > 20 for line in rows), "without its damage"
    return {name for line in rows for name in re.findall(r"`([a-z_.]+)`", line.split("|")[1])}


@dataclass(frozen=True)
class Forged:
    """An archive with a signed log, and what `verify` says of it as it is."""

    database: Database
    key: LogKey
    store: FolderStore
    before: frozenset[str] = frozenset()

    def verified(self, connection: sa.Connection) -> set[str]:
        found = verify_on(connection, self.store, set(), self.key)
        broken = set() if found.chain.ok else {f"the chain: {found.chain.why}"}
        return broken | {str(one) for one in found.disagreements}

    def after(self, *acts: Callable[[sa.Connection], object]) -> set[str]:
        """What is found beside what was, after acts that are taken back again."""
        with suppress(_TakeBackError), self.database.altering() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for act in acts:
                act(connection)
            found = self.verified(connection)
            raise _TakeBackError
        return found - self.before

    def sealed(self, table: sa.Table, *, is_signed: bool) -> Callable[[sa.Connection], None]:
        """Append seals of all rows of a table as they are, signed or not."""

        def append(connection: sa.Connection) -> None:
            rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            there = {key_of(table, row): seal_of(table, row) for row in rows}
            gone = dict.fromkeys(key for key in self._keys(table) if key not in there)
            seals = [(table.name, key, seal) for key, seal in (*there.items(), *gone.items())]
            seq = add_log(
                connection, AuditEntry(at=NOW, action="noted", object_id="none", details={})
            )
            write_seals(connection, seals, NOW, (seq, seq))
            if is_signed:
                head = connection.execute(sa.select(ledger)).one()
                end = LogEnd(seq=head.log_seq, hash=head.log_hash)
                signature = self.key.signature(end)
                connection.execute(sa.update(ledger).values(log_signature=signature))

        return append

    def _keys(self, table: sa.Table) -> set[str]:
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(table)).mappings()
            return {key_of(table, dict(row)) for row in rows}


class _TakeBackError(Exception):
    """Ends a transaction of which nothing may stay."""


def opened(folder: Path) -> Archive:
    archive_at(folder / "archive.sqlite").close()
    key = LogKey(folder / "log.key")
    return Archive(sqlite_url(folder / "archive.sqlite"), log_key=key)


def as_it_is(database: Database, folder: Path) -> Forged:
    assert database.log_key is not None
    plain = Forged(database, database.log_key, FolderStore(folder / "evidence"))
    with database.reading() as connection:
        before = plain.verified(connection)
    return Forged(database, database.log_key, plain.store, frozenset(before))
