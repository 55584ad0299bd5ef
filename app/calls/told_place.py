"""Place reported from outside the centre; an impossible point is dropped and reported."""

import math
from typing import Protocol

from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.config.site import Site

FARTHEST_M = 300_000.0  # from the nearest camera of the site: nobody calls this centre from there
_NOWHERE_DEG = 0.01


class ToldPlace(Protocol):
    """A place as it was sent."""

    @property
    def text(self) -> str | None:
        """Its words."""

    @property
    def lat(self) -> float | None:
        """Degrees north."""

    @property
    def lon(self) -> float | None:
        """Degrees east."""


def told_place(said: ToldPlace | None, site: Site) -> tuple[IncidentPlace, bool]:
    """Return the place, and whether a point was dropped from it."""
    if said is None:
        return IncidentPlace(), False
    text = " ".join((said.text or "").split()) or None
    if said.lat is None and said.lon is None:
        return IncidentPlace(text=text), False
    if said.lat is None or said.lon is None or not can_be((said.lat, said.lon), site):
        return IncidentPlace(text=text), True
    return IncidentPlace(text=text, lat=said.lat, lon=said.lon), False


def can_be(place: Position, site: Site) -> bool:
    """Return True if a point may lie in the area that this centre serves."""
    lat, lon = place
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return False
    if abs(lat) < _NOWHERE_DEG and abs(lon) < _NOWHERE_DEG:
        return False
    placed = [(one.lat, one.lon) for one in site.cameras if one.lat is not None]
    return not placed or any(
        distance_m((lat, lon), (north, east or 0.0)) <= FARTHEST_M for north, east in placed
    )
