"""Query of sightings, its results, and its SQL conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from thapcanh.detection.region import Region
from thapcanh.detection.sightings.cells import mostly_in, words_of
from thapcanh.detection.sightings.sighting import COLOURS, SightingRecord, VehicleColour
from thapcanh.detection.sightings.store import SIDES, SLOT_S
from thapcanh.detection.tracking.drawn_shapes import LineSide

_FAR_S = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingQuery:
    """Query; None means any. Times are UTC unix seconds."""

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
    """Position of a sighting in the order."""

    from_ms: int
    camera_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotShare:
    """Shares (0..1) of five minutes in which a camera was analysed."""

    from_s: float
    awake: float
    idle: float
    """Looked at every few seconds only, because nothing moved."""

    def within(self, from_s: float, to_s: float) -> float:
        """Return the seconds of the slot inside an interval."""
        return max(0.0, min(to_s, self.from_s + SLOT_S) - max(from_s, self.from_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCoverage:
    """Analysed time of a period, and the number of records that were dropped."""

    slots: tuple[SlotShare, ...] = ()
    dropped: int = 0
    dropped_slots: tuple[float, ...] = ()
    """The begins of the five minutes in which some were dropped."""

    def told(self, stretches: Sequence[tuple[float, float]] | None) -> "LookCoverage":
        """Return the coverage of slots in these intervals; None means all."""
        if stretches is None:
            return self

        def is_told(slot_s: float) -> bool:
            return any(start <= slot_s and slot_s + SLOT_S <= end for start, end in stretches)

        dropped = tuple(one for one in self.dropped_slots if is_told(one))
        return LookCoverage(
            slots=tuple(one for one in self.slots if is_told(one.from_s)),
            dropped=self.dropped if dropped == self.dropped_slots else 0,
            dropped_slots=dropped,
        )

    def awake_s(self, from_s: float, to_s: float) -> float:
        """Return the seconds with the full inference rate."""
        return sum(one.awake * one.within(from_s, to_s) for one in self.slots)

    def idle_s(self, from_s: float, to_s: float) -> float:
        """Return the seconds with the idle inference rate."""
        return sum(one.idle * one.within(from_s, to_s) for one in self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSightings:
    """Page of results."""

    items: tuple[tuple[SearchCursor, SightingRecord], ...]
    is_more: bool
    store_id: str | None = None


@dataclass(slots=True)
class SqlCondition:
    """Conditions that all hold, and their values in order."""

    sql: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, sql: str, *values: object) -> None:
        self.sql.append(sql)
        self.values.extend(values)

    @property
    def text(self) -> str:
        return " AND ".join(self.sql)


def condition_of(
    requested: SightingQuery, camera_id: str, number: int, classes: Mapping[str, int]
) -> SqlCondition:
    """Return the condition for one camera's rows.

    `number` is the camera's in the store, `classes` are the numbers of its classes.
    """
    fits = SqlCondition()
    fits.add("s.camera = ?", number)
    if camera_id in requested.seen:
        told = [_whole_ms(one) for one in requested.seen[camera_id]]
        within = "(s.from_ms >= ? AND s.from_ms + s.lasted_ms <= ?)"
        fits.add(f"({' OR '.join([within] * len(told)) or '0'})", *chain.from_iterable(told))
    if requested.labels is not None:
        fits.add(f"s.label IN ({numbers_of(requested.labels, classes)})")
    if requested.colour is not None:
        fits.add("s.colour = ?", COLOURS.index(requested.colour))
    if requested.box is not None:
        words = words_of(mostly_in(requested.box))
        fits.add("(s.cells0 & ? OR s.cells1 & ? OR s.cells2 & ?)", *words)
    if hidden := requested.hidden[camera_id]:
        cells = [str(cell) for cell in range(hidden.bit_length()) if hidden >> cell & 1]
        fits.add(f"s.at_cell NOT IN ({','.join(cells)})")
    if requested.line is not None:
        side = "" if requested.to is None else f" AND p.side = {SIDES.index(requested.to)}"
        fits.add(
            "EXISTS (SELECT 1 FROM passages AS p WHERE p.camera = s.camera"  # noqa: S608 only a number
            f" AND p.from_ms = s.from_ms AND p.n = s.n AND p.line = ?{side})",
            requested.line,
        )
    return fits


def numbers_of(labels: frozenset[str] | None, classes: Mapping[str, int]) -> str:
    """Return the numbers of the requested classes, all without any; unstored ones have none."""
    requested = classes if labels is None else sorted(labels & classes.keys())
    return ",".join(str(classes[label]) for label in requested)


def _whole_ms(interval: tuple[float, float]) -> tuple[int, int]:
    """Return an interval in milliseconds; an open end lies beyond everything stored."""
    start, end = (round(max(-_FAR_S, min(_FAR_S, at)) * 1000) for at in interval)
    return start, end
