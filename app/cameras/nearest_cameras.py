"""The cameras nearest to a point, without looking at all of a city's for each question."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from thapcanh.alerts.incidents.suggestion import box_round
from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site

WITHIN_M = 800.0
MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCamera:
    """A camera and how far it is."""

    camera: CameraConfig
    distance_m: float


class CameraGrid:
    """A site's cameras in the order of their latitude."""

    def __init__(self, site: Site) -> None:
        placed = [one for one in site.cameras if one.lat is not None and one.lon is not None]
        self._cameras = sorted(placed, key=lambda one: one.lat or 0.0)
        self._lats = [one.lat or 0.0 for one in self._cameras]

    def near(
        self, place: Position, scope: DataFilter, *, within_m: float = WITHIN_M, most: int = MOST
    ) -> list[NearCamera]:
        """Return the nearest cameras in the scope, nearest first."""
        (south, west), (north, east) = box_round(place, within_m)
        band = self._cameras[bisect_left(self._lats, south) : bisect_right(self._lats, north)]
        found = [
            NearCamera(camera=one, distance_m=distance_m(place, (one.lat or 0.0, one.lon or 0.0)))
            for one in band
            if west <= (one.lon or 0.0) <= east and scope.sees(one.agency, one.area)
        ]
        near = [one for one in found if one.distance_m <= within_m]
        return sorted(near, key=lambda one: (one.distance_m, one.camera.id))[:most]


class _Kept:
    """A site by identity: two sites are never compared camera by camera."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __hash__(self) -> int:
        return id(self.site)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.site is self.site


@lru_cache(maxsize=2)
def _grid(kept: _Kept) -> CameraGrid:
    return CameraGrid(kept.site)


def camera_grid(site: Site) -> CameraGrid:
    """Return the grid of a site, cached while that site is in force."""
    return _grid(_Kept(site))
