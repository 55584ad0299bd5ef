"""Confirmation stages: each checks a place's history and returns a named reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from thapcanh.config.rules import PlaceRule
from thapcanh.detection.confirmation.observations import ImageRegion, Observation, PlaceHistoryEntry
from thapcanh.detection.errors import CheckUnavailable
from thapcanh.detection.region import area


class StageOutcome(StrEnum):
    """Outcome of a stage."""

    ACCEPTED = "accepted"  # go on to the next stage
    WAITING = "waiting"  # not yet; more looks may change it
    REJECTED = "rejected"  # this is something else, as long as it looks like this


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationResult:
    """Outcome and its reason; a stage that does not apply accepts without a reason."""

    outcome: StageOutcome
    reason: str = ""
    unchecked: bool = False
    """Accepted though a stage could not judge: down or late, it must not hide a fire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationInput:
    """Input of every stage: the place, the rule, and the usual time between inferences."""

    place: ImageRegion
    rule: PlaceRule
    look_interval_s: float
    is_called: bool = False
    """Somebody telephoned of a fire near this camera: less waiting, and no less burning."""
    counts_plain: bool = False
    """What is plain waits less too, as far as the witness believes it."""

    def recent(self, times: int = 1) -> list[PlaceHistoryEntry]:
        """Return the inferences that the rule counts (or `times` as many), oldest first.

        Under load the window stretches to hold as many as the rule needs, so that a camera inferred
        every 5 s can still raise an alert.
        """
        counted = self.rule.confirm
        needed_s = 1.5 * counted.looks * self.look_interval_s
        window_s = times * max(counted.window_s, needed_s)
        looks = list(self.place.looks)[-times * counted.of :]
        return [inference for inference in looks if looks[-1].at_s - inference.at_s <= window_s]

    @property
    def sightings(self) -> list[Observation]:
        """Observations of the recent inferences, oldest first."""
        return [inference.sighting for inference in self.recent() if inference.sighting is not None]

    @property
    def is_plain(self) -> bool:
        """True if the last inferences in a row observed it, and one of them was very sure."""
        sure = PLAIN.get(self.rule.kind)
        if sure is None or not self.counts_plain:
            return False
        last = [entry.sighting for entry in self.recent()[-_fewer_looks(self.rule) :]]
        confidences = [0.0 if seen is None else seen.confidence for seen in last]
        in_a_row = min(confidences, default=0.0) >= self.rule.min_confidence
        return in_a_row and max(confidences) >= sure

    def seen(self, times: int = 1, share: float = 1.0) -> int:
        """Return how many recent inferences reached the rule's confidence, or a share of it."""
        floor = share * self.rule.min_confidence
        return sum(
            inference.sighting is not None and inference.sighting.confidence >= floor
            for inference in self.recent(times)
        )


