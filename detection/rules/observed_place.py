"""Rules that believe what is seen again and again at a place: fire, smoke, intrusion.

Which detections concern the rule is decided here; whether they are confirmed, by the stages of
confirmation, which are asked about every place after every look; and how far what is confirmed is
believed, by the stages of belief. What is hardly believed waits until it has lasted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from config.camera import CameraConfig
from config.rules import BurningRule, PlaceRule, TrackedRule
from detection.confirmation.belief import (
    LASTS_S,
    Belief,
    BeliefInput,
    BeliefStage,
    believe,
)
from detection.confirmation.observations import ImageRegion, Observation, RegionHistory
from detection.confirmation.stages import (
    HOLD_ON,
    ConfirmationInput,
    ConfirmationResult,
    Stage,
    StageOutcome,
    confirm,
)
from detection.confirmation.witness_answer import WitnessAnswer
from detection.region import Region, area, grown, touch
from detection.rules.evaluator import (
    RegionAppearance,
    RuleArea,
    RuleInput,
    RuleMatch,
    matching_detections,
    waiting,
)
from detection.rules.hours import is_open

WITNESS_LOOKS = 5
FLAME_REACH = 0.25  # share of smoke's longer side within which flame is beside it
FLAME, FLAME_CONFIDENCE, FLAME_WARMTH = "fire", 0.25, 56.0  # the sun's disc has 34 to 48


class ObservationEvaluator:
    """The places of one rule on one camera."""

    def __init__(
        self,
        rule: PlaceRule,
        camera: CameraConfig,
        stages: Sequence[Stage],
        belief_stages: Sequence[BeliefStage],
    ) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        self._stages = tuple(stages)
        self._belief_stages = tuple(belief_stages)
        self._labels = rule.classes if isinstance(rule, TrackedRule) else (rule.kind,)
        self._ground = RuleArea(camera, rule.zone)
        self._is_about_things = isinstance(rule, TrackedRule)
        # A walker is one intrusion wherever in the zone; a flame has a place.
        self._places = RegionHistory(one_only=self._is_about_things)

    def forget(self) -> None:
        """Start again."""
        self._places.clear()
        self.verdicts.clear()

    def evaluate(self, moment: RuleInput) -> list[RuleMatch]:
        """What concerns the rule in this look, one entry a place."""
        is_due = is_open(self.rule.hours, moment.captured_at)
        sightings = list(self._sightings(moment)) if is_due else []
        forget_after_s = max(self.rule.confirm.window_s, self.rule.clear_after_s)
        self._places.observe(moment.at_s, sightings, forget_after_s)
        return list(self._judged(moment))

    def _judged(self, moment: RuleInput) -> Iterator[RuleMatch]:
        self.verdicts.clear()
        for place in self._places.all:
            judged = self._judge(place, moment)
            self.verdicts.append(judged[0])
            seen = place.looks[-1].sighting
            if seen is not None:
                yield RuleMatch(sighting=seen, verdict=judged[0], belief=judged[1])

    def _judge(
        self, place: ImageRegion, moment: RuleInput
    ) -> tuple[ConfirmationResult, Belief | None]:
        """Whether the place is confirmed, and how far it is believed then."""
        question = ConfirmationInput(
            place=place,
            rule=self.rule,
            look_interval_s=moment.look_interval_s,
            is_called=moment.call is not None and isinstance(self.rule, BurningRule),
        )
        verdict = confirm(self._stages, question)
        if verdict.outcome is not StageOutcome.ACCEPTED or self._is_about_things:
            return verdict, None
        asked_before = len(place.testimony)
        belief = self._believe(question, moment)
        if question.is_called and not belief.is_believed:  # what is doubted waits as ever
            verdict = confirm(self._stages, replace(question, is_called=False))
            if verdict.outcome is not StageOutcome.ACCEPTED:
                del place.testimony[asked_before:]  # so is what the second model says of it
                return verdict, None
        if moment.witness is not None and not place.testimony:
            verdict = replace(verdict, unchecked=True)
        lasted_s = place.accept(moment.at_s, self.rule.confirm.window_s)
        if belief.must_last and lasted_s < LASTS_S:
            told = f"doubted: {belief.doubts}; waits {LASTS_S:.0f} s"
            return waiting(f"{verdict.reason} · {told}"), belief
        return verdict, belief

    def _believe(self, question: ConfirmationInput, moment: RuleInput) -> Belief:
        place, kind = question.place, self.rule.kind
        asked = BeliefInput(
            question=question,
            habit=None if moment.habit is None else moment.habit(kind, place.region),
            witness=_testimony(place, kind, moment),
        )
        return believe(self._belief_stages, asked)

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
                    chroma_difference=looks.chroma_difference,
                    in_fog=looks.in_fog,
                    colour=looks.colour,
                    edges=looks.edges,
                    own_change=looks.own_change,
                    picture=looks.picture,
                    from_part=row.from_part,
                    flame=_flame_beside(row.box, moment) if self.rule.kind == "smoke" else 0.0,
                    unmeasured=looks.unmeasured,
                )

    def _concerns(self, region: Region) -> bool:
        if isinstance(self.rule, TrackedRule):
            return self._ground.holds(region)
        least = self.rule.min_area if isinstance(self.rule, BurningRule) else 0.0
        return area(region) >= least and self._ground.covers(region)


def _flame_beside(smoke: Region, moment: RuleInput) -> float:
    """The confidence of the surest flame in or beside smoke that has the colour of flame."""
    near = grown(smoke, FLAME_REACH)
    for row in sorted(moment.rows, key=lambda row: -row.confidence):
        if row.label != FLAME or row.confidence < FLAME_CONFIDENCE or not touch(near, row.box):
            continue
        chroma_difference = moment.appearance(row.box).chroma_difference
        if chroma_difference is None or chroma_difference >= FLAME_WARMTH:
            return row.confidence
    return 0.0


def _testimony(place: ImageRegion, kind: str, moment: RuleInput) -> WitnessAnswer | None:
    """What the second model says of a place: the mean of its answers to at most five looks."""
    if moment.witness is None:
        return None
    if len(place.testimony) < WITNESS_LOOKS:
        answer = moment.witness(kind, place.region)
        if answer is not None:
            place.testimony.append(answer)
    if not place.testimony:
        return None
    weight = fmean(answer.weight for answer in place.testimony)
    return WitnessAnswer(weight=weight, text=place.testimony[-1].text)
