"""Units that can be sent: kinds, status, and which are suggested for what. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.incidents.kinds import IncidentKind
from alerts.lifecycle.distance import Position, distance_m


class UnitKind(StrEnum):
    """What a unit can do."""

    FIRE_ENGINE = "fire_engine"
    RESCUE = "rescue"
    AMBULANCE = "ambulance"
    POLICE_PATROL = "police_patrol"
    TRAFFIC_POLICE = "traffic_police"
    WARD_POLICE = "ward_police"
    POWER = "power"
    OTHER = "other"


class UnitStatus(StrEnum):
    """What a unit does now."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RETURNING = "returning"
    OFF = "off"  # not in service


_SUITED: Mapping[IncidentKind, tuple[UnitKind, ...]] = {  # the most needed first
    IncidentKind.FIRE: (UnitKind.FIRE_ENGINE, UnitKind.WARD_POLICE, UnitKind.AMBULANCE),
    IncidentKind.EXPLOSION: (UnitKind.FIRE_ENGINE, UnitKind.RESCUE, UnitKind.AMBULANCE),
    IncidentKind.SHORT_CIRCUIT: (UnitKind.POWER, UnitKind.FIRE_ENGINE, UnitKind.WARD_POLICE),
    IncidentKind.RESCUE: (UnitKind.RESCUE, UnitKind.AMBULANCE, UnitKind.FIRE_ENGINE),
    IncidentKind.TRAFFIC: (UnitKind.TRAFFIC_POLICE, UnitKind.AMBULANCE),
    IncidentKind.PUBLIC_ORDER: (UnitKind.WARD_POLICE, UnitKind.POLICE_PATROL),
    IncidentKind.CRIME: (UnitKind.POLICE_PATROL, UnitKind.WARD_POLICE),
    IncidentKind.MEDICAL: (UnitKind.AMBULANCE, UnitKind.WARD_POLICE),
    IncidentKind.OTHER: (UnitKind.WARD_POLICE, UnitKind.POLICE_PATROL),
}
_CAN_GO = (UnitStatus.AVAILABLE, UnitStatus.RETURNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as it is now."""

    id: str
    name: str
    kind: UnitKind
    station: str | None = None
    phone: str | None = None
    status: UnitStatus = UnitStatus.AVAILABLE
    lat: float | None = None
    lon: float | None = None
    position_at: float | None = None
    agency: str | None = None
    area: str | None = None

    @property
    def position(self) -> Position | None:
        """Where it is, as far as it is known."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedUnit:
    """A unit that can go, and how far it has; None where either place is unknown."""

    unit: Unit
    distance_m: float | None


def suggested_units(
    kind: IncidentKind, place: Position | None, units: Iterable[Unit], most: int = 8
) -> list[SuggestedUnit]:
    """The units for a kind of incident: by need, then by distance; available before returning."""
    needs = _SUITED[kind]
    found = [
        SuggestedUnit(unit=one, distance_m=_apart(place, one.position))
        for one in units
        if one.kind in needs and one.status in _CAN_GO
    ]

    def order(one: SuggestedUnit) -> tuple[int, int, float, str]:
        far = float("inf") if one.distance_m is None else one.distance_m
        return needs.index(one.unit.kind), _CAN_GO.index(one.unit.status), far, one.unit.id

    return sorted(found, key=order)[:most]


def _apart(one: Position | None, other: Position | None) -> float | None:
    return None if one is None or other is None else distance_m(one, other)
