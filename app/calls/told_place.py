"""Where somebody outside says that something is: a point that cannot be is left out, and said.

A phone without a fix tells of 0, 0; one with a wrong one, of another country. The words of a place
stay whatever its point is.
"""

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
    """The place, and whether a point was left out of it."""
    if said is None:
        return IncidentPlace(), False
    text = " ".join((said.text or "").split()) or None
    if said.lat is None and said.lon is None:
        return IncidentPlace(text=text), False
    if said.lat is None or said.lon is None or not can_be((said.lat, said.lon), site):
        return IncidentPlace(text=text), True
    return IncidentPlace(text=text, lat=said.lat, lon=said.lon), False


def can_be(place: Position, site: Site) -> bool:
    """Whether a point may lie where this centre is called from."""
    lat, lon = place
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return False
    if abs(lat) < _NOWHERE_DEG and abs(lon) < _NOWHERE_DEG:
        return False
    placed = [(one.lat, one.lon) for one in site.cameras if one.lat is not None]
    return not placed or any(
        distance_m((lat, lon), (north, east or 0.0)) <= FARTHEST_M for north, east in placed
    )
