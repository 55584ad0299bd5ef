"""Alerts that calls raise: read, and written with their log entry and change.

Both ways: a call comes and a camera doubts already, or a camera begins to doubt where somebody
called. Inside the transaction that stores the later of the two.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from alerts.alert.agreement import Doubted
from alerts.alert.alert_rows import raise_to_p1
from alerts.alert.alert_state import AlertState
from alerts.alert.alert_tables import alert
from alerts.alert.alert_writer import write_sighted
from alerts.alert.deduplication import AlertCondition, DedupReason
from alerts.alert.typed_rows import AlertRow, typed
from alerts.calls.corroboration import CorroborationSettings, corroborated
from alerts.incidents.calls import Call, CallKind, is_telling
from alerts.incidents.following import open_for_alerts
from alerts.incidents.incident_state import Disposition, MemberType
from alerts.incidents.incident_tables import call, incident, incident_member
from alerts.incidents.kinds import ClassGroup, alert_kinds
from alerts.incidents.suggestion import box_round
from alerts.store.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from alerts.store.change_kind import ChangeKind
from alerts.store.distance import METRES_PER_DEGREE, Position
from config.rules import Priority
from detection.event import CORROBORATED

SETTINGS = CorroborationSettings()
_BURNING = sorted(alert_kinds(ClassGroup.BURNING))
_BURNING_CALLS = sorted(kind.value for kind in CallKind if is_telling(kind))
_OPEN = (AlertState.NEW.value, AlertState.ACKNOWLEDGED.value)
_UNTRUE = (Disposition.HOAX.value, Disposition.FALSE_ALARM.value)
_MOST = 200
_REACH_DEG = 1.01 * SETTINGS.within_m / METRES_PER_DEGREE  # of latitude, and a little more


def raise_by_call(connection: sa.Connection, told: Call, now: float) -> str | None:
    """Raise the doubted alert that a new call tells of; return its id, or None."""
    position = told.place.position
    if position is None or not is_telling(told.kind):
        return None
    rows = _doubted_near(connection, position, told.at)
    found = corroborated(position, told.at, [_doubted(row) for row in rows], SETTINGS)
    if found is None:
        return None
    row = next(one for one in rows if _doubted(one) == found)
    _rise(connection, row, told.number, now)
    return str(row.id)


def raise_by_earlier_calls(
    connection: sa.Connection, alert_ids: Collection[str], now: float
) -> None:
    """Raise those of these alerts near which somebody called before; mostly none.

    Calls are looked at for each alert only where one may lie near it.
    """
    if not alert_ids:
        return
    query = sa.select(alert).where(
        alert.c.id.in_(sorted(alert_ids)),
        alert.c.priority > Priority.P1,
        *_may_rise(),
        sa.exists().where(*_told_about_then(), sa.func.abs(call.c.lat - alert.c.lat) <= _REACH_DEG),
    )
    for row in connection.execute(query).all():
        number = _called_near(connection, row)
        if number is not None:
            _rise(connection, row, number, now)


def _called_near(connection: sa.Connection, row: sa.Row[Any]) -> str | None:
    (south, west), (north, east) = box_round((row.lat, row.lon), SETTINGS.within_m)
    query = sa.select(call).where(
        *_told_about_then(row),
        call.c.lat.between(south, north),
        call.c.lon.between(west, east),
        ~_is_untrue(),
    )
    for told in connection.execute(query.order_by(call.c.at).limit(_MOST)):
        rows = _doubted_near(connection, (told.lat, told.lon), told.at)
        seen = [_doubted(one) for one in rows]
        if corroborated((told.lat, told.lon), told.at, seen, SETTINGS) == _doubted(row):
            return str(told.number)
    return None


def _told_about_then(row: Any = alert.c) -> tuple[sa.ColumnElement[bool], ...]:
    """A call of something burning while an alert was seen, or just before or after."""
    return (
        call.c.at >= row.raised_at - SETTINGS.within_s,
        call.c.at <= row.last_seen_at + SETTINGS.within_s,
        call.c.kind.in_(_BURNING_CALLS),
    )


def _is_untrue() -> sa.ColumnElement[bool]:
    """Somebody closed the call's incident as a hoax or a false alarm: it agrees with nothing."""
    return sa.exists().where(
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.member_id == call.c.id,
        incident_member.c.left_at.is_(None),
        incident_member.c.incident_id == incident.c.id,
        incident.c.disposition.in_(_UNTRUE),
    )


def _doubted_near(connection: sa.Connection, place: Position, at: float) -> list[Any]:
    (south, west), (north, east) = box_round(place, SETTINGS.within_m)
    query = sa.select(alert).where(
        alert.c.raised_at <= at + SETTINGS.within_s,
        alert.c.last_seen_at >= at - SETTINGS.within_s,
        alert.c.lat.between(south, north),
        alert.c.lon.between(west, east),
        alert.c.state.in_(_OPEN),
        *_may_rise(),
    )
    newest = query.order_by(alert.c.raised_at.desc(), alert.c.id.desc()).limit(_MOST)
    return list(connection.execute(newest).all())


def _may_rise() -> tuple[sa.ColumnElement[bool], ...]:
    """Still seen, and nobody has judged it."""
    return (
        alert.c.kind.in_(_BURNING),
        alert.c.exercise.is_(False),
        alert.c.verdict.is_(None),
        alert.c.condition == AlertCondition.ACTIVE.value,
        alert.c.state.in_(_OPEN),
        alert.c.lat.is_not(None),
        alert.c.lon.is_not(None),
    )


def _doubted(row: sa.Row[Any]) -> Doubted:
    return Doubted(
        camera_id=row.id,  # one camera may have several: the alert itself is told apart
        position=(row.lat, row.lon),
        priority=row.priority,
        first_seen_at=row.raised_at,
        last_seen_at=row.last_seen_at,
    )


def _rise(connection: sa.Connection, row: sa.Row[Any], number: str, now: float) -> None:
    risen, said = typed(AlertRow, row), f"{CORROBORATED} {number}"
    reason = row.reason if said in row.reason else f"{said} · {row.reason}"
    raise_to_p1(risen, DedupReason.CALL_AGREES, reason, now)
    risen.version = version = row.version + 1
    write_sighted(connection, [risen], [risen])
    change = ChangeRecord(
        alert_id=row.id,
        version=version,
        kind=ChangeKind.SPOKE,
        reason=DedupReason.CALL_AGREES,
        at=now,
    )
    add_change(connection, change)
    entry = AuditEntry(
        at=now,
        action=ChangeKind.SPOKE.value,
        object_id=row.id,
        reason=DedupReason.CALL_AGREES,
        details={"call": number, "from": row.priority, "version": version},
    )
    add_log(connection, entry)
    open_for_alerts(connection, [row.id], now)
