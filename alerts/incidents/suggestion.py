"""Suggestions which open incidents may be the same: class group, distance, time."""

from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.incidents.kinds import ClassGroup
from thapcanh.alerts.store.distance import Position, distance_m


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionSettings:
    """Limits of distance and time between two reports."""

    within_m: float = 300.0
    within_s: float = 600.0
    most: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Report: what, where, and from when to when."""

    id: str
    group: ClassGroup
    position: Position
    since: float
    until: float

    def apart_s(self, other: "Happening") -> float:
        """Return the seconds between the two reports; 0 if they overlap."""
        return max(0.0, self.since - other.until, other.since - self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinSuggestion:
    """Suggested incident, with its distance in metres and seconds."""

    id: str
    distance_m: float
    apart_s: float


def suggested(
    reported: Happening, others: Iterable[Happening], settings: SuggestionSettings
) -> list[JoinSuggestion]:
    """Return the incidents that the report may belong to, the nearest first."""
    found = [
        JoinSuggestion(
            id=one.id,
            distance_m=distance_m(reported.position, one.position),
            apart_s=reported.apart_s(one),
        )
        for one in others
        if one.group is reported.group and one.id != reported.id
    ]
    near = [
        one
        for one in found
        if one.distance_m <= settings.within_m and one.apart_s <= settings.within_s
    ]
    return sorted(near, key=lambda one: (one.distance_m, one.apart_s, one.id))[: settings.most]
