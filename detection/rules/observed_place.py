"""Rules about repeated observations at a place: fire, smoke, intrusion.

What is hardly believed must last first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import BurningRule, PlaceRule, TrackedRule
from thapcanh.detection.confirmation.belief import LASTS_S, Belief, believe
from thapcanh.detection.confirmation.observations import ImageRegion, Observation, RegionHistory
from thapcanh.detection.confirmation.stages import (
    HOLD_ON,
    ConfirmationInput,
    ConfirmationResult,
    Stage,
    StageOutcome,
    confirm,
)
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.region import Region, area
from thapcanh.detection.rules.evaluator import (
    RegionAppearance,
    RuleArea,
    RuleInput,
    RuleMatch,
    WitnessQuestion,
    matching_detections,
    waiting,
)
from thapcanh.detection.rules.hours import is_open

ASKED = "the witness is asked"


class ObservationEvaluator:
    """Places of one rule on one camera."""

    def __init__(
        self,
        rule: PlaceRule,
        camera: CameraConfig,
        stages: Sequence[Stage],
    ) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        self.questions: list[WitnessQuestion] = []
        """What the last look would ask the witness."""
        self._stages = tuple(stages)
        self._labels = rule.classes if isinstance(rule, TrackedRule) else (rule.kind,)
        self._ground = RuleArea(camera, rule.zone)
        self._is_about_things = isinstance(rule, TrackedRule)
        # A walker is one intrusion wherever in the zone; a flame has a place.
        self._places = RegionHistory(one_only=self._is_about_things)

    def forget(self) -> None:
        self._places.clear()
        self.verdicts.clear()
        self.questions.clear()

    def evaluate(self, context: RuleInput) -> list[RuleMatch]:
        is_due = is_open(self.rule.hours, context.captured_at)
        sightings = list(self._sightings(context)) if is_due else []
        forget_after_s = max(self.rule.confirm.window_s, self.rule.clear_after_s)
        self._places.observe(context.at_s, sightings, forget_after_s)
        return list(self._judged(context))

    def _judged(self, context: RuleInput) -> Iterator[RuleMatch]:
        self.verdicts.clear()
        self.questions.clear()
        for place in self._places.all:
            self._ask(place, context)
            verdict, belief = self._judge(place, context)
            self.verdicts.append(verdict)
            observed = place.looks[-1].sighting
            if observed is not None:
                yield self._match(place, context, observed, verdict, belief)

    def _ask(self, place: ImageRegion, context: RuleInput) -> None:
        """Ask the witness about a place unless it is already convinced."""
        observed, testimony = place.looks[-1].sighting, place.testimony
        if context.shown is None or observed is None or self._is_about_things:
            return
        if not testimony.justifies_question(context.at_s) or not self._is_due(
            place, context, observed
        ):
            return
        testimony.ask(context.at_s)
        question = WitnessQuestion(
            rule=self.rule,
            region=place.region,
            confidence=observed.confidence,
            is_first=testimony.log_odds is None,
            look=context.shown,
            judge=partial(self._answered, place, context),
        )
        self.questions.append(question)

    def _is_due(self, place: ImageRegion, context: RuleInput, observed: Observation) -> bool:
        """Return whether it is confirmed; one inference suffices while a milder episode is open."""
        verdict = confirm(self._stages, self._question(place, context))
        if verdict.outcome is StageOutcome.WAITING:
            is_sure = observed.confidence >= self.rule.min_confidence
            is_near = context.is_milder_near
            return is_sure and is_near is not None and is_near(self.rule, place.region)
        return verdict.outcome is StageOutcome.ACCEPTED

    def _match(
        self,
        place: ImageRegion,
        context: RuleInput,
        observed: Observation,
        verdict: ConfirmationResult,
        belief: Belief | None,
    ) -> RuleMatch:
        """Return the match, with the witness' answer also for a place that still waits."""
        sign = None
        if verdict.outcome is StageOutcome.WAITING and place.testimony.answers:
            sign = self._belief(place, context)
        return RuleMatch(sighting=observed, verdict=verdict, belief=belief, sign=sign)

    def _belief(self, place: ImageRegion, context: RuleInput) -> Belief:
        witness, habit = place.testimony.log_odds, None
        if context.habit is not None:
            habit = context.habit(self.rule.kind, place.region, witness)
        return believe(witness=witness, habit=habit)

    def _answered(
        self, place: ImageRegion, context: RuleInput, answer: WitnessAnswer | None
    ) -> RuleMatch | None:
        """Return the match after the witness' answer; None if the place was evicted."""
        place.testimony.hear(answer)
        observed = next((look.sighting for look in reversed(place.looks) if look.sighting), None)
        if observed is None or all(place is not existing for existing in self._places.all):
            return None
        return self._match(place, context, observed, *self._judge(place, context))

    def _judge(
        self, place: ImageRegion, context: RuleInput
    ) -> tuple[ConfirmationResult, Belief | None]:
        question = self._question(place, context)
        verdict = confirm(self._stages, question)
        if verdict.outcome is not StageOutcome.ACCEPTED or self._is_about_things:
            return verdict, None
        testimony = place.testimony
        if not testimony.answers and testimony.asked == 1 and testimony.is_awaited(context.at_s):
            return waiting(f"{verdict.reason} · {ASKED}"), None
        belief = self._belief(place, context)
        verdict = confirm(self._stages, _as_believed(question, belief))
        if verdict.outcome is not StageOutcome.ACCEPTED:
            return verdict, None
        if testimony.asked and not testimony.answers:
            verdict = replace(verdict, unchecked=True)
        lasted_s = place.accept(context.at_s, self.rule.confirm.window_s)
        if belief.must_last and lasted_s < LASTS_S:
            told = f"doubted: {belief.told}; waits {LASTS_S:.0f} s"
            return waiting(f"{verdict.reason} · {told}"), belief
        return verdict, belief

    def _question(self, place: ImageRegion, context: RuleInput) -> ConfirmationInput:
        return ConfirmationInput(
            place=place,
            rule=self.rule,
            look_interval_s=context.look_interval_s,
            is_called=context.call is not None and isinstance(self.rule, BurningRule),
            counts_plain=True,
        )

    def _sightings(self, context: RuleInput) -> Iterator[Observation]:
        for row in matching_detections(context, self._labels, HOLD_ON * self.rule.min_confidence):
            if self._concerns(row.box):
                looks = RegionAppearance() if self._is_about_things else context.appearance(row.box)
                yield Observation(
                    at_s=context.at_s,
                    region=row.box,
                    confidence=row.confidence,
                    label=row.label,
                    track_id=row.track_id,
                    change=looks.change,
                    unmeasured=looks.unmeasured,
                )

    def _concerns(self, region: Region) -> bool:
        if isinstance(self.rule, TrackedRule):
            return self._ground.holds(region)
        least = self.rule.min_area if isinstance(self.rule, BurningRule) else 0.0
        return area(region) >= least and self._ground.covers(region)


def _as_believed(question: ConfirmationInput, belief: Belief) -> ConfirmationInput:
    """Return the question after the witness' answer: what is doubted waits as long as ever.

    A call shortens the waiting of what the witness did not see; plain flame needs its word.
    """
    return replace(
        question,
        is_called=question.is_called and belief.is_believed,
        counts_plain=belief.is_believed and belief.witness is not None,
    )
