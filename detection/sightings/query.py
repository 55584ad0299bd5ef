"""What is searched for among sightings, and what a search answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detection.region import Region
from detection.sightings.sighting import SightingRecord, VehicleColour
from detection.sightings.store import SLOT_S
from detection.tracking.line import LineSide


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingQuery:
    """What is searched for. None: any. Times are UTC unix seconds."""

    from_s: float
    to_s: float
    hidden: Mapping[str, int]
    """The cameras, each with the cells that its privacy masks cover now."""
    seen: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """Of which stretches of a camera is told; of one that is not named here, of all."""
    labels: frozenset[str] | None = None
    colour: VehicleColour | None = None
    line: str | None = None
    to: LineSide | None = None
    box: Region | None = None


@dataclass(frozen=True, slots=True, order=True)
class SearchCursor:
    """The place of a sighting in the order."""

    from_ms: int
    camera_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotShare:
    """Which shares (0..1) of five minutes a camera was looked at."""

    from_s: float
    awake: float
    idle: float
    """Looked at every few seconds only, because nothing moved."""

    def within(self, from_s: float, to_s: float) -> float:
        """How many seconds of the slot lie in a stretch."""
        return max(0.0, min(to_s, self.from_s + SLOT_S) - max(from_s, self.from_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCoverage:
    """How much of a period a camera was looked at, and how many records found no room."""

    slots: tuple[SlotShare, ...] = ()
    dropped: int = 0
    dropped_slots: tuple[float, ...] = ()
    """The begins of the five minutes in which some were dropped."""

    def told(self, stretches: Sequence[tuple[float, float]] | None) -> "LookCoverage":
        """The same of the slots that lie in these stretches; None: all of them."""
        if stretches is None:
            return self

        def is_told(slot_s: float) -> bool:
            return any(begin <= slot_s and slot_s + SLOT_S <= end for begin, end in stretches)

        dropped = tuple(one for one in self.dropped_slots if is_told(one))
        return LookCoverage(
            slots=tuple(one for one in self.slots if is_told(one.from_s)),
            dropped=self.dropped if dropped == self.dropped_slots else 0,
            dropped_slots=dropped,
        )

    def awake_s(self, from_s: float, to_s: float) -> float:
        """Seconds of a stretch in which it was looked at as often as wanted."""
        return sum(one.awake * one.within(from_s, to_s) for one in self.slots)

    def idle_s(self, from_s: float, to_s: float) -> float:
        """Seconds of a stretch in which it was looked at now and then, as nothing moved."""
        return sum(one.idle * one.within(from_s, to_s) for one in self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSightings:
    """One page."""

    items: tuple[tuple[SearchCursor, SightingRecord], ...]
    is_more: bool
    store_id: str | None = None
