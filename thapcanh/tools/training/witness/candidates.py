"""Candidates of a clip for the witness, and which of them burn."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from thapcanh.detection.confirmation.observations import ImageRegion, Observation, RegionHistory
from thapcanh.detection.detections import Detections
from thapcanh.detection.region import Region

KINDS = ("fire", "smoke")
LEAST_CONFIDENCE = 0.15
SEEN, OF = 2, 5  # looks
FIRST_INFERENCES, THEN_EVERY = 6, 4  # of a place: then every fourth look
DISCARDED_AFTER_S = 20.0
EARLY_S = 0.5  # before its onset a fire may be seen already


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTruth:
    """Truth of a clip; clips of one `place` share a source."""

    clip: str
    place: str
    kind: str
    onset_s: float

    def burns(self, at_s: float) -> bool | None:
        """Return whether a candidate at this time is true; None if unknown."""
        if self.kind == "none":
            return False
        return at_s >= self.onset_s - EARLY_S if self.kind in KINDS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtCandidate:
    """Place in one inference."""

    kind: str
    region: Region
    at_s: float


@dataclass(slots=True, kw_only=True)
class _Place:
    place: ImageRegion
    taken: int = 0
    taken_in: int = -THEN_EVERY


@dataclass(slots=True)
class ClipCandidates:
    """Places of one clip; `observe` is called once per inference, in order."""

    _histories: dict[str, RegionHistory] = field(
        default_factory=lambda: {kind: RegionHistory() for kind in KINDS}
    )
    _places: list[_Place] = field(default_factory=list)
    _look: int = -1

    def observe(self, at_s: float, detections: Detections) -> Iterator[TaughtCandidate]:
        self._look += 1
        for kind, history in self._histories.items():
            observed = [
                Observation(at_s=at_s, region=row.box, confidence=row.confidence, label=row.label)
                for row in detections.rows()
                if row.label == kind and row.confidence >= LEAST_CONFIDENCE
            ]
            history.observe(at_s, observed, DISCARDED_AFTER_S)
            for place in history.all:
                if self._accept(place):
                    yield TaughtCandidate(kind=kind, region=place.region, at_s=at_s)

    def _accept(self, place: ImageRegion) -> bool:
        """Return whether to teach this place now, and count that it is taught."""
        last = list(place.looks)[-OF:]
        if last[-1].sighting is None or sum(one.sighting is not None for one in last) < SEEN:
            return False
        existing = next((one for one in self._places if one.place is place), None)
        if existing is None:
            existing = _Place(place=place)
            self._places.append(existing)
        if existing.taken >= FIRST_INFERENCES and self._look - existing.taken_in < THEN_EVERY:
            return False
        existing.taken, existing.taken_in = existing.taken + 1, self._look
        return True
