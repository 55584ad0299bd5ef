"""Consistency of rows and evidence files with the action log.

The newest seal of each row in the log must match the row.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain as chain_of
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert, event, evidence, producer
from thapcanh.alerts.evidence.rows_by_acts import ActedSeals, faults_by_acts
from thapcanh.alerts.evidence.stores.store import EvidenceStore, stored_sha256
from thapcanh.alerts.facilities.facility_documents import document_seals
from thapcanh.alerts.queue.message import is_path_of_another
from thapcanh.alerts.store.action_log import ChainVerdict, LogRow, verify_chain
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing
from thapcanh.alerts.store.log_tables import action_log, alert_number, ledger
from thapcanh.alerts.store.seals.declared_seals import (
    DISAGREED,
    EARLIER,
    DeclaredSeals,
    details_of,
    name_of,
    tables_of,
)
from thapcanh.alerts.store.seals.log_signing import NOT_SIGNED, LogEnd, LogKey
from thapcanh.alerts.store.seals.sealed_tables import key_of
from thapcanh.alerts.store.tables import metadata

Fault = tuple[str, str]
_LOG = "action log"


def faults_of_counters(connection: sa.Connection) -> Iterator[Fault]:
    """Yield counters that differ from the numbers assigned."""
    day, number = sa.func.substr(alert.c.number, 4, 8), sa.func.substr(alert.c.number, 13)
    last = {row.day: row.last for row in connection.execute(sa.select(alert_number))}
    for (key,), highest in _provided(
        connection, (day,), number, alert.c.number.like("CB-________-%")
    ):
        yield from _counted("alert_number", key, last.get(key), highest)
    series = metadata.tables["number_series"]
    last = {row.series: row.last for row in connection.execute(sa.select(series))}
    for key, highest in _series(connection):
        yield from _counted("number_series", key, last.get(key), highest)
    yield from _producers(connection)


def faults_of_log(connection: sa.Connection, key: LogKey | None) -> Iterator[Fault]:
    """Yield where the log is unsigned, or differs from what this machine saw signed."""
    unsigned = sa.select(action_log).where(action_log.c.action == NOT_SIGNED)
    for entry in connection.execute(unsigned.order_by(action_log.c.seq)):
        reported = details_of(LogRow(**entry._mapping))
        yield (
            f"{_LOG} entry {reported.get('end')}",
            "nobody with this site's key wrote what follows entry "
            f"{reported.get('signed')} up to here",
        )
    if key is None:
        return
    head = connection.execute(sa.select(ledger)).one()
    end, last = LogEnd(seq=int(head.log_seq), hash=str(head.log_hash)), key.last
    is_begun = last is not None or head.log_signature is not None
    if is_begun and not key.has_signed(end, head.log_signature):
        yield f"{_LOG} entry {end.seq}", "the log's end is not signed by this site's key"
    if last is None or last.seq == 0:
        return
    found = sa.select(action_log.c.hash).where(action_log.c.seq == last.seq)
    seal = connection.execute(found).scalar_one_or_none()
    if seal != last.hash:
        how = "is gone" if seal is None else "is another one"
        yield f"{_LOG} entry {last.seq}", f"{how}; this machine saw it signed"


def _counted(table: str, key: str, last: int | None, highest: int | None) -> Iterator[Fault]:
    if highest is None:
        yield f"{table}:{key}", "does not count all that bears its name: one has no number"
    elif last != highest:
        yield f"{table}:{key}", f"does not stand at {highest}, the last number that was given"


def _series(connection: sa.Connection) -> Iterator[tuple[str, int | None]]:
    """Yield the highest number of each series, by the key of its counter."""
    incident, call = metadata.tables["incident"], metadata.tables["call"]
    day, number = sa.func.substr(incident.c.number, 4, 8), sa.func.substr(incident.c.number, 13)
    is_one = incident.c.number.like("VV-________-%")
    for (key,), highest in _provided(connection, (day,), number, is_one):
        yield f"incident:{key}", highest
    number = sa.func.substr(call.c.number, sa.func.length(call.c.line) + 2)
    is_one = call.c.number.like(call.c.line + "-%")
    for (line, year), highest in _provided(connection, (call.c.line, call.c.year), number, is_one):
        yield f"call:{line}:{year}", highest


def _provided(
    connection: sa.Connection,
    key: Sequence[sa.ColumnElement[Any]],
    number: sa.ColumnElement[str],
    is_one: sa.ColumnElement[bool],
) -> Iterator[tuple[tuple[Any, ...], int | None]]:
    """Return the highest number under each key; None for an invalid one. SQL casts no text."""
    length = sa.func.length(number)
    query = sa.select(*key, sa.func.max(number)).where(is_one).group_by(*key, length)
    found: dict[tuple[Any, ...], int | None] = {}
    for *matching, text in connection.execute(query):
        existing = found.get(tuple(matching), 0)
        is_number = text.isdecimal() and existing is not None
        found[tuple(matching)] = max(existing or 0, int(text)) if is_number else None
    yield from found.items()


def _producers(connection: sa.Connection) -> Iterator[Fault]:
    """Yield workers whose last number is below a stored one."""
    same = sa.and_(
        producer.c.source == event.c.source,
        producer.c.producer_epoch == event.c.producer_epoch,
    )
    highest = sa.func.max(event.c.producer_seq)
    query = sa.select(event.c.source, event.c.producer_epoch, highest, producer.c.highest_seq)
    query = query.select_from(event).outerjoin(producer, same)
    for source, epoch, stored, noted in connection.execute(
        query.group_by(event.c.source, event.c.producer_epoch, producer.c.highest_seq)
    ):
        if noted is None or noted < stored:
            yield f"producer:{source} {epoch}", f"is below {stored}, which is stored of it"


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
