"""Weather is wide, fire is local: smoke on cameras far apart within minutes, without flame. Pure.

Reports of fire and smoke over an area in; a `Front` out where they can only be fog, mist or haze:
enough cameras, at places that no single plume explains, as many as the number of cameras watching
there makes more than chance. One advisory then names the cameras, and what each of them raises is
held at P3 — except where it burns, near where it burns, and where a plume stands out of the haze:
believed for itself, or clearly more than the others. Growth is no such sign, for fog grows too.
Flame is never held.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from alerts.store.distance import Position, distance_m

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
    while True:
        candidates = (_front_of(one, left, watched_near, now, settings) for one in left)
        widest = max((one for one in candidates if one), key=_size, default=None)
        if widest is None:
            return found
        found.append(widest)
        members = set(widest.cameras)
        left = [one for one in left if one.camera_id not in members]


class WatchedNear:
    """How many cameras watch round a place: cells of about a kilometre, made once a site.

    Counts whole cells whose middle lies within the distance, so it is right to about a tenth.
    """

    def __init__(self, positions: Iterable[Position], *, cell_deg: float = 0.005) -> None:
        self._cell_deg = cell_deg
        self._cells: dict[tuple[int, int], int] = {}
        for lat, lon in positions:
            cell = (int(lat // cell_deg), int(lon // cell_deg))
            self._cells[cell] = self._cells.get(cell, 0) + 1

    def __call__(self, middle: Position, within_m: float) -> int:
        """How many."""
        reach = int(within_m / (self._cell_deg * 100_000.0)) + 2  # a degree is about 100 km here
        row, column = (int(part // self._cell_deg) for part in middle)
        return sum(
            self._cells.get((row + down, column + right), 0)
            for down in range(-reach, reach + 1)
            for right in range(-reach, reach + 1)
            if distance_m(middle, self._middle(row + down, column + right)) <= within_m
        )

    def _middle(self, row: int, column: int) -> Position:
        return (row + 0.5) * self._cell_deg, (column + 0.5) * self._cell_deg


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
    return now - report.last_seen_at <= settings.within_s


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
