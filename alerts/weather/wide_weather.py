"""Wide weather: smoke on cameras far apart within minutes, without flame.

Flame is never held.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from statistics import median

from thapcanh.alerts.store.distance import METRES_PER_DEGREE, Position, distance_m, east_scale

HELD_PRIORITY = 3
FLAME, SMOKE = "fire", "smoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherSettings:
    """Limits for wide weather, and for local exceptions."""

    within_m: float = 3000.0  # round a camera; fog is wider
    within_s: float = 600.0
    places: int = 3  # so many, each `apart_m` from the others: one plume is not seen so
    apart_m: float = 600.0
    share: float = 0.05  # of the cameras there; scattered false alerts of 300 cameras stay below
    near_flame_m: float = 500.0  # its smoke drifts past the cameras beside it
    sure: float = 0.9  # belief that needs no comparison
    stands_out: float = 0.25  # belief above the median of the others


class Local(StrEnum):
    """Why a report inside a front still speaks."""

    FLAME = "flame"
    NEAR_FLAME = "near_flame"
    SURE = "sure"
    DENSER = "denser"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaReport:
    """Report of fire or smoke by one camera. `belief` is None if the worker sent none."""

    camera_id: str
    position: Position
    kind: str
    belief: float | None
    first_seen_at: float
    last_seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Front of smoke without flame: one report per camera, by start."""

    reports: tuple[AreaReport, ...]

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(report.camera_id for report in self.reports)

    @property
    def since(self) -> float:
        """Time of its first report."""
        return min(report.first_seen_at for report in self.reports)


def front_around(
    middle: Position,
    reports: Iterable[AreaReport],
    *,
    watched: int,
    now: float,
    settings: WeatherSettings,
) -> Front | None:
    """Return the front around a place, or None. `watched`: cameras within `within_m`."""
    near = [one for one in reports if _is_recent(one, now, settings)]
    near = [one for one in near if distance_m(middle, one.position) <= settings.within_m]
    burning = {one.camera_id for one in near if one.kind == FLAME}
    hazy = _one_a_camera(one for one in near if one.camera_id not in burning)
    needed = max(settings.places, settings.share * watched)
    if len(hazy) < needed or not _are_far_apart(hazy, settings):
        return None
    return Front(reports=tuple(hazy))


def why_local(
    report: AreaReport, front: Front, reports: Iterable[AreaReport], settings: WeatherSettings
) -> Local | None:
    """Return why a report does not belong to the front above it, or None."""
    if report.kind == FLAME:
        return Local.FLAME
    for other in reports:
        is_near = distance_m(report.position, other.position) <= settings.near_flame_m
        if other.kind == FLAME and is_near:
            return Local.NEAR_FLAME
    if report.belief is None:
        return None
    if report.belief >= settings.sure:
        return Local.SURE
    others = [one.belief for one in front.reports if one.camera_id != report.camera_id]
    existing = [belief for belief in others if belief is not None]
    if existing and report.belief >= median(existing) + settings.stands_out:
        return Local.DENSER
    return None


def fronts(
    reports: Sequence[AreaReport],
    *,
    watched_near: "WatchedNear",
    now: float,
    settings: WeatherSettings,
) -> list[Front]:
    """Return every front of a city, the widest first; a camera belongs to one."""
    left = list(reports)
    found: list[Front] = []
    while _may_be_one(left, now, settings):
        candidates = (_front_of(one, left, watched_near, now, settings) for one in left)
        widest = max((one for one in candidates if one), key=_size, default=None)
        if widest is None:
            break
        found.append(widest)
        members = set(widest.cameras)
        left = [one for one in left if one.camera_id not in members]
    return found


def _may_be_one(reports: Sequence[AreaReport], now: float, settings: WeatherSettings) -> bool:
    """Return whether enough cameras show smoke at all, before pairs are compared."""
    hazy = {
        one.camera_id for one in reports if one.kind != FLAME and _is_recent(one, now, settings)
    }
    return len(hazy) >= settings.places


class WatchedNear:
    """Number of cameras around a place, from cells of about a kilometre.

    Whole cells count by their middle, so it is right to about a tenth.
    """

    def __init__(self, positions: Iterable[Position], *, cell_deg: float = 0.005) -> None:
        self._cell_deg = cell_deg
        counts: dict[int, Counter[int]] = defaultdict(Counter)
        for lat, lon in positions:
            counts[int(lat // cell_deg)][int(lon // cell_deg)] += 1
        self._rows = {row: _Row(columns) for row, columns in counts.items()}

    def __call__(self, middle: Position, within_m: float) -> int:
        reach = within_m / METRES_PER_DEGREE
        per_degree = east_scale(middle)
        first, last = (int((middle[0] + side) // self._cell_deg) for side in (-reach, reach))
        found = 0
        for row in range(first, last + 1):
            if (cells := self._rows.get(row)) is None:
                continue
            north = (row + 0.5) * self._cell_deg - middle[0]
            if abs(north) <= reach:
                east = math.sqrt(reach**2 - north**2) / per_degree
                found += cells.between(
                    (middle[1] - east) / self._cell_deg - 0.5,
                    (middle[1] + east) / self._cell_deg - 0.5,
                )
        return found


class _Row:
    """Cells of one latitude with cameras, and running sums from the west."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        self._columns = sorted(counts)
        self._before = [0, *accumulate(counts[column] for column in self._columns)]

    def between(self, first: float, last: float) -> int:
        """Return the number of cameras in an inclusive range of columns."""
        west = bisect_left(self._columns, first)
        return self._before[bisect_right(self._columns, last)] - self._before[west]


def _front_of(
    report: AreaReport,
    reports: Sequence[AreaReport],
    watched_near: WatchedNear,
    now: float,
    settings: WeatherSettings,
) -> Front | None:
    watched = watched_near(report.position, settings.within_m)
    return front_around(report.position, reports, watched=watched, now=now, settings=settings)


def _size(front: Front) -> int:
    return len(front.reports)


def _is_recent(report: AreaReport, now: float, settings: WeatherSettings) -> bool:
    """Return whether it is recent, and not dated ahead by a wrong clock."""
    is_over = now - report.last_seen_at > settings.within_s
    return not is_over and report.first_seen_at - now <= settings.within_s


def _one_a_camera(reports: Iterable[AreaReport]) -> list[AreaReport]:
    ordered = sorted(reports, key=lambda one: (one.first_seen_at, one.camera_id))
    return list({one.camera_id: one for one in reversed(ordered)}.values())[::-1]


def _are_far_apart(reports: Sequence[AreaReport], settings: WeatherSettings) -> bool:
    """Return whether enough of them are far apart, chosen greedily in order."""
    places: list[Position] = []
    for report in reports:
        far = all(distance_m(report.position, existing) >= settings.apart_m for existing in places)
        if far:
            places.append(report.position)
    return len(places) >= settings.places
