"""Rules that believe what is seen again and again at a place: fire, smoke, intrusion.

Which detections concern the rule is decided here; whether they are believed, by the stages of
confirmation, which are asked about every place after every look.
"""

from collections.abc import Iterator, Sequence

from config.camera import CameraConfig
from config.rules import IntrusionRule, PlaceRule
from detection.confirmation.observations import Observation, RegionHistory
from detection.confirmation.stages import (
    HOLD_ON,
    ConfirmationInput,
    ConfirmationResult,
    Stage,
    confirm,
)
from detection.region import Region, area
from detection.rules.evaluator import (
    RegionAppearance,
    RuleArea,
    RuleInput,
    RuleMatch,
    matching_detections,
)
from detection.rules.hours import is_open


class ObservationEvaluator:
    """The places of one rule on one camera."""

    def __init__(self, rule: PlaceRule, camera: CameraConfig, stages: Sequence[Stage]) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        self._stages = tuple(stages)
        self._labels = rule.classes if isinstance(rule, IntrusionRule) else (rule.kind,)
        self._ground = RuleArea(camera, rule.zone)
        self._is_about_things = isinstance(rule, IntrusionRule)
        # A walker is one intrusion wherever in the zone; a flame has a place.
        self._places = RegionHistory(one_only=self._is_about_things)

    def forget(self) -> None:
        """Start anew."""
        self._places.clear()
        self.verdicts.clear()

    def look(self, moment: RuleInput) -> list[RuleMatch]:
        """What concerns the rule in this look, one entry a place."""
        is_due = is_open(self.rule.hours, moment.captured_at)
        sightings = list(self._sightings(moment)) if is_due else []
        forget_after_s = max(self.rule.confirm.window_s, self.rule.clear_after_s)
        self._places.look(moment.at_s, sightings, forget_after_s)
        return list(self._judged(moment.look_interval_s))

    def _judged(self, look_interval_s: float) -> Iterator[RuleMatch]:
        self.verdicts.clear()
        for place in self._places.all:
            question = ConfirmationInput(
                place=place, rule=self.rule, look_interval_s=look_interval_s
            )
            verdict = confirm(self._stages, question)
            self.verdicts.append(verdict)
            seen = place.looks[-1].sighting
            if seen is not None:
                yield RuleMatch(sighting=seen, verdict=verdict)

    def _sightings(self, moment: RuleInput) -> Iterator[Observation]:
        for row in matching_detections(moment, self._labels, HOLD_ON * self.rule.min_confidence):
            if self._concerns(row.box):
                looks = RegionAppearance() if self._is_about_things else moment.appearance(row.box)
                yield Observation(
                    at_s=moment.at_s,
                    region=row.box,
                    confidence=row.confidence,
                    label=row.label,
                    track_id=row.track_id,
                    change=looks.change,
                    warmth=looks.warmth,
                    in_fog=looks.in_fog,
                    unmeasured=looks.unmeasured,
                )

    def _concerns(self, region: Region) -> bool:
        if isinstance(self.rule, IntrusionRule):
            return self._ground.holds(region)
        return area(region) >= self.rule.min_area and self._ground.covers(region)
