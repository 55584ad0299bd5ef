"""The archive's rows and the evidence files beside the action log: what does not agree is named.

The log's entries carry seals of the rows that their acts changed; the newest seal of a row must be
that of the row as it is now. Reads everything once, in one view; nothing is written.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from alerts.alert.alert_tables import evidence
from alerts.evidence.stores.store import EvidenceStore, kept_sha256
from alerts.store.action_log import ChainVerdict, verify_chain
from alerts.store.audit_log import AuditLogQuery
from alerts.store.database import Database
from alerts.store.errors import EvidenceError, EvidenceMissing
from alerts.store.row_seal import KEY, PROTECTED, SEALS, place, seal
from alerts.store.tables import metadata

_DELETED = "evidence_deleted"
_PAGE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One row or file, and how it is not what the log says."""

    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.what}: {self.how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """The chain's verdict, what disagrees, and how much was compared.

    `unsealed` rows are of the time before rows were sealed: nothing can be said of them.
    """

    chain: ChainVerdict
    disagreements: tuple[Disagreement, ...]
    rows: int
    files: int
    unsealed: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing disagrees."""
        return self.chain.ok and not self.disagreements


@dataclass(slots=True)
class _Said:
    """What the log says: the newest seal of each row, and each file's and its alert."""

    seals: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    alert_of: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def verify_everything(database: Database, store: EvidenceStore) -> Everything:
    """Compare all of it. Raises `ArchiveError`."""
    with database.reading() as connection:
        chain = verify_chain(AuditLogQuery(connection))
        said = _said(AuditLogQuery(connection))
        found: list[Disagreement] = []
        unsealed: list[str] = []
        rows = sum(_compare(connection, table, said, found, unsealed) for table in PROTECTED)
        gone = sorted(said.seals.keys() - _seen_places(connection, said))
        found += [
            Disagreement(what=one, how="is in the log and not in the archive") for one in gone
        ]
        files = _compare_files(connection, said, store, found)
    return Everything(
        chain=chain,
        disagreements=tuple(found),
        rows=rows,
        files=files,
        unsealed=tuple(unsealed),
    )


def _said(log: AuditLogQuery) -> _Said:
    said = _Said()
    for entry in log.log_rows():
        details = _details(entry.details)
        seals, files = details.get(SEALS), details.get("files")
        if isinstance(seals, dict):
            said.seals.update(seals)
        if isinstance(files, dict):
            said.files.update(files)
            said.alert_of.update(dict.fromkeys(files, entry.object_id))
        if entry.action == _DELETED:
            said.deleted.update(details.get("paths", ()))
    return said


def _details(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _compare(
    connection: sa.Connection,
    table: str,
    said: _Said,
    found: list[Disagreement],
    unsealed: list[str],
) -> int:
    count = 0
    for row in _rows(connection, table):
        count += 1
        name = place(table, str(row[KEY[table]]))
        expected = said.seals.get(name)
        if expected is None:
            if table != "event":  # one more sighting of what was told is in no entry
                unsealed.append(name)
        elif seal(table, row) != expected:
            found.append(Disagreement(what=name, how="is not as the log says"))
    return count


def _rows(connection: sa.Connection, table: str) -> Iterator[Any]:
    """All rows by their key, a page at a time."""
    columns = metadata.tables[table]
    key = columns.c[KEY[table]]
    query = sa.select(columns).order_by(key).limit(_PAGE)
    page = connection.execute(query).mappings().all()
    while page:
        yield from page
        page = connection.execute(query.where(key > page[-1][KEY[table]])).mappings().all()


def _seen_places(connection: sa.Connection, said: _Said) -> set[str]:
    """Which of the sealed rows are there."""
    seen: set[str] = set()
    for table in PROTECTED:
        key = metadata.tables[table].c[KEY[table]]
        prefix = place(table, "")
        wanted = [name.removeprefix(prefix) for name in said.seals if name.startswith(prefix)]
        for first in range(0, len(wanted), _PAGE):
            some = sa.select(key).where(key.in_(wanted[first : first + _PAGE]))
            seen.update(place(table, one) for one in connection.execute(some).scalars())
    return seen


def _compare_files(
    connection: sa.Connection, said: _Said, store: EvidenceStore, found: list[Disagreement]
) -> int:
    rows = {row["path"]: row for row in connection.execute(sa.select(evidence)).mappings()}
    for path in sorted(said.files.keys() - rows.keys()):
        found.append(Disagreement(what=f"evidence {path}", how="is in the log and has no row"))
    count = 0
    for path, row in sorted(rows.items()):
        count += 1
        for how in _wrong_with(path, row, said, store):
            found.append(Disagreement(what=f"evidence {path}", how=how))
    return count


def _wrong_with(path: str, row: Any, said: _Said, store: EvidenceStore) -> Iterator[str]:
    expected = said.files.get(path)
    if row["alert_id"] is None and expected is None:
        return  # its event has no alert (yet): nothing was said of it
    if expected is None:
        yield "has a row and is not in the log"
    elif row["sha256"] != expected:
        yield "the row's seal is not that of the log"
    if expected is not None and row["alert_id"] != said.alert_of[path]:
        yield f"is another alert's ({row['alert_id']}) than the log says"
    if (row["deleted_at"] is not None) != (path in said.deleted):
        yield (
            "is marked as deleted, and the log does not say so"
            if path not in said.deleted
            else ("was deleted, and the row does not say so")
        )
    if row["deleted_at"] is None and path not in said.deleted:
        yield from _wrong_file(path, expected or row["sha256"], store)


def _wrong_file(path: str, expected: str, store: EvidenceStore) -> Iterator[str]:
    try:
        if kept_sha256(store, path) != expected:
            yield "the file was changed"
    except EvidenceMissing:
        yield "the file is missing"
    except EvidenceError:
        yield "the file cannot be read"
