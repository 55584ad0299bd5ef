"""Corroboration of alerts by calls: which rises, which is confirmed, and its log entry."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.agreement import Doubted
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.incidents.calls import Call, is_telling
from thapcanh.alerts.incidents.corroborating_sources import (
    BURNING_CALLS,
    OPEN,
    UNTRUE,
    confirm_by_call,
    gains,
    is_unjudged,
)
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import call, incident, incident_member
from thapcanh.alerts.store.distance import METRES_PER_DEGREE, Position, box_round, distance_m
from thapcanh.config.rules import Priority

CORROBORATES_WITHIN_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorroborationSettings:
    """Distance and time within which a camera and a caller must agree."""

    within_m: float = CORROBORATES_WITHIN_M
    within_s: float = 600.0


def confirmed(
    place: Position, at: float, observed: Iterable[Doubted], settings: CorroborationSettings
) -> list[Doubted]:
    """Return the nearby P1 that a call confirms."""
    near = _near(place, at, observed, settings)
    return [one for one in near if one.priority == Priority.P1]


def corroborated(
    place: Position, at: float, observed: Iterable[Doubted], settings: CorroborationSettings
) -> Doubted | None:
    """Return the first doubted alert that a call raises to P1, or None.

    Nothing rises if a nearby P1 is open.
    """
    near = _near(place, at, observed, settings)
    if not near or any(one.priority == Priority.P1 for one in near):
        return None
    return min(near, key=lambda one: (one.first_seen_at, one.camera_id))


def _near(
    place: Position, at: float, observed: Iterable[Doubted], settings: CorroborationSettings
) -> list[Doubted]:
    return [
        one
        for one in observed
        if distance_m(place, one.position) <= settings.within_m
        and one.first_seen_at - settings.within_s <= at <= one.last_seen_at + settings.within_s
    ]


SETTINGS = CorroborationSettings()
_MOST = 200
_REACH_DEG = 1.01 * SETTINGS.within_m / METRES_PER_DEGREE  # of latitude, and a little more


def raise_by_call(connection: sa.Connection, reported: Call, now: float) -> str | None:
    """Raise the doubted alert that a new call corroborates; return its id, or None.

    Corroborated P1 are marked and announced again.
    """
    position = reported.place.position
    if position is None or not is_telling(reported.kind):
        return None
    rows = _doubted_near(connection, position, reported.at)
    observed = {_doubted(row): row for row in rows}
    for one in confirmed(position, reported.at, observed, SETTINGS):
        if observed[one].corroboration is None:
            confirm_by_call(connection, observed[one], reported.number, now)
    found = corroborated(position, reported.at, observed, SETTINGS)
    if found is None:
        return None
    confirm_by_call(connection, observed[found], reported.number, now)
    return str(observed[found].id)


def raise_by_earlier_calls(
    connection: sa.Connection, alert_ids: Collection[str], now: float
) -> None:
    """Raise or mark those of these alerts near which somebody called before.

    Calls are only read for alerts that may have one nearby.
    """
    if not alert_ids:
        return
    query = sa.select(alert).where(
        alert.c.id.in_(sorted(alert_ids)),
        gains(),
        *_may_rise(),
        sa.exists().where(*_reported_around(), sa.func.abs(call.c.lat - alert.c.lat) <= _REACH_DEG),
    )
    for row in connection.execute(query).all():
        number = _called_near(connection, row)
        if number is not None:
            confirm_by_call(connection, row, number, now)


def _called_near(connection: sa.Connection, row: sa.Row[Any]) -> str | None:
    (south, west), (north, east) = box_round((row.lat, row.lon), SETTINGS.within_m)
    query = sa.select(call).where(
        *_reported_around(row),
        call.c.lat.between(south, north),
        call.c.lon.between(west, east),
        ~_is_untrue(),
    )
    for reported in connection.execute(query.order_by(call.c.at).limit(_MOST)):
        place, matching = (reported.lat, reported.lon), _doubted(row)
        if confirmed(place, reported.at, [matching], SETTINGS):
            return str(reported.number)
        observed = [_doubted(one) for one in _doubted_near(connection, place, reported.at)]
        if corroborated(place, reported.at, observed, SETTINGS) == matching:
            return str(reported.number)
    return None


def _reported_around(row: Any = alert.c) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition for a fire call around the time of an alert."""
    return (
        call.c.at >= row.raised_at - SETTINGS.within_s,
        call.c.at <= row.last_seen_at + SETTINGS.within_s,
        call.c.kind.in_(BURNING_CALLS),
    )


def _is_untrue() -> sa.ColumnElement[bool]:
    """Return the condition: the call's incident was closed as a hoax or a false alarm."""
    return sa.exists().where(
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.member_id == call.c.id,
        incident_member.c.left_at.is_(None),
        incident_member.c.incident_id == incident.c.id,
        incident.c.disposition.in_(UNTRUE),
    )


def _doubted_near(connection: sa.Connection, place: Position, at: float) -> list[Any]:
    (south, west), (north, east) = box_round(place, SETTINGS.within_m)
    query = sa.select(alert).where(
        alert.c.raised_at <= at + SETTINGS.within_s,
        alert.c.last_seen_at >= at - SETTINGS.within_s,
        alert.c.lat.between(south, north),
        alert.c.lon.between(west, east),
        alert.c.state.in_(OPEN),
        *_may_rise(),
    )
    newest = query.order_by(alert.c.raised_at.desc(), alert.c.id.desc()).limit(_MOST)
    return list(connection.execute(newest).all())


def _may_rise() -> tuple[sa.ColumnElement[bool], ...]:
    return (*is_unjudged(), alert.c.lat.is_not(None), alert.c.lon.is_not(None))


def _doubted(row: sa.Row[Any]) -> Doubted:
    return Doubted(
        camera_id=row.id,  # one camera may have several: the alert itself is told apart
        position=(row.lat, row.lon),
        priority=row.priority,
        first_seen_at=row.raised_at,
        last_seen_at=row.last_seen_at,
    )
