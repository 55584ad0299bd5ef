"""Cameras that see nothing where a device reports fire, and what follows.

Every bound camera must have had enough inferences since the device's last signal; a blind, offline
or turned camera counts as unknown, and then nothing follows. Another signal raises it again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_rows import lowered_to_p2
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_writer import change_alert
from thapcanh.alerts.alert.deduplication import AlertCondition, DedupReason
from thapcanh.alerts.calls.corroboration import CORROBORATES_WITHIN_M, CorroborationSettings
from thapcanh.alerts.incidents.calls import CallKind, is_telling
from thapcanh.alerts.incidents.incident_tables import call
from thapcanh.alerts.signals.device_events import BURNING, RULE
from thapcanh.alerts.store.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import METRES_PER_DEGREE, distance_m
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.config.local_time import LOCAL_TZ

_BURNING = sorted(kind.value for kind in BURNING)
_BURNING_CALLS = sorted(kind.value for kind in CallKind if is_telling(kind))
_BEFORE_S = CorroborationSettings().within_s
_REACH_DEG = 1.01 * CORROBORATES_WITHIN_M / METRES_PER_DEGREE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearViewSettings:
    """Number and duration of inferences required of each camera."""

    looks: int = 60
    for_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraInferenceCount:
    """Inferences of a camera since its worker started; None if unknown."""

    camera_id: str
    looks: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOnlyAlert:
    """Alert of fire or smoke that only its device reports."""

    alert_id: str
    device_id: str
    last_told_at: float


@dataclass(slots=True, kw_only=True)
class _Watched:
    last_told_at: float
    since: float
    looks: dict[str, int]


class ClearViews:
    """Inferences of cameras during devices' alarms. One thread; no clock is read."""

    def __init__(self, settings: ClearViewSettings | None = None) -> None:
        self._settings = settings or ClearViewSettings()
        self._watched: dict[str, _Watched] = {}

    def follow(self, alert_ids: Collection[str]) -> None:
        self._watched = {
            one: observed for one, observed in self._watched.items() if one in alert_ids
        }

    def are_clear(
        self, reported: DeviceOnlyAlert, cameras: Sequence[CameraInferenceCount], now: float
    ) -> bool:
        """Return whether all cameras were analysed enough since the signal, without a break.

        Each call stores their counts: call it once a round.
        """
        looks = {one.camera_id: one.looks for one in cameras if one.looks is not None}
        before = self._watched.get(reported.alert_id)
        if not cameras or len(looks) < len(cameras):
            self._watched.pop(reported.alert_id, None)
            return False
        if before is None or not _continues(before, reported, looks):
            self._watched[reported.alert_id] = _Watched(
                last_told_at=reported.last_told_at, since=now, looks=looks
            )
            return False
        enough = all(looks[one] - was >= self._settings.looks for one, was in before.looks.items())
        return enough and now - before.since >= self._settings.for_s


def _continues(before: _Watched, reported: DeviceOnlyAlert, looks: dict[str, int]) -> bool:
    """Return whether counting continues; a restarted worker or a new signal restarts it."""
    return (
        before.last_told_at == reported.last_told_at
        and before.looks.keys() == looks.keys()
        and all(looks[one] >= was for one, was in before.looks.items())
    )


def device_only_alerts(database: Database, since: float) -> list[DeviceOnlyAlert]:
    """Return the alerts since then that only devices report and that were not lowered."""
    query = sa.select(alert.c.id, alert.c.camera_id, alert.c.last_seen_at)
    query = query.where(*_is_lowerable(), alert.c.last_seen_at > since)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [
        DeviceOnlyAlert(alert_id=row.id, device_id=row.camera_id, last_told_at=row.last_seen_at)
        for row in rows
    ]


def lower_unseen(
    database: Database,
    reported: DeviceOnlyAlert,
    cameras: Sequence[CameraInferenceCount],
    now: float,
) -> bool:
    """Record on an alert that its cameras see nothing, and make a P1 a P2.

    Return False if another camera, device or caller reports it by now.
    """
    query = sa.select(alert).where(
        alert.c.id == reported.alert_id,
        alert.c.last_seen_at == reported.last_told_at,
        *_is_lowerable(),
    )
    with database.writing() as connection:
        row = connection.execute(query).one_or_none()
        if row is None or _is_reported_by_another(
            connection, row, [one.camera_id for one in cameras]
        ):
            return False
        _lower(connection, row, cameras, now)
    return True


def _lower(
    connection: sa.Connection, row: sa.Row[Any], cameras: Sequence[CameraInferenceCount], now: float
) -> None:
    at = datetime.fromtimestamp(now, LOCAL_TZ)
    stated = f"seen by none of {len(cameras)} cameras at {at:%H:%M}"
    values = lowered_to_p2(row, f"{row.reason} · {stated}")
    version = change_alert(connection, row, values)
    why = DedupReason.CAMERAS_SEE_NOTHING
    change = ChangeRecord(
        alert_id=row.id, version=version, kind=ChangeKind.UPDATED, reason=why, at=now
    )
    add_change(connection, change)
    entry = AuditEntry(
        at=now,
        action=ChangeKind.UPDATED.value,
        object_id=row.id,
        reason=why,
        details={
            "cameras": [one.camera_id for one in cameras],
            "from": row.priority,
            "to": values["priority"],
            "version": version,
        },
    )
    add_log(connection, entry)


def _is_lowerable() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition: open device alert, no verdict, uncorroborated, not lowered."""
    lowered = sa.exists().where(
        action_log.c.object_id == alert.c.id,
        action_log.c.reason == DedupReason.CAMERAS_SEE_NOTHING.value,
    )
    return (
        alert.c.rule_id == RULE,
        alert.c.kind.in_(_BURNING),
        alert.c.exercise.is_(False),
        alert.c.verdict.is_(None),
        alert.c.condition == AlertCondition.ACTIVE.value,
        alert.c.state.in_((AlertState.NEW.value, AlertState.ACKNOWLEDGED.value)),
        alert.c.corroboration.is_(None),
        alert.c.lat.is_not(None),
        alert.c.lon.is_not(None),
        sa.not_(lowered),
    )


def _is_reported_by_another(
    connection: sa.Connection, row: sa.Row[Any], cameras: Sequence[str]
) -> bool:
    """Return whether another alert or call reports fire at these cameras or near the alert."""
    since = row.raised_at - _BEFORE_S
    observed = sa.select(alert.c.camera_id, alert.c.lat, alert.c.lon).where(
        alert.c.id != row.id,
        alert.c.kind.in_(_BURNING),
        alert.c.exercise.is_(False),
        sa.or_(alert.c.verdict.is_(None), alert.c.verdict != AlertState.REJECTED.value),
        alert.c.last_seen_at >= since,
    )
    calls = sa.select(sa.null(), call.c.lat, call.c.lon).where(
        call.c.at >= since,
        call.c.kind.in_(_BURNING_CALLS),
        sa.func.abs(call.c.lat - row.lat) <= _REACH_DEG,
    )
    for camera_id, lat, lon in (*connection.execute(observed), *connection.execute(calls)):
        if camera_id in cameras:
            return True
        if lat is None or lon is None:
            continue
        if distance_m((lat, lon), (row.lat, row.lon)) <= CORROBORATES_WITHIN_M:
            return True
    return False
