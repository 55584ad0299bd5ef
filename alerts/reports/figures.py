"""Figures of a period: number of alerts, truth, response times, load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLICE_S = 600.0
FLOOD_OVER = 10  # in one slice (EEMUA 191)
STALE_S = 86_400.0  # open for longer than this (ISA-18.2)
TOP_SOURCES = 10
PROMPT_S = 15.0
IN_TIME_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Alerts of one sort by result; one without verdict may be open."""

    name: str  # a kind, an area's id, a camera's id …; empty where the alert has none
    label: str | None = None
    total: int = 0
    confirmed: int = 0
    rejected: int = 0

    @property
    def unjudged(self) -> int:
        """Number without a verdict, open or closed."""
        return self.total - self.confirmed - self.rejected

    @property
    def false_rate(self) -> float | None:
        """Rejected share of alerts with a verdict; None without any."""
        evaluated = self.confirmed + self.rejected
        return self.rejected / evaluated if evaluated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDelays:
    """Durations in seconds over the alerts where they apply."""

    counted: int
    missing: int  # alerts where it has not happened
    within_15_s: float | None  # shares of `counted`
    within_60_s: float | None
    median_s: float | None
    p90_s: float | None
    longest_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLoad:
    """Load of alerts; floods count undivided, since every desk shows every alert."""

    slices: int  # of 10 minutes, up to now
    heard: int  # alerts, and each time one spoke again
    mean: float
    mean_per_desk: float | None  # None where no shift was on record
    most: int
    most_at: float | None
    flooded: int
    flood_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisySource:
    """A camera and how much of the noise is its own."""

    camera_id: str
    camera_name: str
    heard: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of a period's alerts."""

    watch: Counts
    system: int
    kinds: tuple[Counts, ...]
    priorities: tuple[Counts, ...]
    areas: tuple[Counts, ...]
    agencies: tuple[Counts, ...]
    cameras: tuple[Counts, ...]
    reject_reasons: Mapping[str, int]
    timeline: tuple[tuple[float, Counts], ...]
    acknowledge: ResponseDelays
    verdict: ResponseDelays
    unanswered: int
    stale: int
    leases_lost: int
    load: AlarmLoad
    sources: tuple[NoisySource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresSpan:
    """Period, present time, width of the timeline's bars, and people on duty.

    `shifts` are (taken, ended); an end of None is still on.
    """

    since: float
    until: float
    now: float
    bar_s: float
    shifts: Sequence[tuple[float, float | None]] = ()

    @property
    def end(self) -> float:
        """End of the part of the period that has passed."""
        return max(self.since, min(self.until, self.now))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAlert:
    """Facts of one alert for a report. Times are UTC unix seconds."""

    kind: str
    priority: int
    state: str
    area: str | None
    agency: str | None
    camera_id: str
    camera_name: str
    verdict: str | None
    reject_reason: str | None
    raised_at: float
    stored_at: float
    first_acknowledged_at: float | None
    verdict_at: float | None
    closed_at: float | None
    spoke_at: tuple[float, ...] = ()  # each time it was heard again, a lease's end included
    opened_on_shelf: bool = False  # silently, as officers had asked
    leases_lost: int = 0
