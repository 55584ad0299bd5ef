"""Units that can be sent: what they can do, and what they do now."""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.store.distance import Position


class UnitKind(StrEnum):
    """Capability of a unit."""

    FIRE_ENGINE = "fire_engine"
    LADDER = "ladder"  # reaches high floors
    RESCUE = "rescue"
    AMBULANCE = "ambulance"
    POLICE_PATROL = "police_patrol"
    TRAFFIC_POLICE = "traffic_police"
    WARD_POLICE = "ward_police"
    POWER = "power"
    OTHER = "other"


class UnitStatus(StrEnum):
    """Status of a unit."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RETURNING = "returning"
    OFF = "off"  # not in service


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
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)
