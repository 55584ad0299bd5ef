"""When to believe: stages that each look at a place's history and return a named reason.

A confirmation is a tuple of stages, tried in order; the first that does not accept decides. All
are pure: a place's looks, the rule, and the usual time between looks go in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.rules import Rule
from detection.place import Look, Place


class Outcome(StrEnum):
    """What a stage says."""

    ACCEPTED = "accepted"  # go on to the next stage
    WAITING = "waiting"  # not yet; more looks may change it
    REJECTED = "rejected"  # this is something else, as long as it looks like this


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An outcome and why."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every stage is asked: this place, by this rule, at this pace of looks."""

    place: Place
    rule: Rule
    look_interval_s: float


Stage = Callable[[Question], Verdict]


def accepted(reason: str) -> Verdict:
    """Go on, because."""
    return Verdict(outcome=Outcome.ACCEPTED, reason=reason)


def waiting(reason: str) -> Verdict:
    """Not yet, because."""
    return Verdict(outcome=Outcome.WAITING, reason=reason)


def rejected(reason: str) -> Verdict:
    """No, because."""
    return Verdict(outcome=Outcome.REJECTED, reason=reason)


def confirm(stages: Sequence[Stage], question: Question) -> Verdict:
    """Ask the stages in order; accepted only when all accept, with the chain of their reasons."""
    reasons: list[str] = []
    for stage in stages:
        verdict = stage(question)
        if verdict.outcome is not Outcome.ACCEPTED:
            return verdict
        reasons.append(verdict.reason)
    return accepted(" · ".join(reasons))


def seen_often_enough(question: Question) -> Verdict:
    """N of the last M looks, within the rule's window.

    Under load looks are rarer; the window then stretches to hold the looks that the rule needs,
    because a camera looked at every 5 s must still be able to raise an alert.
    """
    confirm_by = question.rule.confirm
    window_s = max(confirm_by.window_s, 1.5 * confirm_by.looks * question.look_interval_s)
    recent = recent_looks(question.place, confirm_by.of, window_s)
    seen = sum(
        look.sighting is not None and look.sighting.confidence >= question.rule.min_confidence
        for look in recent
    )
    if seen >= confirm_by.looks:
        return accepted(f"{seen} of {len(recent)} looks")
    return waiting(f"{seen} of {confirm_by.looks} looks")


def recent_looks(place: Place, count: int, window_s: float) -> list[Look]:
    """The last `count` looks that are not older than `window_s`, oldest first."""
    newest = place.looks[-1].at_s
    looks = list(place.looks)[-count:]
    return [look for look in looks if newest - look.at_s <= window_s]


STAGES: tuple[Stage, ...] = (seen_often_enough,)
