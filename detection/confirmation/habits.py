"""Habits of one camera: fire and smoke candidates by place, class and hour of day.

Thread-safe; times are UTC seconds.
"""

import math
import threading
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from thapcanh.detection.confirmation.usual_bounds import Mask, UsualBounds
from thapcanh.detection.confirmation.witness_answer import MOST, STANDS_AT
from thapcanh.detection.region import Region, area, grown

ROWS, COLUMNS, HOURS = 9, 16, 24
SPAN_S = 300.0
LOCAL_AHEAD_S = 7 * 3600.0
DECAY_S = 14 * 24 * 3600.0  # a count is worth 1/e after it
WIDE = 0.25  # share of the picture from which a candidate is haze rather than a thing at a place
SPANS_AN_HOUR = 3600.0 / SPAN_S
YOUNG_SPANS = SPANS_AN_HOUR  # before an hour was watched, "nothing was here" means nothing
GROWN_UP_SPANS = 24 * SPANS_AN_HOUR  # before a day was watched the map says that it is young
HOURLY_HALF = 6.0  # in so many spans at this hour it is half usual: three evenings of 10 minutes
ALL_DAY_PRIOR = 6.0  # one hour in which it was always there, asked in the next: 12 / (12 + 6)
NEXT_HOUR = 0.5  # what the hours beside this one weigh
SCORED_AFTER = 0.2  # less than this tells nothing while the map is young
REJECTED_SPANS = SPANS_AN_HOUR  # a rejection weighs as an hour of being there
MOST_SPANS = 500.0  # of one cell and hour; more would take months to fade
TOUCHED = 0.25  # share of a cell from which a box is in it
CONFIRMED_REACH = 0.5  # of the longer side round what an officer confirmed
UNLEARNED_FOR_S = DECAY_S

CHANNELS = (("fire", False), ("smoke", False), ("fire", True), ("smoke", True))
KINDS = ("fire", "smoke")

Cells = npt.NDArray[np.float32]


