"""What is told of a message that came in: the change for the screens, and the log entry.

Where another witness sees the same, the alert that it agrees with is told of again.
"""

from alerts.alert.alert_rows import IncomingEvent, raise_to_p1
from alerts.alert.deduplication import DedupReason
from alerts.alert.typed_rows import AlertRow
from alerts.alert.urgency import Corroboration
from alerts.lifecycle.neighbourhood import Agreement, Neighbourhood
from alerts.lifecycle.unit_of_work import UnitOfWork
from alerts.store.audit_log import AuditEntry, ChangeRecord
from alerts.store.change_kind import ChangeKind


def agree(sheet: UnitOfWork, around: Neighbourhood, arrival: IncomingEvent, mine: AlertRow) -> None:
    """Where a camera or a device beside it tells of it too, the first alert rises and is heard."""
    risen = around.agreed(arrival, mine)
    if risen is None:
        return
    row = sheet.fetched(risen.alert_id)
    line = _raise(sheet, row, risen, arrival)
    sheet.lay(row)
    around.note(row)
    tell(sheet, arrival, line, moved=True)


def _raise(
    sheet: UnitOfWork, row: AlertRow, said: Agreement, arrival: IncomingEvent
) -> ChangeRecord:
    """The alert is a P1, and speaks; what a device told of too is marked."""
    why = DedupReason.DEVICE_AGREES if said.is_device else DedupReason.CAMERAS_AGREE
    if said.is_device and row.corroboration is None:
        row.corroboration, row.corroborated_by = Corroboration.DEVICE.value, said.witness
    reason = f"{row.reason} · agrees: {said.witness}"
    raise_to_p1(row, why, reason, arrival.message.event.captured_at)
    return ChangeRecord(
        alert_id=row.id,
        version=sheet.changed(row),
        kind=ChangeKind.SPOKE,
        reason=why,
        at=arrival.now,
    )


def tell(
    sheet: UnitOfWork, arrival: IncomingEvent, line: ChangeRecord, *, moved: bool = False
) -> int:
    """The change for the screens, and the log entry where it is more than one more sighting."""
    message = arrival.message
    late = sheet.files.joined(message.event.event_id)
    if line.kind is not ChangeKind.UPDATED or message.evidence or moved or late:
        row = sheet.alert(line.alert_id)
        details = {
            "message": message.event.id,
            "worker": message.source,
            "model_sha256": message.event.model_sha256,
            "files": {**late, **{ref.path: ref.sha256 for ref in message.evidence}},
            "version": line.version,
        }
        if message.event.exercise:
            details["exercise"] = True
        if message.event.call is not None:
            details["call"] = message.event.call
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
