"""Consistency of rows and evidence files with the action log.

The newest seal of each row in the log must match the row.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import chain as chain_of
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import evidence
from thapcanh.alerts.evidence.derived_rows import faults_of_counters, faults_of_log
from thapcanh.alerts.evidence.rows_by_acts import ActedSeals, faults_by_acts
from thapcanh.alerts.evidence.stores.store import EvidenceStore, stored_sha256
from thapcanh.alerts.facilities.facility_documents import document_seals
from thapcanh.alerts.queue.message import is_path_of_another
from thapcanh.alerts.store.action_log import ChainVerdict, verify_chain
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing
from thapcanh.alerts.store.seals.declared_seals import (
    DISAGREED,
    EARLIER,
    DeclaredSeals,
    details_of,
    name_of,
    tables_of,
)
from thapcanh.alerts.store.seals.log_key import LogKey
from thapcanh.alerts.store.seals.sealed_tables import key_of

_DELETED = "evidence_deleted"
_MIGRATED = "was not as the log said when the archive was migrated"
EXTRA = "is in the store and in no row of the archive, unless its event is still on its way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Row or file that differs from the log."""

    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.what}: {self.how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """Result of the chain, disagreements, and number of comparisons."""

    chain: ChainVerdict
    disagreements: tuple[Disagreement, ...]
    rows: int
    files: int

    @property
    def ok(self) -> bool:
        return self.chain.ok and not self.disagreements


@dataclass(slots=True)
class _Stated:
    """Files by the log: seals, alerts and workers, and deletions."""

    files: dict[str, str] = field(default_factory=dict)
    alert_of: dict[str, str] = field(default_factory=dict)
    workers: dict[str, list[str]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def verify_everything(database: Database, store: EvidenceStore) -> Everything:
    """Compare all of it. Raises `ArchiveError`."""
    try:
        there = set(store.paths())  # before the rows: a file that comes meanwhile has its row then
    except EvidenceError:
        there = set()  # each file that has a row is then told as unreadable
    with database.reading() as connection:
        return verify_on(connection, store, there, database.log_key)


def verify_on(
    connection: sa.Connection,
    store: EvidenceStore,
    there: Set[str],
    key: LogKey | None = None,
) -> Everything:
    """Compare what this connection sees with the log, and with the files that are `there`."""
    chain = verify_chain(AuditLogQuery(connection))
    wrong = chain_of(faults_of_log(connection, key), faults_of_counters(connection))
    found = [Disagreement(what=what, how=how) for what, how in wrong]
    logged, acts, rows, tables = _Stated(), ActedSeals(), 0, tables_of(connection)
    with DeclaredSeals() as seals:
        for entry in AuditLogQuery(connection).log_rows():
            details = details_of(entry)
            seals.heard(details)
            acts.heard(entry, details)
            _add_files(logged, entry.action, entry.object_id, details)
            found += [Disagreement(what=one, how=_MIGRATED) for one in details.get(DISAGREED, ())]
        for table, row, how in seals.compared(connection, tables):
            rows += 1
            if how not in (None, EARLIER):
                found.append(Disagreement(what=name_of(table, key_of(table, row)), how=how))
        found += [
            Disagreement(what=name_of(table, key), how="is in the log and not in the archive")
            for table, key in seals.gone(tables)
        ]
    by_acts = faults_by_acts(connection, acts.since_at)
    named = {one.what for one in found}  # a row that is not as its seal says needs no second word
    found += [
        Disagreement(what=what, how=how)
        for what, how in chain_of(acts.faults, by_acts)
        if what not in named
    ]
    files = _compare_files(connection, logged, store, there, found)
    return Everything(chain=chain, disagreements=tuple(found), rows=rows, files=files)


def _add_files(logged: _Stated, action: str, object_id: str, details: dict[str, Any]) -> None:
    files = details.get("files")
    if isinstance(files, dict):
        logged.files.update(files)
        logged.alert_of.update(dict.fromkeys(files, object_id))
        for path in files if "worker" in details else ():
            workers = logged.workers.setdefault(path, [])
            if details["worker"] not in workers:
                workers.append(details["worker"])
    if action == _DELETED:
        logged.deleted.update(details.get("paths", ()))


def _compare_files(
    connection: sa.Connection,
    logged: _Stated,
    store: EvidenceStore,
    there: Set[str],
    found: list[Disagreement],
) -> int:
    rows = {row["path"]: row for row in connection.execute(sa.select(evidence)).mappings()}
    for path in sorted(logged.files.keys() - rows.keys()):
        found.append(Disagreement(what=f"evidence {path}", how="is in the log and has no row"))
    papers = document_seals(connection)
    extra = there - rows.keys() - papers.keys()
    found += [Disagreement(what=f"evidence {path}", how=EXTRA) for path in sorted(extra)]
    for path, seal in sorted(papers.items()):
        for how in _wrong_file(path, seal, store):
            found.append(Disagreement(what=f"document {path}", how=how))
    count = len(papers)
    for path, row in sorted(rows.items()):
        count += 1
        workers = ", then ".join(logged.workers.get(path, ()))
        for how in _wrong_with(path, row, logged, store):
            sealed_by = f", sealed by {workers}" if workers else ""
            found.append(Disagreement(what=f"evidence {path}{sealed_by}", how=how))
    return count


def _wrong_with(path: str, row: Any, logged: _Stated, store: EvidenceStore) -> Iterator[str]:
    expected = logged.files.get(path)
    if len(logged.workers.get(path, ())) > 1:
        yield "has seals of more than one worker"
    if is_path_of_another(path, row["event_id"]):
        yield f"is of event {row['event_id']}, and in the folder of another one"
    if row["alert_id"] is None and expected is None:
        return  # its event has no alert (yet): nothing was said of it
    if expected is None:
        yield "has a row and is not in the log"
    elif row["sha256"] != expected:
        yield "the row's seal is not that of the log"
    if expected is not None and row["alert_id"] != logged.alert_of[path]:
        yield f"is another alert's ({row['alert_id']}) than the log says"
    if (row["deleted_at"] is not None) != (path in logged.deleted):
        yield (
            "is marked as deleted, and the log does not say so"
            if path not in logged.deleted
            else ("was deleted, and the row does not say so")
        )
    if row["deleted_at"] is None and path not in logged.deleted:
        yield from _wrong_file(path, expected or row["sha256"], store)


def _wrong_file(path: str, expected: str, store: EvidenceStore) -> Iterator[str]:
    try:
        if stored_sha256(store, path) != expected:
            yield "the file was changed"
    except EvidenceMissing:
        yield "the file is missing"
    except EvidenceError:
        yield "the file cannot be read"
