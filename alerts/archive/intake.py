"""Messages into the archive: event rows, alerts, changes and log entries in one transaction.

The same message again changes nothing. Which alert it belongs to, and whether it speaks, is decided
by `alerts.lifecycle.deduplication`; here it is only read and written. A whole batch is taken in its
order on one `UnitOfWork`, so that a hundred messages cost hardly more statements than one.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from alerts.archive import sequences
from alerts.archive.alert_rows import IncomingEvent, folded, opened
from alerts.archive.audit_log import AuditEntry, ChangeRecord
from alerts.archive.models.alerts import event
from alerts.archive.repositories.events import event_row
from alerts.archive.repositories.learned_suppressions import (
    agreed_since,
    judged_at_verdict,
    rejected_lately,
)
from alerts.archive.row_seal import SEALS, place, seal
from alerts.archive.unit_of_work import Row, UnitOfWork
from alerts.errors import SequenceReused
from alerts.lifecycle.alert_state import AlertState
from alerts.lifecycle.deduplication import (
    AlertCondition,
    AlertEpisode,
    DedupDecision,
    DedupReason,
    DedupResult,
    DedupSettings,
    dedup_key,
    deduplicate,
)
from alerts.message import Message, evidence_error_after
from alerts.records import ChangeKind, IngestResult
from alerts.self_test_event import SELF_TEST
from detection.event import Event, EventPhase

Place = tuple[str, int, int]

_DUPLICATE = IngestResult(duplicate=True, alert_id=None, reason="duplicate", change_seq=None)


def take_in(
    connection: sa.Connection, arrivals: Sequence[IncomingEvent], settings: DedupSettings
) -> list[IngestResult]:
    """Store messages once, in order; raises `SequenceReused` when a place is taken by another."""
    new = _new_ones(connection, [arrival.message for arrival in arrivals])
    taken = [_DUPLICATE] * len(arrivals)
    if not new:
        return taken
    messages = [arrivals[one].message for one in new]
    sequences.note_all(connection, messages, arrivals[0].now)
    sheet = UnitOfWork(connection, messages, settings.quiet_after_rejection_s)
    for one in new:
        taken[one] = _take(sheet, arrivals[one], settings)
    sheet.write()
    return taken


def _take(sheet: UnitOfWork, arrival: IncomingEvent, settings: DedupSettings) -> IngestResult:
    message = arrival.message
    if message.event.kind == SELF_TEST:
        sheet.store(arrival, None, SELF_TEST)
        return _taken(None, SELF_TEST, None)
    if message.evidence_only:
        return _take_evidence(sheet, arrival)
    return _take_sighting(sheet, arrival, settings)


def _new_ones(connection: sa.Connection, messages: Sequence[Message]) -> list[int]:
    """Which of the messages are not stored yet, nor come twice among these."""
    taken = _stored_places(connection, messages)
    ids = set(taken.values())
    new = []
    for number, message in enumerate(messages):
        place, id_ = _place(message), message.event.id
        if taken.get(place, id_) != id_:
            raise SequenceReused(
                f"{message.source} {message.producer_epoch}/{message.producer_seq}: "
                f"{id_} and {taken[place]} claim one place"
            )
        if id_ not in ids:
            new.append(number)
            ids.add(id_)
            taken[place] = id_
    return new


def _stored_places(connection: sa.Connection, messages: Sequence[Message]) -> dict[Place, str]:
    """Id by place of what is stored of these ids, and at these places."""
    columns = (event.c.source, event.c.producer_epoch, event.c.producer_seq, event.c.id)
    wanted: list[sa.ColumnElement[bool]] = [
        event.c.id.in_([message.event.id for message in messages])
    ]
    for source, epoch in sorted({_place(message)[:2] for message in messages}):
        seqs = [one.producer_seq for one in messages if _place(one)[:2] == (source, epoch)]
        wanted.append(
            sa.and_(
                event.c.source == source,
                event.c.producer_epoch == epoch,
                event.c.producer_seq.in_(seqs),
            )
        )
    rows = (connection.execute(sa.select(*columns).where(one)).all() for one in wanted)
    return {(row[0], row[1], row[2]): row[3] for found in rows for row in found}


def _place(message: Message) -> Place:
    return message.source, message.producer_epoch, message.producer_seq


def _take_evidence(sheet: UnitOfWork, arrival: IncomingEvent) -> IngestResult:
    message = arrival.message
    link = sheet.link(message.event.event_id)
    alert_id = None if link is None else link.alert_id
    sheet.store(arrival, alert_id, "evidence")
    sheet.files.attach(message, alert_id, arrival.now)
    if alert_id is None:
        return _taken(None, "evidence_waits", None)
    row = sheet.alert(alert_id)
    error = evidence_error_after(row.evidence_error, message)
    changed = {} if error == row.evidence_error else {"evidence_error": error}
    told = ChangeRecord(
        alert_id=alert_id,
        version=sheet.change(row, changed),
        kind=ChangeKind.EVIDENCE,
        reason="evidence",
        at=arrival.now,
    )
    return _taken(alert_id, "evidence", _tell(sheet, arrival, told))


def _take_sighting(
    sheet: UnitOfWork, arrival: IncomingEvent, settings: DedupSettings
) -> IngestResult:
    seen = arrival.message.event
    if seen.exercise and _is_known_as_real(sheet, seen):
        sheet.store(arrival, None, DedupReason.KNOWN_AS_REAL)
        return _taken(None, DedupReason.KNOWN_AS_REAL, None)
    row, folding = _belongs(sheet, arrival, settings)
    if folding.fold is DedupDecision.NOTHING:
        sheet.store(arrival, None, folding.reason)
        return _taken(None, folding.reason, None)
    if folding.fold is DedupDecision.OPEN or row is None:
        number = sheet.page.next_number(arrival.now)
        mine, version, moved = sheet.open(opened(arrival, folding, row, number)), 1, True
    else:
        before = (row.kind, row.priority)
        mine, version = row, sheet.change(row, folded(row, seen, folding))
        moved = before != (row.kind, row.priority)
    sheet.lay(mine)
    sheet.store(arrival, mine.id, folding.reason)
    is_new = sheet.link(seen.event_id) is None
    sheet.tie(seen.event_id, mine.id, folding.event_active, seen.captured_at)
    if folding.fold is DedupDecision.OPEN and row is not None:
        _leave(sheet, row, arrival)
    sheet.files.attach(arrival.message, mine.id, arrival.now, is_new=is_new)
    told = ChangeRecord(
        alert_id=mine.id,
        version=version,
        kind=_change_kind(folding),
        reason=folding.reason,
        at=arrival.now,
    )
    return _taken(mine.id, folding.reason, _tell(sheet, arrival, told, moved=moved))


def _belongs(
    sheet: UnitOfWork, arrival: IncomingEvent, settings: DedupSettings
) -> tuple[Row | None, DedupResult]:
    """The alert of this very event, else a place that is quiet, else the newest, and what follows.

    An officer's word about one place says nothing about the alerts that came after it elsewhere.
    """
    seen = arrival.message.event
    cleared_before = seen.phase is not EventPhase.CLEARED and sheet.was_cleared(
        seen.event_id, seen.captured_at
    )
    own = _own(sheet, seen)
    if own is None and seen.phase is not EventPhase.CLEARED and sheet.may_be_quiet(dedup_key(seen)):
        for found in rejected_lately(sheet.connection, seen, settings):
            row = sheet.adopt(found)
            episode = _episode(sheet, row, arrival, settings)
            folding = deduplicate(episode, seen, settings, cleared_before=cleared_before)
            if folding.reason is DedupReason.QUIET_PLACE:
                return row, folding
    latest = own or sheet.newest(dedup_key(seen))
    known = None if latest is None else _episode(sheet, latest, arrival, settings)
    return latest, deduplicate(known, seen, settings, cleared_before=cleared_before)


def _is_known_as_real(sheet: UnitOfWork, seen: Event) -> bool:
    link = sheet.link(seen.event_id)
    row = None if link is None else sheet.alert(link.alert_id)
    return row is not None and not row.exercise


def _own(sheet: UnitOfWork, seen: Event) -> Row | None:
    link = sheet.link(seen.event_id)
    row = None if link is None else sheet.alert(link.alert_id)
    return row if row is not None and row.exercise == seen.exercise else None


def _episode(
    sheet: UnitOfWork, row: Row, arrival: IncomingEvent, settings: DedupSettings
) -> AlertEpisode:
    seen = arrival.message.event
    is_rejected = row.verdict == AlertState.REJECTED.value
    if is_rejected:
        sheet.write()  # what the queries below ask for may have been decided just now
    events = sheet.links_of(row.id)
    own = next((each for each in events if each.event_id == seen.event_id), None)
    return AlertEpisode(
        state=AlertState(row.state),
        verdict=None if row.verdict is None else AlertState(row.verdict),
        verdict_at=row.verdict_at,
        condition=AlertCondition(row.condition),
        cleared_at=row.cleared_at,
        spoken_priority=row.spoken_priority,
        spoken_area=row.spoken_area,
        event_last_at=None if own is None else own.last_at,
        others_active=any(each.active and each is not own for each in events),
        judged=judged_at_verdict(sheet.connection, row) if is_rejected else None,
        agreed=is_rejected and agreed_since(sheet.connection, row, arrival, settings),
    )


def _leave(sheet: UnitOfWork, old: Row, arrival: IncomingEvent) -> None:
    """An alert whose last event went over to a new one is cleared, or it would glow for ever."""
    if old.condition == AlertCondition.CLEARED or any(
        each.active for each in sheet.links_of(old.id)
    ):
        return
    cleared = {"condition": AlertCondition.CLEARED.value, "cleared_at": arrival.now}
    line = ChangeRecord(
        alert_id=old.id,
        version=sheet.change(old, cleared),
        kind=ChangeKind.CLEARED,
        reason="continued_in_new_alert",
        at=arrival.now,
    )
    sheet.page.add_change(line)


def _change_kind(folding: DedupResult) -> ChangeKind:
    if folding.fold is DedupDecision.OPEN:
        return ChangeKind.OPENED
    if folding.reason is DedupReason.CLEARED:
        return ChangeKind.CLEARED
    return ChangeKind.SPOKE if folding.speaks else ChangeKind.UPDATED


def _tell(
    sheet: UnitOfWork, arrival: IncomingEvent, line: ChangeRecord, *, moved: bool = False
) -> int:
    """The change for the screens, and the log entry where it is more than one more sighting."""
    message = arrival.message
    late = sheet.files.joined(message.event.event_id)
    if line.kind is not ChangeKind.UPDATED or message.evidence or moved or late:
        row = sheet.alert(line.alert_id)
        stored = event_row(arrival, line.alert_id, "")
        details = {
            "message": message.event.id,
            "worker": message.source,
            "model_sha256": message.event.model_sha256,
            "files": {**late, **{ref.path: ref.sha256 for ref in message.evidence}},
            "version": line.version,
            SEALS: {
                place("alert", row.id): seal("alert", vars(row)),
                place("event", message.event.id): seal("event", stored),
            },
        }
        if message.event.exercise:
            details["exercise"] = True
        if on_shelf := row.shelf_id:
            details["shelf"] = on_shelf  # why nobody heard it
        log = AuditEntry(
            at=line.at,
            action=line.kind.value,
            object_id=line.alert_id,
            reason=line.reason,
            details=details,
        )
        sheet.page.add_log(log)
    return sheet.page.add_change(line)


def _taken(alert_id: str | None, reason: str, seq: int | None) -> IngestResult:
    return IngestResult(duplicate=False, alert_id=alert_id, reason=str(reason), change_seq=seq)
