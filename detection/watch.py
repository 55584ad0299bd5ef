"""One rule on one camera: which detections concern it, and whether they are believed.

A `Moment` goes in; what was seen at each of the rule's places comes out, with the verdict of the
stages of confirmation. Holds the places; reads no clock and no picture.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from config.camera import Camera
from config.rules import FireRule, IntrusionRule, Rule, SmokeRule
from detection.change import Change
from detection.confirmation import Question, Stage, Verdict, confirm
from detection.detections import Row
from detection.hours import is_open
from detection.place import Places, Sighting
from detection.region import Region, area, feet
from detection.zone import Zone

Appearance = tuple[Change | None, float | None]  # the change inside, and the warmth

HOLD_ON = 0.6  # a place once seen is still seen at this share of the rule's confidence
MASKED = 0.5  # share of a box under a mask from which it is not looked at
IN_ZONE = 0.3  # share of a flame's or smoke's box inside a zone from which it concerns the zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One look, as every rule of the camera is told of it."""

    rows: Sequence[Row]
    at_s: float
    captured_at: float
    look_interval_s: float
    appearance: Callable[[Region], Appearance]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was seen at one place in this look, and whether it is believed."""

    sighting: Sighting
    verdict: Verdict


class RuleWatch:
    """The state of one rule on one camera."""

    def __init__(self, rule: Rule, camera: Camera, stages: Sequence[Stage]) -> None:
        self.rule = rule
        self.verdicts: list[Verdict] = []
        self._stages = tuple(stages)
        self._labels = frozenset(labels_of(rule))
        self._masks = tuple(Zone(mask) for mask in camera.masks)
        polygon = next((zone.polygon for zone in camera.zones if zone.id == rule.zone), None)
        self._zone = Zone(polygon) if polygon else None
        self._is_about_things = isinstance(rule, IntrusionRule)
        # A walker is one intrusion wherever in the zone; a flame has a place.
        self._places = Places(one_only=self._is_about_things)

    def forget(self) -> None:
        """Start anew: what was seen before tells nothing about what comes."""
        self._places.clear()
        self.verdicts.clear()

    def look(self, moment: Moment) -> list[Judged]:
        """What concerns the rule in this look, one entry a place."""
        is_due = is_open(self.rule.hours, moment.captured_at)
        sightings = list(self._sightings(moment)) if is_due else []
        forget_after_s = max(self.rule.confirm.window_s, self.rule.clear_after_s)
        self._places.look(moment.at_s, sightings, forget_after_s)
        return list(self._judged(moment.look_interval_s))

    def _judged(self, look_interval_s: float) -> Iterator[Judged]:
        self.verdicts.clear()
        for place in self._places.all:
            question = Question(place=place, rule=self.rule, look_interval_s=look_interval_s)
            verdict = confirm(self._stages, question)
            self.verdicts.append(verdict)
            seen = place.looks[-1].sighting
            if seen is not None:
                yield Judged(sighting=seen, verdict=verdict)

    def _sightings(self, moment: Moment) -> Iterator[Sighting]:
        floor = HOLD_ON * self.rule.min_confidence
        for row in moment.rows:
            is_ours = row.label in self._labels and row.confidence >= floor
            if is_ours and self._concerns(row.box):
                appearance = (None, None) if self._is_about_things else moment.appearance(row.box)
                yield Sighting(
                    at_s=moment.at_s,
                    region=row.box,
                    confidence=row.confidence,
                    label=row.label,
                    track_id=row.track_id,
                    change=appearance[0],
                    warmth=appearance[1],
                )

    def _concerns(self, region: Region) -> bool:
        if self._is_about_things:
            at = feet(region)
            inside = self._zone is None or self._zone.holds(at)
            return inside and not any(mask.holds(at) for mask in self._masks)
        if not isinstance(self.rule, IntrusionRule) and area(region) < self.rule.min_area:
            return False
        inside = self._zone is None or self._zone.covers(region) >= IN_ZONE
        return inside and not any(mask.covers(region) >= MASKED for mask in self._masks)


def labels_of(rule: Rule) -> tuple[str, ...]:
    """The detector's labels that a rule is about."""
    match rule:
        case FireRule():
            return ("fire",)
        case SmokeRule():
            return ("smoke",)
        case IntrusionRule():
            return rule.classes
