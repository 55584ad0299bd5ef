"""Score of an evaluation: alerts of each clip against the truth. Pure.

Everything is counted twice: raised at all (`all`), and raised to priority 1 (`p1`).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EARLY_S = 0.5  # an event this much before the stated onset still is that event
FIRE = "fire"
BURNING = (FIRE, "smoke")
NAMED_WITHIN_S = 5.0  # of the onset a fire should be called a fire, not smoke
Z95 = 1.959964  # standard normal quantile of 97.5 %
Interval = tuple[float, float]


class ClipOutcome(StrEnum):
    DETECTED = "seen"  # raised after its onset
    EARLY = "early"  # raised before its onset: luck or a false alert, not seen
    MISSED = "missed"  # nothing raised
    QUIET = "quiet"  # nothing to raise, nothing raised
    FALSE_ALERT = "false_alert"  # raised on a clip without fire or smoke
    NOT_SCORED = "not_scored"  # ambiguous: reported only
    UNREADABLE = "unreadable"  # the file could not be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedEvent:
    """One raised fire or smoke event with its highest priority."""

    kind: str
    at_s: float
    confidence: float
    reason: str
    priority: int = 1
    """The highest that it reached."""
    belief: float | None = None
    """The strongest that it reached."""
    p1_at_s: float | None = None
    """When it was told as priority 1, if it ever was."""
    fire_at_s: float | None = None
    """When it was told as a fire, if it ever was; its kind is what it was told as last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipScore:
    """One clip: truth, raised events and outcome."""

    file: str
    kind: str
    onset_s: float | None
    duration_s: float
    raised: tuple[RaisedEvent, ...]
    outcome: ClipOutcome
    delay_s: float | None = None
    p1_outcome: ClipOutcome = ClipOutcome.NOT_SCORED
    p1_delay_s: float | None = None
    table: str = ""
    scene: str = ""
    error: str | None = None
    surest: float = 0.0
    """The detector's highest confidence in flame or smoke, in any look."""
    nearest: str = ""
    """What the rules said of the look that came nearest to an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Share of a kind's clips that were detected."""

    clips: int
    seen: int
    recall: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlerts:
    """Alerts on clips without fire or smoke; the share is that of clips with one."""

    count: int
    clips: int
    of_clips: int
    share: float | None
    interval: Interval | None
    quiet_s: float
    per_camera_hour: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Seconds from onset to the first alert, over the detected clips."""

    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalls:
    """Recall by kind: raised at all, and as priority 1."""

    all: dict[str, Recall]
    p1: dict[str, Recall]


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlertsByLoudness:
    """False alerts of any priority, and those of priority 1."""

    all: FalseAlerts
    p1: FalseAlerts


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Delay until raised at all, and until raised to priority 1."""

    all: Delay
    p1: Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneScore:
    """Score of one scene (the truth table's column `scene`)."""

    recall: Recalls
    false_alerts: FalseAlertsByLoudness


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Score of one truth table."""

    table: str
    recall: Recalls
    false_alerts: FalseAlertsByLoudness
    delay_s: Delays
    called_fire: dict[str, Recall]
    """Clips of fire called so within `NAMED_WITHIN_S` of the onset; of smoke, ever called fire."""
    by_scene: dict[str, SceneScore]
    by_priority: dict[str, dict[int, int]]
    """Events by the highest priority that they reached, on clips that burn and on clips of none."""
    repeats: int
    unreadable: int
    files: tuple[ClipScore, ...]


def judge(
    file: str, kind: str, onset_s: float | None, duration_s: float, raised: Sequence[RaisedEvent]
) -> ClipScore:
    onset = onset_s or 0.0
    outcome, delay_s = _outcome(kind, onset, [event.at_s for event in raised])
    loud = [event.p1_at_s for event in raised if event.p1_at_s is not None]
    p1_outcome, p1_delay_s = _outcome(kind, onset, loud)
    return ClipScore(
        file=file,
        kind=kind,
        onset_s=onset_s,
        duration_s=duration_s,
        raised=tuple(raised),
        outcome=outcome,
        delay_s=delay_s,
        p1_outcome=p1_outcome,
        p1_delay_s=p1_delay_s,
    )


def _outcome(kind: str, onset_s: float, times: Sequence[float]) -> tuple[ClipOutcome, float | None]:
    if kind == "none":
        return (ClipOutcome.FALSE_ALERT if times else ClipOutcome.QUIET), None
    if kind not in BURNING:
        return ClipOutcome.NOT_SCORED, None
    after = [at_s for at_s in times if at_s >= onset_s - EARLY_S]
    if after:
        return ClipOutcome.DETECTED, round(max(0.0, min(after) - onset_s), 3)
    return (ClipOutcome.EARLY if times else ClipOutcome.MISSED), None


def score(rows: Sequence[ClipScore], table: str = "") -> Score:
    whole = _scene_score(rows)
    scenes = sorted({row.scene for row in rows if row.scene})
    return Score(
        table=table,
        recall=whole.recall,
        false_alerts=whole.false_alerts,
        delay_s=Delays(
            all=_delay([row.delay_s for row in rows]), p1=_delay([row.p1_delay_s for row in rows])
        ),
        called_fire={
            kind: _recall([_is_called_fire(row) for row in rows if row.kind == kind])
            for kind in BURNING
        },
        by_scene={
            scene: _scene_score([row for row in rows if row.scene == scene]) for scene in scenes
        },
        by_priority={
            "burning": _priorities([row for row in rows if row.kind in BURNING]),
            "none": _priorities([row for row in rows if row.kind == "none"]),
        },
        repeats=sum(max(0, len(row.raised) - 1) for row in rows if row.kind in BURNING),
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


def wilson(hits: int, of: int) -> Interval | None:
    """Return Wilson's interval of a share at 95 % (1927, without continuity correction)."""
    if of == 0:
        return None
    share, z2 = hits / of, Z95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z95 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    return round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)


