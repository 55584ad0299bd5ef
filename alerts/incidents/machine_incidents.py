"""Open incidents that alerts may join, found by camera, device or place."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.answering_order import Corroboration
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.incidents.incident_state import IncidentState, MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.kinds import kind_of_alert
from thapcanh.alerts.incidents.membership import of_alert
from thapcanh.alerts.incidents.records import Because, JoinReason, NewIncident
from thapcanh.alerts.signals.device_events import RULE as DEVICE_RULE
from thapcanh.alerts.store.distance import (
    METRES_PER_DEGREE,
    Position,
    box_round,
    distance_m,
    east_scale,
)
from thapcanh.alerts.store.roles import SYSTEM

ONE_PLACE_M = 50.0  # cameras round one crossing or on one pole see one place
_REACH_DEG = 1.01 * ONE_PLACE_M / METRES_PER_DEGREE  # of latitude, and a little more
_FAR_DEG = 6 * _REACH_DEG  # as far as a device and a camera may tell of one fire

_Facts = tuple[str, str | None, str | None]  # kind, agency, area
_Cell = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class MachineIncident:
    """Incident opened by the system; `first` if it is still to be opened."""

    id: str = ""
    first: NewIncident | None = None
    facts: _Facts
    position: Position | None
    opened_at: float = 0.0
    joining: list[tuple[AlertRow, JoinReason]] = field(default_factory=list)


class MachineIncidents:
    """Incidents that may take an alert of a batch, the earliest first."""

    def __init__(self, connection: sa.Connection, batch: Sequence[AlertRow]) -> None:
        self.all: list[MachineIncident] = []
        self._by_camera: dict[tuple[_Facts, str], int] = {}
        self._by_device: dict[tuple[_Facts, str], int] = {}
        self._by_place: dict[tuple[_Facts, _Cell], list[int]] = defaultdict(list)
        self._read(connection, batch)

    def take(self, row: AlertRow) -> None:
        """Put an alert into the earliest matching incident, or into a new one."""
        facts = _facts_of(row)
        found = self._find(facts, row)
        if found is None:
            found = len(self.all)
            first = of_alert(row)
            one = MachineIncident(
                first=first, facts=facts, position=first.place.position, opened_at=row.raised_at
            )
            self._add(one)
        else:
            self.all[found].joining.append((row, self._reason(found, facts, row)))
        device = row.camera_name if row.rule_id == DEVICE_RULE else None
        self._note(found, facts, row.camera_id, device)

    def _find(self, facts: _Facts, row: AlertRow) -> int | None:
        reported = [self._by_camera.get((facts, row.camera_id))]
        if row.corroboration == Corroboration.DEVICE and row.corroborated_by is not None:
            reported.append(
                self._by_device.get((facts, row.corroborated_by))
            )  # one fire, however far
        if row.lat is not None and row.lon is not None:
            reported += self._at_place(facts, (row.lat, row.lon))
        return min((one for one in reported if one is not None), default=None)

    def _reason(self, found: int, facts: _Facts, row: AlertRow) -> JoinReason:
        """Return why an alert joins an incident, by the surest thing that they share."""
        one = self.all[found]
        apart_s = max(0.0, row.raised_at - one.opened_at)
        if self._by_camera.get((facts, row.camera_id)) == found:
            return JoinReason(code=Because.SAME_CAMERA, apart_s=apart_s)
        if row.corroborated_by and self._by_device.get((facts, row.corroborated_by)) == found:
            return JoinReason(code=Because.SAME_DEVICE, apart_s=apart_s)
        apart_m = None
        if one.position is not None and row.lat is not None and row.lon is not None:
            apart_m = round(distance_m(one.position, (row.lat, row.lon)), 1)
        code = Because.SAME_POINT if apart_m == 0 else Because.NEAR
        return JoinReason(code=code, distance_m=apart_m, apart_s=apart_s)

    def _at_place(self, facts: _Facts, local: Position) -> list[int]:
        near = (
            one for cell in _cells_around(local) for one in self._by_place.get((facts, cell), ())
        )
        return [
            one
            for one in near
            if (there := self.all[one].position) and distance_m(there, local) <= ONE_PLACE_M
        ]

    def _add(self, one: MachineIncident) -> None:
        if one.position is not None:
            self._by_place[one.facts, _cell_of(one.position)].append(len(self.all))
        self.all.append(one)

    def _note(self, number: int, facts: _Facts, camera_id: str, device: str | None) -> None:
        """Index an incident by camera and device; the earliest stays."""
        reported = [(self._by_camera, camera_id)]
        if device is not None:
            reported.append((self._by_device, device))
        for where, name in reported:
            where[facts, name] = min(number, where.get((facts, name), number))

    def _read(self, connection: sa.Connection, batch: Sequence[AlertRow]) -> None:
        members = self._members(connection, batch)
        told_of = {one.incident_id for one in members}
        places = [
            (row.lat, row.lon) for row in batch if row.lat is not None and row.lon is not None
        ]
        cells = {cell for place in places for cell in _cells_around(place)}
        query = sa.select(
            incident.c.id, incident.c.kind, incident.c.agency, incident.c.area,
            incident.c.lat, incident.c.lon, incident.c.opened_at,
        ).where(*_may_join(batch))  # fmt: skip
        numbers: dict[str, int] = {}
        for id_, kind, agency, area, lat, lon, opened_at in connection.execute(
            query.order_by(incident.c.opened_at)
        ):
            position = None if lat is None or lon is None else (lat, lon)
            is_near = position is not None and _cell_of(position) in cells
            if is_near or id_ in told_of:
                numbers[id_] = len(self.all)
                facts = (kind, agency, area)
                self._add(
                    MachineIncident(id=id_, facts=facts, position=position, opened_at=opened_at)
                )
        for one in members:
            if (number := numbers.get(one.incident_id)) is not None:
                device = one.camera_name if one.rule_id == DEVICE_RULE else None
                self._note(number, self.all[number].facts, one.camera_id, device)

    def _members(self, connection: sa.Connection, batch: Sequence[AlertRow]) -> Sequence[Any]:
        """Return the members of the batch's cameras and of devices that agree with them."""
        devices = {row.corroborated_by for row in batch} - {None}
        is_reported: sa.ColumnElement[bool] = alert.c.camera_id.in_(
            sorted({row.camera_id for row in batch})
        )
        if devices:
            of_device = alert.c.camera_name.in_(sorted(one for one in devices if one))
            is_reported = sa.or_(is_reported, sa.and_(alert.c.rule_id == DEVICE_RULE, of_device))
        query = (
            sa.select(
                incident_member.c.incident_id, alert.c.camera_id, alert.c.camera_name,
                alert.c.rule_id,
            )
            .join(alert, alert.c.id == incident_member.c.member_id)
            .join(incident, incident.c.id == incident_member.c.incident_id)
            .where(
                *_may_join(batch),
                incident_member.c.type == MemberType.ALERT.value,
                incident_member.c.left_at.is_(None),
                is_reported,
            )
            .distinct()
        )  # fmt: skip
        return connection.execute(query).all()