class LessonKind(StrEnum):
    """Kind of a person's verdict on a place, or on the whole map."""

    CONFIRMED = "confirmed"  # it burned: it never becomes usual
    REJECTED = "rejected"  # it was nothing: it counts as an hour of being there
    CLEARED = "cleared"  # forget everything, the camera was turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Verdict for one camera's map; `number` orders lessons and is unique."""

    number: int
    camera_id: str
    verdict: LessonKind
    at: float  # UTC seconds: when that was seen which it is about
    kind: str = ""
    region: Region = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Habit of a candidate. `score` is None while unknown."""

    score: float | None
    reason: str
    is_young: bool
    """Less than a day was watched."""


class HabitMap:
    """Map of one camera. `since` is the start of learning, `learned_to` its progress.

    Values change under `lock`; a reader of several values holds it too.
    """

    def __init__(self, since: float, *, learned_to: float | None = None) -> None:
        self.lock = threading.RLock()
        self.since = since
        self.taught_to = 0  # the newest lesson that was taken in
        self.counts: Cells = np.zeros((len(CHANNELS), HOURS, ROWS, COLUMNS), np.float32)
        self.watched: npt.NDArray[np.float32] = np.zeros(HOURS, np.float32)
        self.free_until: npt.NDArray[np.float64] = np.zeros((ROWS, COLUMNS))
        self.bounds = UsualBounds(len(KINDS), ROWS, COLUMNS)
        self._span_bounds = UsualBounds(len(KINDS), ROWS, COLUMNS)
        self._span = _span_of(since if learned_to is None else learned_to)
        self._seen: dict[int, Mask] = {}
        self._told: Mask = np.zeros((ROWS, COLUMNS), bool)
        self._looked = False

    @property
    def learned_to(self) -> float:
        """Start of the span that is not counted yet (UTC seconds)."""
        return self._span * SPAN_S

    def watch(self, at: float) -> bool:
        """Mark the camera as watched; return whether a span ended and was learned."""
        span = _span_of(at)
        with self.lock:
            if span < self._span:  # the clock went back: nothing is learned until it is there again
                return False
            ended = span > self._span
            if ended:
                self._learn()
                self._fade((span - self._span) * SPAN_S)
                self._span = span
            self._looked = True
        return ended

    def see(
        self,
        kind: str,
        region: Region,
        at: float,
        *,
        log_odds: float | None = STANDS_AT,
        is_told: bool = False,
    ) -> None:
        """Count a candidate; raise its place's bounds unless `log_odds` is None.

        One of an open P1 (`is_told`) does neither: only people judge it.
        """
        if kind not in KINDS:
            return
        cells, channel = _touched(region), _channel(kind, region)
        with self.lock:
            if _span_of(at) != self._span:
                return
            if is_told:
                self._told |= cells
                return
            observed = self._seen.get(channel)
            self._seen[channel] = cells if observed is None else observed | cells
            if log_odds is not None:
                self._span_bounds.add(KINDS.index(kind), cells, log_odds, area(region))

    def take(self, lesson: Lesson) -> bool:
        """Apply a lesson once; return whether it was new. A person counts more than spans."""
        with self.lock:
            if lesson.number <= self.taught_to:
                return False
            self.taught_to = lesson.number
            if lesson.verdict is LessonKind.CLEARED:
                self._forget(lesson.at)
            elif lesson.kind in KINDS:
                self._judge(lesson)
        return True

    def join(self, stored: "HabitMap") -> None:
        """Add what was learned before this map started."""
        with self.lock, stored.lock:
            self.since = min(self.since, stored.since)
            self.taught_to = max(self.taught_to, stored.taught_to)
            self.counts += stored.counts
            self.watched += stored.watched
            self.free_until = np.maximum(self.free_until, stored.free_until)
            self.bounds.join(stored.bounds)
            self._clear_cells(self.free_until > self.learned_to)

    def usual(self, kind: str, region: Region, at: float) -> Habit:
        """Return how usual a candidate of this class is at this place and hour."""
        with self.lock:
            return self._usual(kind, region, at)

    def score(self, kind: str, region: Region, at: float, log_odds: float) -> float | None:
        """Return the score, 0..1; None while unknown, and for what exceeds the place's bounds."""
        with self.lock:
            is_as_ever = kind in KINDS and self.bounds.holds(
                KINDS.index(kind), _part_in_cells(region), log_odds, area(region)
            )
            return self._usual(kind, region, at).score if is_as_ever else None

    def grid(self, kind: str, hour: int) -> list[list[float]]:
        """Return the score of a small candidate in each cell at an hour, row by row."""
        with self.lock:
            hourly, all_day, _ = self._cells(CHANNELS.index((kind, False)), hour)
        return [[round(float(one), 3) for one in row] for row in np.maximum(hourly, all_day)]

    def _usual(self, kind: str, region: Region, at: float) -> Habit:
        spans = float(self.watched.sum())
        is_young = spans < GROWN_UP_SPANS
        if kind not in KINDS:
            return Habit(score=None, reason="not learned for this kind", is_young=is_young)
        score, times = self._score(kind, region, hour_of(at))
        if spans < YOUNG_SPANS and score < SCORED_AFTER:
            shown = f"habits: young, {spans * SPAN_S / 60:.0f} min watched"
            return Habit(score=None, reason=shown, is_young=True)
        shown = f"usual here {score:.2f}: {times:.0f} times" if times >= 1 else "never seen here"
        young = " (young)" if is_young else ""
        return Habit(score=score, reason=f"habits: {shown}{young}", is_young=is_young)

    def _judge(self, lesson: Lesson) -> None:
        region = lesson.region
        if lesson.verdict is LessonKind.CONFIRMED:
            cells = _touched(grown(region, CONFIRMED_REACH))
            self._clear_cells(cells)
            self.free_until[cells] = lesson.at + UNLEARNED_FOR_S
            return
        cells = _touched(region)
        self.free_until[cells] = 0.0
        channel = _channel(lesson.kind, region)
        self._add(channel, hour_of(lesson.at), cells, REJECTED_SPANS)
        self.bounds.add(KINDS.index(lesson.kind), cells, MOST, area(region))  # however sure

    def _clear_cells(self, cells: Mask) -> None:
        self.counts[:, :, cells] = 0.0
        self.bounds.clear(cells)

    def _forget(self, at: float) -> None:
        self.since = at
        self.counts[:] = 0.0
        self.watched[:] = 0.0
        self.free_until[:] = 0.0
        self.bounds.clear()
        self._span_bounds.clear()
        self._seen.clear()

    def _score(self, kind: str, region: Region, hour: int) -> tuple[float, float]:
        """Return the score and the number of spans behind it, over the box's share of each cell."""
        hourly, all_day, times = self._cells(_channel(kind, region), hour)
        share = _part_in_cells(region)
        score = max(float((hourly * share).sum()), float((all_day * share).sum()))
        return score, float((times * share).sum())

    def _cells(self, channel: int, hour: int) -> tuple[Cells, Cells, Cells]:
        """Return each cell's habit at this hour, over the day, and its number of spans."""
        counts = self.counts[channel]
        beside = counts[(hour - 1) % HOURS] + counts[(hour + 1) % HOURS]
        local = counts[hour] + NEXT_HOUR * beside
        total = counts.sum(axis=0)
        hourly = local / (local + HOURLY_HALF)
        unlisted = SPANS_AN_HOUR / (SPANS_AN_HOUR + self.watched[hour])  # of this very hour
        all_day = unlisted * total / (np.maximum(total, self.watched.sum()) + ALL_DAY_PRIOR)
        return hourly, all_day, np.maximum(local, total)

    def _learn(self) -> None:
        """Count the span that ended, once a cell, at its own hour."""
        hour = hour_of(self._span * SPAN_S)
        is_learned = (self.free_until <= self._span * SPAN_S) & ~self._told
        for channel, cells in self._seen.items():
            self._add(channel, hour, cells & is_learned, 1.0)
        self.bounds.join(self._span_bounds, is_learned)
        if self._looked:
            self.watched[hour] = min(MOST_SPANS, self.watched[hour] + 1.0)
        self._seen.clear()
        self._span_bounds.clear()
        self._told[:] = False
        self._looked = False

    def _add(self, channel: int, hour: int, cells: Mask, spans: float) -> None:
        local = self.counts[channel, hour]
        local[cells] = np.minimum(MOST_SPANS, local[cells] + spans)

    def _fade(self, passed_s: float) -> None:
        left = math.exp(-passed_s / DECAY_S)
        self.counts *= left
        self.watched *= left


