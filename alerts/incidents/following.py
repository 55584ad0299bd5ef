"""How incidents follow alerts: a P1 opens one by itself, and an officer's verdict moves it.

A drill opens none, nor does the watch's own trouble. In a flood alerts of one kind at one camera or
place are one incident. Where all of one was rejected it is closed as a false alarm by that word, so
that nobody says it twice; what was confirmed is assessed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from alerts.alert.alert_state import AlertState, TransitionReason
from alerts.alert.alert_tables import alert
from alerts.alert.answering_order import Corroboration
from alerts.alert.typed_rows import AlertRow, IncidentMemberRow, IncidentRow, typed
from alerts.incidents.incident_state import Disposition, IncidentReason, IncidentState, MemberType
from alerts.incidents.incident_tables import incident, incident_member
from alerts.incidents.incident_writing import IncidentAct, add_step, record
from alerts.incidents.kinds import kind_of_alert
from alerts.incidents.membership import Move, leave, live_member, of_alert
from alerts.incidents.opening import join_incidents, open_incident, open_incidents
from alerts.incidents.records import NewIncident
from alerts.queue.system_events import SYSTEM_KINDS
from alerts.signals.device_events import RULE as DEVICE_RULE
from alerts.store.distance import METRES_PER_DEGREE, Position, distance_m
from alerts.store.roles import SYSTEM, Actor
from alerts.weather.weather_advisory import HAZE
from config.rules import Priority

_NO_HAPPENING = sorted({*SYSTEM_KINDS, HAZE})
ONE_PLACE_M = 50.0  # cameras round one crossing or on one pole see one place
_REACH_DEG = 1.01 * ONE_PLACE_M / METRES_PER_DEGREE  # of latitude, and a little more
_FAR_DEG = 6 * _REACH_DEG  # as far as a device and a camera may tell of one fire
_OVER = (AlertState.REJECTED.value, AlertState.CLOSED.value)


def open_for_alerts(connection: sa.Connection, alert_ids: Collection[str], now: float) -> None:
    """Put each P1 alert among these that never was in an incident into one.

    Into an open one of the same kind that the machine opened at its camera or place, while nobody
    has moved that one; else into one of its own.
    """
    if not alert_ids:
        return
    was_in_one = sa.exists().where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id == alert.c.id,
    )
    query = sa.select(alert).where(
        alert.c.id.in_(sorted(alert_ids)),
        alert.c.priority == Priority.P1,
        alert.c.exercise.is_(False),
        alert.c.kind.not_in(_NO_HAPPENING),
        alert.c.state.not_in(_OVER),
        alert.c.shelf_id.is_(None),
        sa.not_(was_in_one),
    )
    found = connection.execute(query.order_by(alert.c.raised_at)).all()
    if not found:
        return
    rows = [typed(AlertRow, one) for one in found]
    known = _untouched(connection, rows)
    opened: list[_MachineIncident] = []
    for row in rows:
        mine = next((one for one in (*known, *opened) if one.takes(row)), None)
        if mine is None:
            mine = _MachineIncident(first=of_alert(row))
            opened.append(mine)
        else:
            mine.joining.append(row)
        mine.cameras.add(row.camera_id)
        if row.rule_id == DEVICE_RULE:
            mine.devices.add(row.camera_name)
    ids = open_incidents(connection, [one.first for one in opened if one.first], now)
    for one, incident_id in zip(opened, ids, strict=True):
        one.id = incident_id
    joined = {one.id: one.joining for one in (*known, *opened) if one.joining}
    join_incidents(
        connection, {key: [of_alert(row) for row in rows] for key, rows in joined.items()}, now
    )


@dataclass(slots=True, kw_only=True)
class _MachineIncident:
    """An incident that the machine opened and nobody has moved; `first` where it is to be."""

    id: str = ""
    first: NewIncident | None = None
    facts: tuple[str, str | None, str | None] = ("", None, None)  # kind, agency, area
    position: Position | None = None
    cameras: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)  # names of those that told of it
    joining: list[AlertRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read from its first alert what it is, where that is known."""
        if self.first is not None:
            self.facts = (self.first.kind.value, self.first.agency, self.first.area)
            self.position = self.first.place.position

    def takes(self, row: AlertRow) -> bool:
        """Whether an alert is of its kind and owner, and at its camera or place."""
        if self.facts != (kind_of_alert(row.kind).value, row.agency, row.area):
            return False
        if row.camera_id in self.cameras or self._is_told_of(row):
            return True
        if self.position is None or row.lat is None or row.lon is None:
            return False
        is_apart = abs(self.position[0] - row.lat) > _REACH_DEG  # mostly, and told at once
        return not is_apart and distance_m(self.position, (row.lat, row.lon)) <= ONE_PLACE_M

    def _is_told_of(self, row: AlertRow) -> bool:
        """Whether a device of it told of what a camera sees: one fire, however far they stand."""
        return row.corroboration == Corroboration.DEVICE and row.corroborated_by in self.devices


