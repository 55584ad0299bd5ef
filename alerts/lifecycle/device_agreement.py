"""P1 of cameras that a device tells of too: found after a batch, and marked as sure.

Both ways: the device's signal comes, or a camera begins to see where a device has told. Mostly no
device tells of anything, and one statement says so.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from alerts.alert.agreement import AgreementSettings, Doubted, confirmed_by_device
from alerts.alert.alert_tables import alert
from alerts.alert.deduplication import DedupReason
from alerts.alert.urgency import Corroboration
from alerts.incidents.witnesses import AlertWitness, is_unjudged, tell_of_witness
from alerts.signals.device_events import RULE
from alerts.store.distance import METRES_PER_DEGREE
from config.rules import Priority

_LOOKED_BACK_S = 6 * 3600.0


def confirm_by_devices(
    connection: sa.Connection, alert_ids: Collection[str], settings: AgreementSettings, now: float
) -> None:
    """Mark the P1 that these alerts are, or that devices among them tell of."""
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
            tell_of_witness(connection, row, _witness(str(devices[device].camera_name)), now)


def _witness(name: str) -> AlertWitness:
    return AlertWitness(
        of=Corroboration.DEVICE,
        name=name,
        why=DedupReason.DEVICE_AGREES,
        said=f"agrees: {name} · ",
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
