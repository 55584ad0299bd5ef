"""Changes and log entries of a stored message, and agreement with other sources."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.agreement import AgreementSettings, Doubted, confirmed_by_device
from thapcanh.alerts.alert.alert_rows import IncomingEvent, raise_to_p1
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.answering_order import Corroboration
from thapcanh.alerts.alert.deduplication import DedupReason
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.incidents.corroborating_sources import (
    AlertWitness,
    confirm_by_source,
    is_unjudged,
)
from thapcanh.alerts.lifecycle.nearby_reports import Agreement, Neighbourhood
from thapcanh.alerts.lifecycle.unit_of_work import UnitOfWork
from thapcanh.alerts.signals.device_events import RULE
from thapcanh.alerts.store.audit_log import AuditEntry, ChangeRecord
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.distance import METRES_PER_DEGREE
from thapcanh.config.rules import Priority

_LOOKED_BACK_S = 6 * 3600.0


def agree(
    work: UnitOfWork, neighbours: Neighbourhood, arrival: IncomingEvent, matching: AlertRow
) -> None:
    """Raise and announce the earlier alert if a nearby camera or device agrees."""
    risen = neighbours.agreed(arrival, matching)
    if risen is None:
        return
    row = work.fetched(risen.alert_id)
    line = _raise(work, row, risen, arrival)
    work.risen.add(row.id)
    work.lay(row)
    neighbours.note(row)
    tell(work, arrival, line, moved=True)


def _raise(
    work: UnitOfWork, row: AlertRow, said: Agreement, arrival: IncomingEvent
) -> ChangeRecord:
    """Make the alert a P1 and announce it; mark it if a device agrees."""
    why = DedupReason.DEVICE_AGREES if said.is_device else DedupReason.CAMERAS_AGREE
    if said.is_device and row.corroboration is None:
        row.corroboration, row.corroborated_by = Corroboration.DEVICE.value, said.witness
    agrees = "device agrees" if said.is_device else "agrees"
    reason = f"{row.reason} · {agrees}: {said.witness}"
    raise_to_p1(row, why, reason, arrival.message.event.captured_at)
    return ChangeRecord(
        alert_id=row.id,
        version=work.changed(row),
        kind=ChangeKind.SPOKE,
        reason=why,
        at=arrival.now,
    )


def tell(
    work: UnitOfWork, arrival: IncomingEvent, line: ChangeRecord, *, moved: bool = False
) -> int:
    """Write the change for screens, and a log entry unless it is a mere repetition."""
    message = arrival.message
    late = work.files.joined(message.event.event_id)
    if line.kind is not ChangeKind.UPDATED or message.evidence or moved or late:
        row = work.alert(line.alert_id)
        details = {
            "message": message.event.id,
            "worker": message.source,
            "model_sha256": message.event.model_sha256,
            "files": {**late, **work.files.sealed_by(message)},
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
        work.page.add_log(log)
    return work.page.add_change(line)


def record_left(work: UnitOfWork, line: ChangeRecord) -> None:
    """Write change and log entry of an alert cleared in favour of another."""
    work.page.add_change(line)
    log = AuditEntry(
        at=line.at,
        action=line.kind.value,
        object_id=line.alert_id,
        reason=line.reason,
        details={"version": line.version},
    )
    work.page.add_log(log)


def confirm_by_devices(
    connection: sa.Connection, alert_ids: Collection[str], settings: AgreementSettings, now: float
) -> None:
    """Mark the P1 among these alerts, or those that devices among them report."""
    unjudged = (*is_unjudged(), alert.c.lat.is_not(None), alert.c.lon.is_not(None))
    telling = sa.select(alert).where(
        alert.c.rule_id == RULE, alert.c.raised_at >= now - _LOOKED_BACK_S, *unjudged
    )
    devices = {_report(row): row for row in connection.execute(telling).all()}
    if not devices:
        return
    reach = 1.01 * settings.within_m / METRES_PER_DEGREE
    south, north = (bound(one.position[0] for one in devices) for bound in (min, max))
    is_new = any(row.id in alert_ids for row in devices.values())
    query = sa.select(alert).where(
        sa.true() if is_new else alert.c.id.in_(sorted(alert_ids)),
        alert.c.rule_id != RULE,
        alert.c.priority == Priority.P1,
        alert.c.corroboration.is_(None),
        alert.c.lat.between(south - reach, north + reach),
        *unjudged,
    )
    for row in connection.execute(query.order_by(alert.c.raised_at)).all():
        device = confirmed_by_device(_report(row), devices, settings)
        if device is not None:
            confirm_by_source(connection, row, _witness(str(devices[device].camera_name)), now)


def _witness(name: str) -> AlertWitness:
    return AlertWitness(
        of=Corroboration.DEVICE,
        name=name,
        why=DedupReason.DEVICE_AGREES,
        said=f"device agrees: {name} · ",
    )


def _report(row: sa.Row[Any]) -> Doubted:
    return Doubted(
        camera_id=row.camera_id,
        position=(row.lat, row.lon),
        priority=row.priority,
        first_seen_at=row.raised_at,
        last_seen_at=row.last_seen_at,
        is_device=row.rule_id == RULE,
    )