def _untouched(connection: sa.Connection, round_: Sequence[AlertRow]) -> list[_MachineIncident]:
    """What the machine opened near these alerts, and nobody has moved since."""
    query = sa.select(incident).where(
        incident.c.closed_at.is_(None),
        incident.c.state == IncidentState.OPEN.value,
        incident.c.opened_by == SYSTEM,
        incident.c.people_version == 1,
        incident.c.kind.in_(sorted({kind_of_alert(row.kind).value for row in round_})),
        sa.or_(_in_reach(incident.c.lat, [row.lat for row in round_]), incident.c.lat.is_(None)),
    )
    found = {
        row.id: _MachineIncident(
            id=row.id,
            facts=(row.kind, row.agency, row.area),
            position=None if row.lat is None or row.lon is None else (row.lat, row.lon),
        )
        for row in connection.execute(query.order_by(incident.c.opened_at))
    }
    cameras = (
        sa.select(
            incident_member.c.incident_id, alert.c.camera_id, alert.c.camera_name, alert.c.rule_id
        )
        .join(alert, alert.c.id == incident_member.c.member_id)
        .where(
            incident_member.c.incident_id.in_(found),
            incident_member.c.type == MemberType.ALERT.value,
            incident_member.c.left_at.is_(None),
        )
        .distinct()
    )
    for incident_id, camera_id, name, rule_id in connection.execute(cameras) if found else ():
        found[incident_id].cameras.add(camera_id)
        if rule_id == DEVICE_RULE:
            found[incident_id].devices.add(name)
    return list(found.values())


def _in_reach(column: sa.Column[float], places: Sequence[float | None]) -> sa.ColumnElement[bool]:
    """Between the southernmost and the northernmost of these places."""
    known = [one for one in places if one is not None]
    return column.between(min(known) - _FAR_DEG, max(known) + _FAR_DEG) if known else sa.false()


def follow_verdict(
    connection: sa.Connection, alert_id: str, why: TransitionReason, by: Actor, now: float
) -> None:
    """Move an alert's incident as an officer's verdict on the alert says."""
    if why not in _FOLLOWED:
        return
    member = live_member(connection, MemberType.ALERT, alert_id)
    if member is None:
        return
    query = sa.select(incident).where(incident.c.id == member.incident_id)
    row = typed(IncidentRow, connection.execute(query).one())
    _FOLLOWED[why](connection, member, row, Move(by=by, now=now))


def _end_false_alarm(
    connection: sa.Connection, _member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    if row.state not in (IncidentState.OPEN.value, IncidentState.ASSESSED.value):
        return
    if not _is_all_rejected(connection, row.id):
        return
    values = {
        "state": IncidentState.CLOSED.value,
        "disposition": Disposition.FALSE_ALARM.value,
        "owner": row.owner or move.by.username,
        "closed_by": move.by.username,
        "closed_at": move.now,
        "due_at": None,
    }
    _step(connection, row, (IncidentState.CLOSED, IncidentReason.CLOSED), values, move)


def _is_all_rejected(connection: sa.Connection, incident_id: str) -> bool:
    """Nothing but alerts, each of which somebody rejected: the first other one is looked for."""
    is_rejected = sa.exists().where(
        alert.c.id == incident_member.c.member_id, alert.c.verdict == AlertState.REJECTED.value
    )
    other = sa.select(incident_member.c.id).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.left_at.is_(None),
        sa.or_(incident_member.c.type != MemberType.ALERT.value, sa.not_(is_rejected)),
    )
    return connection.execute(other.limit(1)).first() is None


def _assess(
    connection: sa.Connection, _member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    if row.state != IncidentState.OPEN.value:
        return
    values = {
        "state": IncidentState.ASSESSED.value,
        "owner": row.owner or move.by.username,
        "due_at": None,
    }
    _step(connection, row, (IncidentState.ASSESSED, IncidentReason.ASSESSED), values, move)


def _open_again(
    connection: sa.Connection, member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    """The alert is not over after all, and its incident is: it opens another."""
    if row.state != IncidentState.CLOSED.value:
        return
    leave(connection, member, move)
    query = sa.select(alert).where(alert.c.id == member.member_id)
    told = of_alert(typed(AlertRow, connection.execute(query).one()))
    other = open_incident(connection, told, move.now, move.by)
    act = IncidentAct(
        incident_id=row.id,
        why=IncidentReason.SEPARATED,
        now=move.now,
        by=move.by,
        details={"member": MemberType.ALERT.value, "member_id": member.member_id, "opened": other},
    )
    record(connection, act, {}, moves=True)


_FOLLOWED = {
    TransitionReason.REJECTED: _end_false_alarm,
    TransitionReason.COSIGNED: _end_false_alarm,
    TransitionReason.CONFIRMED: _assess,
    TransitionReason.REOPENED: _open_again,
}


def _step(
    connection: sa.Connection,
    row: IncidentRow,
    what: tuple[IncidentState, IncidentReason],
    values: dict[str, Any],
    move: Move,
) -> None:
    step, why = what
    add_step(connection, row.id, step, move.now, move.by.username)
    act = IncidentAct(
        incident_id=row.id,
        why=why,
        now=move.now,
        by=move.by,
        details={"from": row.state, "to": step.value, "step": step.value, "follows": "alert"},
    )
    record(connection, act, values, moves=True)
