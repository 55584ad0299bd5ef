"""Rules about staying: a person too long in a zone, or a stopped vehicle."""

import math
from dataclasses import dataclass, replace

from pydantic import Field

from thapcanh.config.camera import CameraConfig
from thapcanh.config.frozen import Id
from thapcanh.config.rules import TrackedRule
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import ConfirmationResult, StageOutcome
from thapcanh.detection.region import longer_side
from thapcanh.detection.rules.evaluator import (
    RuleArea,
    RuleInput,
    RuleMatch,
    accepted,
    followed_detections,
    waiting,
)
from thapcanh.detection.rules.hours import is_open
from thapcanh.detection.tracking.presence import Point, PresenceTracker, PresentTrack

HARDLY = 0.25  # of the box's longer side: a box trembles by less, a creeping queue moves by more
MOVED_INFERENCES = 2  # in a row; one alone may be a box that somebody passing has cut


class DwellRule(TrackedRule):
    """Shared settings of both rules; unseen for `lost_s` counts as present."""

    zone: Id
    lost_s: float = Field(default=10.0, ge=0, le=600)


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellTime:
    """Watched seconds of a stay, and how long of the last it was absent."""

    here_s: float = 0.0
    away_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Spot:
    """Place of a stay, its duration, and the inferences that saw it elsewhere."""

    at: Point
    stay: DwellTime | None = None
    moved: int = 0


class DwellEvaluator:
    """Stays in one zone: people anywhere in it, vehicles where they stopped."""

    def __init__(
        self, rule: DwellRule, camera: CameraConfig, *, limit_s: float, must_stand: bool = False
    ) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        self._must_stand = must_stand
        self._limit_s = limit_s
        self._ground = RuleArea(camera, rule.zone)
        self._presences = PresenceTracker(rule.lost_s)
        self._spots: dict[PresentTrack, _Spot] = {}

    @property
    def can_rest(self) -> bool:
        """True if everyone present stands still; a moving vehicle is not a stopped one."""
        stays = [one for one, spot in self._spots.items() if spot.stay is not None]
        standing = [one for one in stays if one.is_standing]
        all_stand = self._must_stand or len(standing) == len(stays)
        return all_stand and all(one.is_recognisable for one in standing)

    def forget(self) -> None:
        self.verdicts.clear()
        self._presences.clear()
        self._spots.clear()

    def evaluate(self, context: RuleInput) -> list[RuleMatch]:
        """Return a match for each one that stayed too long."""
        self.verdicts.clear()
        if not is_open(self.rule.hours, context.captured_at):
            self.forget()
            return []
        rows = followed_detections(context, self.rule.classes, self.rule.min_confidence)
        here = self._presences.observe(rows, context.at_s, context.watched_s)
        self._spots = {one: self._after(one, context.watched_s) for one in here}
        match = []
        for presence, spot in self._spots.items():
            if spot.stay is None:
                continue
            verdict = self._verdict(spot.stay)
            self.verdicts.append(verdict)
            is_reported = verdict.outcome is StageOutcome.ACCEPTED and not spot.stay.away_s
            if is_reported and presence.is_seen:
                match.append(
                    RuleMatch(sighting=sighting_of(presence, context.at_s), verdict=verdict)
                )
        return match

    def _verdict(self, stay: DwellTime) -> ConfirmationResult:
        reported = f"{'stopped' if self._must_stand else 'here'} for {stay.here_s:.0f} s"
        if stay.here_s < self._limit_s:
            return waiting(reported)
        return accepted(f"{reported}, {self._limit_s:.0f} s allowed")

    def _after(self, presence: PresentTrack, watched_s: float) -> _Spot:
        spot = self._spots.get(presence) or _Spot(at=presence.at)
        if self._must_stand and presence.is_seen and _has_moved(spot, presence):
            spot = _Spot(at=presence.at)
        spot.stay = after_inference(
            spot.stay,
            is_here=presence.is_seen and self._ground.holds(presence.region),
            watched_s=watched_s,
            forgives_s=self.rule.lost_s,
        )
        return spot


def _has_moved(spot: _Spot, presence: PresentTrack) -> bool:
    """Count this inference; return whether enough in a row saw it elsewhere."""
    is_away = math.dist(presence.at, spot.at) > HARDLY * longer_side(presence.region)
    spot.moved = spot.moved + 1 if is_away else 0
    return spot.moved >= MOVED_INFERENCES


def sighting_of(presence: PresentTrack, at_s: float) -> Observation:
    return Observation(
        at_s=at_s,
        region=presence.region,
        confidence=presence.confidence,
        label=presence.label,
        track_id=presence.track_id,
    )


def after_inference(
    stay: DwellTime | None, *, is_here: bool, watched_s: float, forgives_s: float
) -> DwellTime | None:
    """Return the stay after another inference; None if not started or ended."""
    if stay is None:
        return DwellTime() if is_here else None
    if is_here:
        return DwellTime(here_s=stay.here_s + stay.away_s + watched_s)
    away_s = stay.away_s + watched_s
    return replace(stay, away_s=away_s) if away_s <= forgives_s else None