def _scene_score(rows: Sequence[ClipScore]) -> SceneScore:
    quiet = [row for row in rows if row.kind == "none"]
    return SceneScore(
        recall=Recalls(all=_recalls(rows, is_p1=False), p1=_recalls(rows, is_p1=True)),
        false_alerts=FalseAlertsByLoudness(
            all=_false_alerts(quiet, is_p1=False), p1=_false_alerts(quiet, is_p1=True)
        ),
    )


def _recalls(rows: Sequence[ClipScore], *, is_p1: bool) -> dict[str, Recall]:
    return {
        kind: _recall(
            [
                (row.p1_outcome if is_p1 else row.outcome) is ClipOutcome.DETECTED
                for row in rows
                if row.kind == kind
            ]
        )
        for kind in BURNING
    }


def _recall(hits: Sequence[bool]) -> Recall:
    seen, of = sum(hits), len(hits)
    share = round(seen / of, 4) if of else None
    return Recall(clips=of, seen=seen, recall=share, interval=wilson(seen, of))


def _is_called_fire(row: ClipScore) -> bool:
    latest = (row.onset_s or 0.0) + NAMED_WITHIN_S if row.kind == FIRE else math.inf
    return any(event.fire_at_s is not None and event.fire_at_s <= latest for event in row.raised)


def _false_alerts(rows: Sequence[ClipScore], *, is_p1: bool) -> FalseAlerts:
    counts = [
        sum(event.p1_at_s is not None for event in row.raised) if is_p1 else len(row.raised)
        for row in rows
    ]
    count, clips = sum(counts), sum(item > 0 for item in counts)
    quiet_s = sum(row.duration_s for row in rows)
    return FalseAlerts(
        count=count,
        clips=clips,
        of_clips=len(rows),
        share=round(clips / len(rows), 4) if rows else None,
        interval=wilson(clips, len(rows)),
        quiet_s=round(quiet_s, 1),
        per_camera_hour=round(count / quiet_s * 3600, 2) if quiet_s else None,
    )


def _delay(delays: Sequence[float | None]) -> Delay:
    values = sorted(delay for delay in delays if delay is not None)
    return Delay(median=percentile(values, 0.5), p95=percentile(values, 0.95))


def _priorities(rows: Sequence[ClipScore]) -> dict[int, int]:
    reached = Counter(event.priority for row in rows for event in row.raised)
    return {priority: reached[priority] for priority in (1, 2, 3)}
