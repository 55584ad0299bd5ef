"""Deduplication: the alert an observation belongs to, and whether to announce it."""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.store.clock_set_back import SET_BACK_S
from thapcanh.detection.event import Box, Event, EventPhase
from thapcanh.detection.region import grown, touch
from thapcanh.detection.rules import registry as rules

EXERCISE = (
    "exercise"  # begins the key of every drill; no camera's id is followed by this many parts
)
_REACH = 0.25  # share of the longer side round what was rejected that is still the same place


class AlertCondition(StrEnum):
    """Condition by the detector, independent of people's actions."""

    ACTIVE = "active"  # seen, and not yet cleared
    CLEARED = "cleared"  # every event of the episode is over


class DedupDecision(StrEnum):
    """Decision about an observation."""

    OPEN = "open"  # a new alert
    INTO = "into"  # part of the alert that is there
    NOTHING = "nothing"  # keep the event, no alert is touched


class DedupReason(StrEnum):
    """Why."""

    FIRST = "first"
    RECURRED = "recurred"
    GREW_AFTER_REJECTION = "grew_after_rejection"
    SURER_AFTER_REJECTION = "surer_after_rejection"
    AGREED_AFTER_REJECTION = "agreed_after_rejection"  # another camera sees it too
    ELSEWHERE_AFTER_REJECTION = "elsewhere_after_rejection"
    GREW_AFTER_CLOSING = "grew_after_closing"
    PRIORITY_ROSE = "priority_rose"
    WORSE_KIND = "worse_kind"  # smoke that shows a flame is a fire
    CALL_AGREES = "call_agrees"  # somebody called from near
    CALL_UNTRUE = "call_untrue"  # the call that told of it was a hoax, or mistaken
    DEVICE_AGREES = "device_agrees"  # a device near it tells of it too
    CAMERAS_SEE_NOTHING = "cameras_see_nothing"  # those that look at a device that tells of it
    CAMERAS_AGREE = "cameras_agree"  # a camera beside it sees it too: both were doubted alone
    AREA_DOUBLED = "area_doubled"
    ANOTHER_ZONE = "another_zone"  # a panel's, or another input of a camera
    RETURNED = "returned"
    FOLDED = "folded"
    LATE = "late"
    QUIET_PLACE = "quiet_place"  # officers rejected what is seen there
    QUIET_AFTER_CLOSING = "quiet_after_closing"
    CLEARED = "cleared"
    CLEARED_IN_PART = "cleared_in_part"
    NOTHING_TO_CLEAR = "nothing_to_clear"
    CONFIRMED_BEFORE = "known_as_real"  # a drill under the id of a real event: that is not touched


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupSettings:
    """Times and growth limits of deduplication."""

    returns_after_s: float = 120.0  # clear for so long, then seen again: speak
    ends_after_s: float = 600.0  # a confirmed alert clear for so long is over: open a new one
    quiet_after_rejection_s: float = 900.0
    growth: float = 2.0
    surer_by: float = 0.15
    agrees_within_m: float = 300.0  # between two cameras that can see the same thing
    agrees_within_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictExtent:
    """State of an alert at its verdict: all boxes, and its confidence."""

    box: Box
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEpisode:
    """Newest alert at the same place and condition, and the event's relation to it."""

    state: AlertState
    verdict: AlertState | None
    verdict_at: float | None
    condition: AlertCondition
    cleared_at: float | None
    spoken_priority: int  # as it was when the alert last spoke, or was last judged
    spoken_area: float
    kind: str  # the alert's, whatever the event was told as
    event_last_at: float | None  # newest message of this very event in it; None: another event
    others_active: bool  # whether other events of the alert are not cleared
    judged: VerdictExtent | None = None  # as it was at the verdict
    verdict_ago_s: float = 0.0  # by the centre's own clock: a worker's may be far behind
    cleared_ago_s: float = 0.0  # by the same
    agreed: bool = False  # another camera near by has seen it since the verdict
    other_zone: bool = False  # a panel tells of one of which nobody knows, or knew when it ended


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupResult:
    """Decision, its reason, whether to announce it, and the condition after it."""

    decision: DedupDecision
    reason: DedupReason
    condition: AlertCondition
    event_active: bool | None  # whether this event is still seen; None: as it was
    speaks: bool = False
    counts: bool = True  # whether it is one more sighting


def dedup_key(event: Event) -> str:
    """Return camera | rule group | zone | class group as one text.

    Fire and smoke come from two rules; within a group, the group replaces the rule's name.
    """
    group = rules.class_group(event.kind)
    if event.exercise:  # each drill is an episode of its own, and never part of a real one
        return "|".join(("", EXERCISE, event.event_id, event.camera_id, group))
    rule = group if has_place(event) else event.rule_id
    return "|".join((event.camera_id, rule, event.zone_id or "", group))


def area(event: Event) -> float:
    """Share of the picture that the box covers."""
    return event.box[2] * event.box[3]


def deduplicate(
    episode: AlertEpisode | None, event: Event, settings: DedupSettings, *, cleared_before: bool
) -> DedupResult:
    """Return the decision; `cleared_before` means that this event's clearing arrived first."""
    if event.phase is EventPhase.CLEARED:
        return _fold_cleared(episode)
    observed = AlertCondition.CLEARED if cleared_before else AlertCondition.ACTIVE
    if episode is None:
        return _open(DedupReason.FIRST, observed)
    if cleared_before or _is_late(episode, event, settings):
        return DedupResult(
            decision=DedupDecision.INTO,
            reason=DedupReason.LATE,
            condition=episode.condition,
            event_active=False if cleared_before else None,
        )
    if episode.verdict is AlertState.REJECTED:
        return _fold_rejected(episode, event, settings)
    if episode.state is AlertState.CLOSED:
        return _fold_closed(episode, event, settings)
    return _fold_open(episode, event, settings)


