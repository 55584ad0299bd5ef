"""The watch's own troubles beside the worklist: how many, which places nobody sees. Read only."""

from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.incidents.rows.row_records import BlindCamera
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS, SystemKind
from thapcanh.alerts.store.distance import box_round, distance_m
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter

NEAR_M = 300.0  # so near a camera without a picture was to see an incident
_MOST_BLIND = 100
_IN_HAND = (AlertState.NEW.value, AlertState.ACKNOWLEDGED.value, AlertState.CONFIRMED.value)
_NO_PICTURE = (
    SystemKind.CAMERA_OFFLINE.value,
    SystemKind.CAMERA_FROZEN.value,
    SystemKind.CAMERA_TAMPERED.value,
)

_IS_BLIND = alert.c.kind.in_(_NO_PICTURE) | (
    (alert.c.kind == SystemKind.LINK_LOST.value) & (alert.c.rule_id == "link_lower_lost")
)
"""Condition of an alert about a place that nobody sees: a camera's, or a lost lower site's."""


def _is_fault(scope: DataFilter) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        alert.c.state.in_((*_IN_HAND, AlertState.REJECTED.value)),
        alert.c.condition == AlertCondition.ACTIVE.value,
        *owned_by(alert, scope),
    )


def faults(connection: sa.Connection, scope: DataFilter) -> int:
    """Return how many troubles of the watch are open in this scope."""
    query = sa.select(sa.func.count()).select_from(alert)
    query = query.where(alert.c.kind.in_(sorted(SYSTEM_KINDS)), *_is_fault(scope))
    return int(connection.execute(query).scalar_one())


def blind_places(connection: sa.Connection, scope: DataFilter) -> tuple[list[BlindCamera], int]:
    """Cameras without a picture and lost sites, those near open incidents first; their number."""
    mine = (_IS_BLIND, *_is_fault(scope))
    cameras = sa.func.count(sa.distinct(alert.c.camera_id))
    total = int(connection.execute(sa.select(cameras).where(*mine)).scalar_one())
    if not total:
        return [], 0
    query = sa.select(alert).where(*mine).order_by(alert.c.raised_at, alert.c.id)
    rows = {row.camera_id: row for row in reversed(connection.execute(query.limit(2000)).all())}
    found = [_blind_camera(connection, row, scope) for row in list(rows.values())[:_MOST_BLIND]]
    return sorted(found, key=lambda one: (one.near_incident is None, one.since)), total


def _blind_camera(connection: sa.Connection, row: sa.Row[Any], scope: DataFilter) -> BlindCamera:
    return BlindCamera(
        camera_id=row.camera_id,
        name=row.camera_name,
        kind=row.kind,
        since=row.raised_at,
        place=IncidentPlace(text=row.place, lat=row.lat, lon=row.lon),
        near_incident=_incident_near(connection, row, scope),
    )


def _incident_near(connection: sa.Connection, row: sa.Row[Any], scope: DataFilter) -> str | None:
    """Return the nearest open incident within `NEAR_M` of a camera."""
    if row.lat is None or row.lon is None:
        return None
    (south, west), (north, east) = box_round((row.lat, row.lon), NEAR_M)
    query = sa.select(incident.c.id, incident.c.lat, incident.c.lon).where(
        incident.c.closed_at.is_(None),
        incident.c.lat.between(south, north),
        incident.c.lon.between(west, east),
        *owned_by(incident, scope),
    )
    apart = [
        (distance_m((row.lat, row.lon), (one.lat, one.lon)), str(one.id))
        for one in connection.execute(query.limit(200))
    ]
    return min((one for one in apart if one[0] <= NEAR_M), default=(0.0, None))[1]


def blind_near(connection: sa.Connection, incident_id: str) -> bool:
    """Tell whether a camera near an incident shows no picture."""
    mine = sa.select(incident.c.lat, incident.c.lon).where(incident.c.id == incident_id)
    lat, lon = connection.execute(mine).one()
    if lat is None or lon is None:
        return False
    (south, west), (north, east) = box_round((lat, lon), NEAR_M)
    query = sa.select(alert.c.lat, alert.c.lon).where(
        alert.c.kind.in_(_NO_PICTURE),
        alert.c.lat.between(south, north),
        alert.c.lon.between(west, east),
        *_is_fault(EVERYTHING),
    )
    return any(
        distance_m((lat, lon), (one.lat, one.lon)) <= NEAR_M for one in connection.execute(query)
    )