def hour_of(at: float) -> int:
    """Hour of the local day: UTC+7 all the year, everywhere in Vietnam."""
    return int((at + LOCAL_AHEAD_S) // 3600.0) % HOURS


def _span_of(at: float) -> int:
    return int(at // SPAN_S)


def _part_in_cells(region: Region) -> Cells:
    """Return which part of the region lies in each cell that it touches; together 1."""
    share = _shares(region) * _touched(region)
    return np.asarray(share / share.sum(), np.float32)


def _channel(kind: str, region: Region) -> int:
    return CHANNELS.index((kind, area(region) >= WIDE))


def _shares(region: Region) -> Cells:
    """Return the region's share of each cell, in cells; a box without size lies in one."""
    rows = _along(region[1], region[3], ROWS)
    columns = _along(region[0], region[2], COLUMNS)
    return np.outer(rows, columns).astype(np.float32)


def _along(start: float, end: float, cells: int) -> npt.NDArray[np.float64]:
    """Return the overlap of an interval with each cell of an axis, in cells."""
    least = 1e-3
    low = min(max(start, 0.0), 1.0) * cells
    high = max(min(max(end, 0.0), 1.0) * cells, low + least)
    low = min(low, cells - least)
    edges = np.arange(cells)
    overlap = np.minimum(high, edges + 1) - np.maximum(low, edges)
    return np.asarray(np.clip(overlap, 0.0, 1.0), np.float64)


def _touched(region: Region) -> Mask:
    shares = _shares(region)
    cells: Mask = shares >= TOUCHED
    cells[np.unravel_index(int(np.argmax(shares)), shares.shape)] = True
    return cells