_source, _source_alert = incident_member.alias(), alert.alias()
_HAS_WARNING = (
    sa.exists()
    .where(
        _source.c.incident_id == incident.c.id,
        _source.c.type == MemberType.SIGNAL.value,
        _source.c.left_at.is_(None),
    )
    .correlate(incident)
)
_IS_UNTOUCHED = sa.and_(
    incident.c.state == IncidentState.OPEN.value,
    incident.c.people_version == 1,
    sa.or_(incident.c.opened_by == SYSTEM, _HAS_WARNING),
)
_HAS_ACTIVE = (
    sa.exists()
    .where(
        _source.c.incident_id == incident.c.id,
        _source.c.type == MemberType.ALERT.value,
        _source.c.left_at.is_(None),
        _source_alert.c.id == _source.c.member_id,
        _source_alert.c.condition == AlertCondition.ACTIVE.value,
    )
    .correlate(incident)
)
_moved, _origin = incident_member.alias(), incident.alias()
_WAS_SEPARATED = (
    sa.exists()
    .where(
        _source.c.incident_id == incident.c.id,
        _moved.c.type == _source.c.type,
        _moved.c.member_id == _source.c.member_id,
        _moved.c.left_at.is_not(None),
        _origin.c.id == _moved.c.incident_id,
        _origin.c.merged_into.is_(None),
    )
    .correlate(incident)
)


_MAY_JOIN = (
    incident.c.closed_at.is_(None),
    sa.or_(_IS_UNTOUCHED, sa.and_(_HAS_ACTIVE, ~_WAS_SEPARATED)),
)
"""Open ones that nobody touched, or with a source that is still active.

What somebody separated stays as they left it.
"""


def incident_at(
    connection: sa.Connection, new: NewIncident, now: float
) -> tuple[str, JoinReason] | None:
    """Return the earliest open incident of its kind and owner at a report's place, and why."""
    if new.place.position is None:
        return None
    (south, west), (north, east) = box_round(new.place.position, ONE_PLACE_M)
    query = sa.select(incident).where(
        *_MAY_JOIN,
        incident.c.kind == new.kind.value,
        incident.c.agency.is_not_distinct_from(new.agency),
        incident.c.area.is_not_distinct_from(new.area),
        incident.c.lat.between(south, north),
        incident.c.lon.between(west, east),
    )
    for row in connection.execute(query.order_by(incident.c.opened_at)):
        apart_m = round(distance_m((row.lat, row.lon), new.place.position), 1)
        if apart_m <= ONE_PLACE_M:
            code = Because.SAME_POINT if apart_m == 0 else Because.NEAR
            apart_s = max(0.0, now - row.opened_at)
            return str(row.id), JoinReason(code=code, distance_m=apart_m, apart_s=apart_s)
    return None


def _may_join(batch: Sequence[AlertRow]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition for open incidents near these alerts that they may join."""
    existing = [row.lat for row in batch if row.lat is not None]
    reach = (
        incident.c.lat.between(min(existing) - _FAR_DEG, max(existing) + _FAR_DEG)
        if existing
        else sa.false()
    )
    return (
        *_MAY_JOIN,
        incident.c.kind.in_(sorted({kind_of_alert(row.kind).value for row in batch})),
        sa.or_(reach, incident.c.lat.is_(None)),
    )


def _facts_of(row: AlertRow) -> _Facts:
    return kind_of_alert(row.kind).value, row.agency, row.area


def _cell_of(place: Position) -> _Cell:
    row = int(place[0] // _REACH_DEG)
    return row, _column(row, place[1])


def _column(row: int, lon: float) -> int:
    return int(lon * east_scale((row * _REACH_DEG, 0.0)) // _REACH_DEG)


def _cells_around(place: Position) -> list[_Cell]:
    """Return the grid cells that may hold the same place."""
    middle = int(place[0] // _REACH_DEG)
    columns = [(row, _column(row, place[1])) for row in (middle - 1, middle, middle + 1)]
    return [(row, column + right) for row, column in columns for right in (-1, 0, 1)]
