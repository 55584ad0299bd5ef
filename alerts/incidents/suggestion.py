"""Which open incidents may be the same happening: one class group, near, and at one time. Pure.

The archive asks for what lies in `box_round` first, which an index answers; what lies in its
corners is left out here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.incidents.kinds import ClassGroup
from thapcanh.alerts.store.distance import METRES_PER_DEGREE, Position, distance_m, east_scale


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionSettings:
    """How near two reports must be, and how soon after one another."""

    within_m: float = 300.0
    within_s: float = 600.0
    most: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something told of: what, where, and from when to when."""

    id: str
    group: ClassGroup
    position: Position
    since: float
    until: float

    def apart_s(self, other: "Happening") -> float:
        """Seconds in which neither was told of; 0 where one was still seen when the other came."""
        return max(0.0, self.since - other.until, other.since - self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinSuggestion:
    """An incident, and how far away in metres and seconds what was told lies from it."""

    id: str
    distance_m: float
    apart_s: float


def box_round(centre: Position, within_m: float) -> tuple[Position, Position]:
    """South-west and north-east corner of the box that holds a circle of this radius."""
    north = within_m / METRES_PER_DEGREE
    east = north / east_scale(centre)
    return (centre[0] - north, centre[1] - east), (centre[0] + north, centre[1] + east)


def suggested(
    told: Happening, others: Iterable[Happening], settings: SuggestionSettings
) -> list[JoinSuggestion]:
    """The incidents that what was told may belong to, the nearest first."""
    found = [
        JoinSuggestion(
            id=one.id,
            distance_m=distance_m(told.position, one.position),
            apart_s=told.apart_s(one),
        )
        for one in others
        if one.group is told.group and one.id != told.id
    ]
    near = [
        one
        for one in found
        if one.distance_m <= settings.within_m and one.apart_s <= settings.within_s
    ]
    return sorted(near, key=lambda one: (one.distance_m, one.apart_s, one.id))[: settings.most]