Stage = Callable[[ConfirmationInput], ConfirmationResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class RigidityLimits:
    """With less inner change and more correlation than this a thing is rigid: it does not burn."""

    inner: float
    correlation: float


STIFF = {
    # sunsets and lamps before a camera that shakes 3, candles 3; the calmest real flame 5.6
    "fire": RigidityLimits(inner=4.0, correlation=0.9),
    # clouds and floors 2, lights on water 3; thin smoke in a still room 3.3
    "smoke": RigidityLimits(inner=3.0, correlation=0.9),
}
STILL_PX = 1.5
HAZE_FROM = 0.6  # share of the picture: smoke this wide shows no edge that could move
FAINT_TIMES = 2  # so many times the rule's last looks are asked when it is faint …
FAINT_SHARE = 0.8  # … and so many of them must have seen it
FEWER = 1  # looks that a call or a plain flame makes up for; of 3 of 5, 2 are left
LEAST = 2  # one look is never enough, whoever calls
PLAIN = {"fire": 0.6}  # confidence of one look from which a flame is plain
HOLD_ON = 0.6  # what is known is still seen at this share of the rule's confidence


def confirm(stages: Sequence[Stage], question: ConfirmationInput) -> ConfirmationResult:
    """Run the stages in order; accept only if all do, with the chain of reasons."""
    reasons: list[str] = []
    unchecked = False
    for stage in stages:
        try:
            verdict = stage(question)
        except CheckUnavailable as error:
            unchecked = True
            reasons.append(f"unchecked: {error}")
            continue
        if verdict.outcome is not StageOutcome.ACCEPTED:
            return verdict
        if verdict.reason:
            reasons.append(verdict.reason)
    reason = " · ".join(reasons)
    return ConfirmationResult(outcome=StageOutcome.ACCEPTED, reason=reason, unchecked=unchecked)


def detected_often_enough(question: ConfirmationInput) -> ConfirmationResult:
    """Accept N of the last M inferences with the rule's confidence, or a weaker, longer series.

    Distant flames are never sure. Of 26 fires shrunk to a quarter of the width this finds one more,
    without a false alert among 40 other clips.
    """
    counted, seen = question.rule.confirm, question.seen()
    needed = _inferences_needed(question)
    if seen >= needed:
        return _accepted(f"{seen} of {counted.of} looks")
    if question.rule.kind in STIFF and question.sightings:  # after a gap the recent may be empty
        faint, of = question.seen(FAINT_TIMES, HOLD_ON), FAINT_TIMES * counted.of
        if faint >= FAINT_SHARE * of:
            return _accepted(f"faint: {faint} of {of} looks")
    return _waiting(f"{seen} of {needed} looks")


def _inferences_needed(question: ConfirmationInput) -> int:
    waits_less = question.is_called or question.is_plain
    return _fewer_looks(question.rule) if waits_less else question.rule.confirm.looks


def _fewer_looks(rule: PlaceRule) -> int:
    looks = rule.confirm.looks
    return min(looks, max(LEAST, looks - FEWER))


def changes_from_within(question: ConfirmationInput) -> ConfirmationResult:
    """Reject what does not change inside: a lamp, a red wall, a moving headlight.

    Smoke that fills the picture changes as little as fog does; belief doubts it for its width.
    """
    stiff = STIFF.get(question.rule.kind)
    if stiff is None:
        return _accepted()
    changes = [seen.change for seen in question.sightings if seen.change is not None]
    if not changes:
        _refuse_if_unmeasured(question)
        return _accepted("change not measured")
    inner = median(change.inner for change in changes)
    correlation = median(change.correlation for change in changes)
    if inner < stiff.inner and correlation > stiff.correlation:
        if _is_haze(question):
            return _accepted(f"haze: inner change {inner:.0f}")
        moved = median(change.moved_px for change in changes) > STILL_PX
        thing = "moving stiff thing" if moved else "static thing"
        return _rejected(f"{thing}: inner change {inner:.0f}, likeness {correlation:.2f}")
    return _accepted(f"inner change {inner:.0f}")


def _is_haze(question: ConfirmationInput) -> bool:
    share = median(area(seen.region) for seen in question.sightings)
    return question.rule.kind == "smoke" and share >= HAZE_FROM


STAGES: tuple[Stage, ...] = (detected_often_enough, changes_from_within)


def _refuse_if_unmeasured(question: ConfirmationInput) -> None:
    problem = next((seen.unmeasured for seen in question.sightings if seen.unmeasured), None)
    if problem is not None:
        raise CheckUnavailable(problem)


def _accepted(reason: str = "") -> ConfirmationResult:
    return ConfirmationResult(outcome=StageOutcome.ACCEPTED, reason=reason)


def _waiting(reason: str) -> ConfirmationResult:
    return ConfirmationResult(outcome=StageOutcome.WAITING, reason=reason)


def _rejected(reason: str) -> ConfirmationResult:
    return ConfirmationResult(outcome=StageOutcome.REJECTED, reason=reason)
