"""The cameras nearest to a point, without looking at all of a city's for each question."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from thapcanh.alerts.store.distance import Position, box_round, distance_m
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
        placed = [item for item in site.cameras if item.lat is not None and item.lon is not None]
        self._cameras = sorted(placed, key=lambda item: item.lat or 0.0)
        self._lats = [item.lat or 0.0 for item in self._cameras]

    def near(
        self, place: Position, scope: DataFilter, *, within_m: float = WITHIN_M, most: int = MOST
    ) -> list[NearCamera]:
        """Return the nearest cameras in the scope, nearest first."""
        (south, west), (north, east) = box_round(place, within_m)
        band = self._cameras[bisect_left(self._lats, south) : bisect_right(self._lats, north)]
        found = [
            NearCamera(
                camera=item, distance_m=distance_m(place, (item.lat or 0.0, item.lon or 0.0))
            )
            for item in band
            if west <= (item.lon or 0.0) <= east and scope.sees(item.agency, item.area)
        ]
        near = [item for item in found if item.distance_m <= within_m]
        return sorted(near, key=lambda item: (item.distance_m, item.camera.id))[:most]


class _Stored:
    """A site by identity: two sites are never compared camera by camera."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __hash__(self) -> int:
        return id(self.site)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stored) and other.site is self.site


@lru_cache(maxsize=2)
def _grid(cached: _Stored) -> CameraGrid:
    return CameraGrid(cached.site)


def camera_grid(site: Site) -> CameraGrid:
    """Return the grid of a site, cached while that site is in force."""
    return _grid(_Stored(site))
