"""The score of an evaluation: what was raised on each clip against what is known of it. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EARLY_S = 0.5  # an event this much before the stated onset still is that event
BURNING = ("fire", "smoke")


class ClipOutcome(StrEnum):
    """What came of one clip."""

    SEEN = "seen"  # raised after its onset
    EARLY = "early"  # raised before its onset: luck or a false alert, not seen
    MISSED = "missed"  # nothing raised
    QUIET = "quiet"  # nothing to raise, nothing raised
    FALSE_ALERT = "false_alert"  # raised on a clip without fire or smoke
    NOT_SCORED = "not_scored"  # ambiguous: reported only
    UNREADABLE = "unreadable"  # the file could not be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedEvent:
    """One raised fire or smoke event."""

    kind: str
    at_s: float
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipScore:
    """One clip: its truth, what was raised on it, and the outcome."""

    file: str
    kind: str
    onset_s: float | None
    duration_s: float
    raised: tuple[RaisedEvent, ...]
    outcome: ClipOutcome
    delay_s: float | None = None
    error: str | None = None
    surest: float = 0.0
    """The detector's highest confidence in flame or smoke, in any look."""
    nearest: str = ""
    """What the rules said of the look that came nearest to an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How many clips of a kind were seen."""

    clips: int
    seen: int
    recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlerts:
    """Alerts on clips without fire or smoke."""

    count: int
    clips: int
    quiet_s: float
    per_camera_hour: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Seconds from onset to the first alert, over the clips seen."""

    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The whole evaluation."""

    recall: dict[str, Recall]
    false_alerts: FalseAlerts
    delay_s: Delay
    repeats: int
    unreadable: int
    files: tuple[ClipScore, ...]


def judge(
    file: str, kind: str, onset_s: float | None, duration_s: float, raised: Sequence[RaisedEvent]
) -> ClipScore:
    """The outcome of one clip that could be replayed."""
    outcome, delay_s = _outcome(kind, onset_s or 0.0, raised)
    return ClipScore(
        file=file,
        kind=kind,
        onset_s=onset_s,
        duration_s=duration_s,
        raised=tuple(raised),
        outcome=outcome,
        delay_s=delay_s,
    )


def _outcome(
    kind: str, onset_s: float, raised: Sequence[RaisedEvent]
) -> tuple[ClipOutcome, float | None]:
    if kind == "none":
        return (ClipOutcome.FALSE_ALERT if raised else ClipOutcome.QUIET), None
    if kind not in BURNING:
        return ClipOutcome.NOT_SCORED, None
    after = [event.at_s for event in raised if event.at_s >= onset_s - EARLY_S]
    if after:
        return ClipOutcome.SEEN, round(max(0.0, min(after) - onset_s), 3)
    return (ClipOutcome.EARLY if raised else ClipOutcome.MISSED), None


def score(rows: Sequence[ClipScore]) -> Score:
    """Add the clips up."""
    delays = sorted(row.delay_s for row in rows if row.delay_s is not None)
    burning = [row for row in rows if row.kind in BURNING]
    return Score(
        recall={kind: _recall([row for row in rows if row.kind == kind]) for kind in BURNING},
        false_alerts=_false_alerts([row for row in rows if row.kind == "none"]),
        delay_s=Delay(median=percentile(delays, 0.5), p95=percentile(delays, 0.95)),
        repeats=sum(max(0, len(row.raised) - 1) for row in burning),
        unreadable=sum(row.outcome is ClipOutcome.UNREADABLE for row in rows),
        files=tuple(rows),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Linear between the two nearest ranks, as numpy's default."""
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    low, high = math.floor(position), math.ceil(position)
    return round(ordered[low] + (ordered[high] - ordered[low]) * (position - low), 3)


def _recall(rows: Sequence[ClipScore]) -> Recall:
    seen = sum(row.outcome is ClipOutcome.SEEN for row in rows)
    share = round(seen / len(rows), 4) if rows else None
    return Recall(clips=len(rows), seen=seen, recall=share)


def _false_alerts(rows: Sequence[ClipScore]) -> FalseAlerts:
    count = sum(len(row.raised) for row in rows)
    quiet_s = sum(row.duration_s for row in rows)
    return FalseAlerts(
        count=count,
        clips=sum(row.outcome is ClipOutcome.FALSE_ALERT for row in rows),
        quiet_s=round(quiet_s, 1),
        per_camera_hour=round(count / quiet_s * 3600, 2) if quiet_s else None,
    )
