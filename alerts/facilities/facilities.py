"""A facility: a market, a house, a factory, with what who is sent there must know. Pure."""

from dataclasses import dataclass

from thapcanh.alerts.map.country import distance_to_outline_m
from thapcanh.alerts.store.distance import Position, distance_m

MOST_CORNERS = 200
REACH_M = 1000.0
"""An outline's corners are not farther than this from the facility's position."""
MOST_CONTACTS, MOST_HAZARDS = 20, 30


def apart_m(place: Position, position: Position, outline: tuple[Position, ...]) -> float:
    """Return the metres from a place to an outline, else to a position."""
    if len(outline) >= 3:
        return distance_to_outline_m(place, outline)
    return distance_m(place, position)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityContact:
    """Contact: key holder, guard or owner; `hours` is free text."""

    name: str
    phone: str | None = None
    role: str | None = None
    hours: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityFacts:
    """Facts of a facility. `kind` is a word of the list, or the site's own."""

    name: str
    kind: str
    code: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    outline: tuple[Position, ...] = ()
    floors: int | None = None
    basements: int | None = None
    contacts: tuple[FacilityContact, ...] = ()
    hazards: tuple[str, ...] = ()
    access: str | None = None
    water: str | None = None
    agency: str | None = None
    area: str | None = None

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)

    def distance_m(self, place: Position) -> float | None:
        """Return the metres to its outline, else its position; None without one."""
        return None if self.position is None else apart_m(place, self.position, self.outline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """Stored facility."""

    id: str
    facts: FacilityFacts
    written_by: str
    written_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearFacility:
    """Facility with its distance, if a place was requested."""

    facility: Facility
    distance_m: float | None = None
