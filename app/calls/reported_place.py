"""Place reported from outside the centre; an impossible point is dropped and reported."""

import math
from typing import Protocol

from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.config.site import Site

FARTHEST_M = 300_000.0  # from the nearest camera of the site: nobody calls this centre from there
_NOWHERE_DEG = 0.01


class ReportedPlace(Protocol):
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


def reported_place(reported: ReportedPlace | None, site: Site) -> tuple[IncidentPlace, bool]:
    """Return the place, and whether a point was dropped from it."""
    if reported is None:
        return IncidentPlace(), False
    text = " ".join((reported.text or "").split()) or None
    if reported.lat is None and reported.lon is None:
        return IncidentPlace(text=text), False
    if (
        reported.lat is None
        or reported.lon is None
        or not can_be((reported.lat, reported.lon), site)
    ):
        return IncidentPlace(text=text), True
    return IncidentPlace(text=text, lat=reported.lat, lon=reported.lon), False


def can_be(place: Position, site: Site) -> bool:
    """Return True if a point may lie in the area that this centre serves."""
    lat, lon = place
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return False
    if abs(lat) < _NOWHERE_DEG and abs(lon) < _NOWHERE_DEG:
        return False
    placed = [(camera.lat, camera.lon) for camera in site.cameras if camera.lat is not None]
    return not placed or any(
        distance_m((lat, lon), (north, east or 0.0)) <= FARTHEST_M for north, east in placed
    )
