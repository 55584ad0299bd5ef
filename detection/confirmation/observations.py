"""Repeated observations at one place, the input of confirmation.

Pure state; times are camera seconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from thapcanh.detection.confirmation.local_change import LocalChange
from thapcanh.detection.confirmation.witness_answer import Testimony
from thapcanh.detection.region import Region, area, grown, touch, union

REACH = 0.5  # share of the longer side by which a place may move or swell between two looks
MAX_INFERENCES = 120
MAX_PLACES = 32
FIRST_AREAS = 3  # so many sightings say how large a place was at first


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Observation at a place in one inference; several boxes there count as one."""

    at_s: float
    region: Region
    confidence: float
    label: str
    track_id: int | None = None
    change: LocalChange | None = None  # None in a camera's first look
    unmeasured: str | None = None  # why it could not be measured


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHistoryEntry:
    """Inference at a place: its observation, or None."""

    at_s: float
    sighting: Observation | None


@dataclass(slots=True, kw_only=True)
class ImageRegion:
    """Part of the picture with its recent inferences, oldest first."""

    region: Region
    last_seen_s: float
    looks: deque[PlaceHistoryEntry] = field(default_factory=lambda: deque(maxlen=MAX_INFERENCES))
    first_areas: list[float] = field(default_factory=list)
    accepted_since_s: float | None = None  # confirmed since, without a pause of the rule's window
    accepted_at_s: float | None = None  # confirmed last
    testimony: Testimony = field(default_factory=Testimony)

    def take(self, at_s: float, observed: Observation | None) -> None:
        self.looks.append(PlaceHistoryEntry(at_s=at_s, sighting=observed))
        if observed is None:
            return
        self.region, self.last_seen_s = observed.region, at_s
        if len(self.first_areas) < FIRST_AREAS:
            self.first_areas.append(area(observed.region))

    def accept(self, at_s: float, pause_s: float) -> float:
        """Mark it as confirmed; return for how many seconds it has been so."""
        last, self.accepted_at_s = self.accepted_at_s, at_s
        if self.accepted_since_s is None or last is None or at_s - last > pause_s:
            self.accepted_since_s = at_s
        return at_s - self.accepted_since_s

    def reaches(self, region: Region) -> bool:
        """Return whether an observation at `region` may be the same thing."""
        return touch(grown(self.region, REACH), region)


class RegionHistory:
    """Places of one rule on one camera; with `one_only` everything is at one place."""

    def __init__(self, *, one_only: bool = False) -> None:
        self.all: list[ImageRegion] = []
        self._one_only = one_only

    def observe(self, at_s: float, sightings: Sequence[Observation], forget_after_s: float) -> None:
        """Assign every observation to its place, and a miss to every other place."""
        found = self._assign(sightings)
        for place in self.all:
            place.take(at_s, found.get(id(place)))
        self._forget(at_s, forget_after_s)

    def clear(self) -> None:
        self.all.clear()

    def _assign(self, sightings: Sequence[Observation]) -> dict[int, Observation]:
        """Assign observations to places, the surest first; the rest make new places."""
        found: dict[int, Observation] = {}
        for sighting in sorted(sightings, key=lambda observed: -observed.confidence):
            place = self._nearest(sighting)
            if place is None:
                place = ImageRegion(region=sighting.region, last_seen_s=sighting.at_s)
                self.all.append(place)
            surer = found.get(id(place))
            found[id(place)] = sighting if surer is None else self._joined(surer, sighting)
        return found

    def _joined(self, surer: Observation, other: Observation) -> Observation:
        """Return two boxes at one place as one: the surer's facts, and both regions if it burns."""
        if self._one_only:
            return surer
        return replace(surer, region=union(surer.region, other.region))

    def _nearest(self, sighting: Observation) -> ImageRegion | None:
        if self._one_only:
            return self.all[0] if self.all else None
        return next((existing for existing in self.all if existing.reaches(sighting.region)), None)

    def _forget(self, at_s: float, after_s: float) -> None:
        recent = [place for place in self.all if at_s - place.last_seen_s <= after_s]
        if len(recent) > MAX_PLACES:
            recent = sorted(recent, key=_worth)[-MAX_PLACES:]
        self.all[:] = recent


def _worth(place: ImageRegion) -> tuple[float, float]:
    """Return the order for eviction, so that a night's lamps do not displace a fire."""
    observed = place.looks[-1].sighting
    return place.last_seen_s, 0.0 if observed is None else observed.confidence
