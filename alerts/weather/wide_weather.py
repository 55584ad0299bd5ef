"""Weather is wide, fire is local: smoke on cameras far apart within minutes, without flame. Pure.

Reports of fire and smoke over an area in; a `Front` out where they can only be fog, mist or haze:
enough cameras, at places that no single plume explains, as many as the number of cameras watching
there makes more than chance. One advisory then names the cameras, and what each of them raises is
held at P3 — except where it burns, near where it burns, and where a plume stands out of the haze:
believed for itself, or clearly more than the others. Growth is no such sign, for fog grows too.
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
    """When smoke over an area is weather, and what still speaks inside it."""

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
    """What one camera shows of fire or smoke. `belief` is None where the worker told none."""

    camera_id: str
    position: Position
    kind: str
    belief: float | None
    first_seen_at: float
    last_seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Wide smoke without flame: the reports that make it, one a camera, in the order they began."""

    reports: tuple[AreaReport, ...]

    @property
    def cameras(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(report.camera_id for report in self.reports)

    @property
    def since(self) -> float:
        """When the first of them was seen."""
        return min(report.first_seen_at for report in self.reports)


def front_round(
    middle: Position,
    reports: Iterable[AreaReport],
    *,
    watched: int,
    now: float,
    settings: WeatherSettings,
) -> Front | None:
    """The front round a place, or None. `watched`: cameras within `within_m` of it."""
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
    """Why this report speaks although a front lies over its camera; None: it is part of it."""
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
    known = [belief for belief in others if belief is not None]
    if known and report.belief >= median(known) + settings.stands_out:
        return Local.DENSER
    return None


def fronts(
    reports: Sequence[AreaReport],
    *,
    watched_near: "WatchedNear",
    now: float,
    settings: WeatherSettings,
) -> list[Front]:
    """Every front of a city, the widest first; a camera belongs to one."""
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
    """Whether enough cameras show smoke at all: a storm of flames is not compared pair by pair."""
    hazy = {
        one.camera_id for one in reports if one.kind != FLAME and _is_recent(one, now, settings)
    }
    return len(hazy) >= settings.places


class WatchedNear:
    """How many cameras watch round a place: cells of about a kilometre, made once a site.

    Counts whole cells whose middle lies within the distance, so it is right to about a tenth.
    """

    def __init__(self, positions: Iterable[Position], *, cell_deg: float = 0.005) -> None:
        self._cell_deg = cell_deg
        counts: dict[int, Counter[int]] = defaultdict(Counter)
        for lat, lon in positions:
            counts[int(lat // cell_deg)][int(lon // cell_deg)] += 1
        self._rows = {row: _Row(columns) for row, columns in counts.items()}

    def __call__(self, middle: Position, within_m: float) -> int:
        """How many."""
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
    """The cells of one latitude that have cameras, and how many lie west of each."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        self._columns = sorted(counts)
        self._before = [0, *accumulate(counts[column] for column in self._columns)]

    def between(self, first: float, last: float) -> int:
        """How many cameras in the columns from one to another, both among them."""
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
    return front_round(report.position, reports, watched=watched, now=now, settings=settings)


def _size(front: Front) -> int:
    return len(front.reports)


def _is_recent(report: AreaReport, now: float, settings: WeatherSettings) -> bool:
    """Not long over, and not of a worker whose clock runs ahead: that would be recent for hours."""
    is_over = now - report.last_seen_at > settings.within_s
    return not is_over and report.first_seen_at - now <= settings.within_s


def _one_a_camera(reports: Iterable[AreaReport]) -> list[AreaReport]:
    """The earliest of each camera, in the order in which they began."""
    ordered = sorted(reports, key=lambda one: (one.first_seen_at, one.camera_id))
    return list({one.camera_id: one for one in reversed(ordered)}.values())[::-1]


def _are_far_apart(reports: Sequence[AreaReport], settings: WeatherSettings) -> bool:
    """Whether enough of them lie far from each other; taken greedily, in their order."""
    places: list[Position] = []
    for report in reports:
        far = all(distance_m(report.position, known) >= settings.apart_m for known in places)
        if far:
            places.append(report.position)
    return len(places) >= settings.places