def _is_late(episode: AlertEpisode, event: Event, settings: DedupSettings) -> bool:
    """Return whether a later report of the same exists; a clock put back hides no news."""
    if episode.event_last_at is None or event.captured_at > episode.event_last_at:
        return False
    is_active = episode.condition is AlertCondition.ACTIVE
    is_news = episode.other_zone or (is_active and _growth(episode, event, settings) is not None)
    return not is_news


def _fold_cleared(episode: AlertEpisode | None) -> DedupResult:
    if episode is None or episode.event_last_at is None:
        return DedupResult(
            decision=DedupDecision.NOTHING,
            reason=DedupReason.NOTHING_TO_CLEAR,
            condition=AlertCondition.CLEARED,
            event_active=False,
            counts=False,
        )
    reason = DedupReason.CLEARED_IN_PART if episode.others_active else DedupReason.CLEARED
    condition = AlertCondition.ACTIVE if episode.others_active else AlertCondition.CLEARED
    return DedupResult(
        decision=DedupDecision.INTO,
        reason=reason,
        condition=condition,
        event_active=False,
        counts=False,
    )


def _fold_rejected(episode: AlertEpisode, event: Event, settings: DedupSettings) -> DedupResult:
    reason = _speaks_after_rejection(episode, event, settings)
    if reason is not None:
        return _open(reason)
    since = max(event.captured_at - (episode.verdict_at or 0.0), episode.verdict_ago_s)
    is_recent = -SET_BACK_S <= since < settings.quiet_after_rejection_s
    if episode.event_last_at is not None or is_recent:
        return _into(DedupReason.QUIET_PLACE)
    return _open(DedupReason.RECURRED)


def _speaks_after_rejection(
    episode: AlertEpisode, event: Event, settings: DedupSettings
) -> DedupReason | None:
    judged = episode.judged
    if episode.other_zone:
        return DedupReason.ELSEWHERE_AFTER_REJECTION
    if judged is not None and has_place(event) and not _is_there(judged.box, event.box):
        return DedupReason.ELSEWHERE_AFTER_REJECTION
    if _growth(episode, event, settings) is not None:
        return DedupReason.GREW_AFTER_REJECTION
    if judged is not None and event.confidence >= judged.confidence + settings.surer_by:
        return DedupReason.SURER_AFTER_REJECTION
    return DedupReason.AGREED_AFTER_REJECTION if episode.agreed else None


def has_place(event: Event) -> bool:
    """Return whether the event's matter stays in its place."""
    return rules.has_place(event.kind)


def _is_there(place: Box, box: Box) -> bool:
    return touch(grown(_corners(place), _REACH), _corners(box))


def _corners(box: Box) -> tuple[float, float, float, float]:
    x, y, width, height = box
    return x, y, x + width, y + height


def _fold_closed(episode: AlertEpisode, event: Event, settings: DedupSettings) -> DedupResult:
    if episode.event_last_at is None:
        return _open(DedupReason.RECURRED)
    if episode.other_zone or _growth(episode, event, settings) is not None:
        return _open(DedupReason.GREW_AFTER_CLOSING)
    return _into(DedupReason.QUIET_AFTER_CLOSING)


def _fold_open(episode: AlertEpisode, event: Event, settings: DedupSettings) -> DedupResult:
    clear_s = 0.0
    if episode.condition is AlertCondition.CLEARED and episode.cleared_at is not None:
        clear_s = event.captured_at - episode.cleared_at
        if max(clear_s, episode.cleared_ago_s) < -SET_BACK_S:
            clear_s = settings.ends_after_s  # the clock was put back: nobody knows how long
    if episode.state is AlertState.CONFIRMED and clear_s >= settings.ends_after_s:
        return _open(DedupReason.RECURRED)
    reason = _growth(episode, event, settings)
    if reason is None and episode.other_zone:
        reason = DedupReason.ANOTHER_ZONE
    if reason is None and clear_s >= settings.returns_after_s:
        reason = DedupReason.RETURNED
    if reason is None:
        return _into(DedupReason.FOLDED)
    return _into(reason, speaks=True)


def _growth(episode: AlertEpisode, event: Event, settings: DedupSettings) -> DedupReason | None:
    if event.priority < episode.spoken_priority:
        return DedupReason.PRIORITY_ROSE
    is_announced = episode.verdict is None or not event.is_doubted
    if is_announced and rules.outranks(event.kind, episode.kind):
        return DedupReason.WORSE_KIND
    grown = area(event) >= settings.growth * episode.spoken_area
    return DedupReason.AREA_DOUBLED if grown and episode.spoken_area > 0 else None


def _open(reason: DedupReason, condition: AlertCondition = AlertCondition.ACTIVE) -> DedupResult:
    active = condition is AlertCondition.ACTIVE
    return DedupResult(
        decision=DedupDecision.OPEN,
        reason=reason,
        condition=condition,
        event_active=active,
        speaks=True,
    )


def _into(reason: DedupReason, *, speaks: bool = False) -> DedupResult:
    return DedupResult(
        decision=DedupDecision.INTO,
        reason=reason,
        condition=AlertCondition.ACTIVE,
        event_active=True,
        speaks=speaks,
    )
