"""What is searched for among sightings, and what a search answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from detection.region import Region
from detection.sightings.sighting import SightingRecord, VehicleColour
from detection.tracking.line import LineSide


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingQuery:
    """What is searched for. None: any. Times are UTC unix seconds."""

    from_s: float
    to_s: float
    hidden: Mapping[str, int]
    """The cameras, each with the cells that its privacy masks cover now."""
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
class LookCoverage:
    """How much of the period a camera was looked at, and how many records found no room."""

    awake_s: float = 0.0
    idle_s: float = 0.0
    """Looked at every few seconds only, because nothing moved."""
    dropped: int = 0
    dropped_slots: tuple[float, ...] = ()
    """The begins of the five minutes in which some were dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSightings:
    """One page."""

    items: tuple[tuple[SearchCursor, SightingRecord], ...]
    is_more: bool
    store_id: str | None = None
