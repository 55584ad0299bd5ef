"""Rule evaluators: one rule on one camera, an inference in, matches out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.detection.confirmation.belief import Belief, HabitOf
from thapcanh.detection.confirmation.local_change import LocalChange
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import HOLD_ON, ConfirmationResult, Stage, StageOutcome
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.region import Region, feet
from thapcanh.detection.tracking.drawn_shapes import ZonePolygon
from thapcanh.ingest.frame import Frame

MASKED = 0.5  # share of a box under a mask from which it is not looked at
IN_ZONE = 0.3  # share of a flame's or smoke's box inside a zone from which it concerns the zone


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionAppearance:
    """Appearance of a part of the picture; `unmeasured` is the reason if it is unknown."""

    change: LocalChange | None = None
    unmeasured: str | None = None


class AnalysedFrame(NamedTuple):
    """A frame and what was detected in it, as others may see them again."""

    frame: Frame
    detections: Detections


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """Inference as every rule of the camera gets it."""

    rows: Sequence[Detection]
    at_s: float
    captured_at: float
    look_interval_s: float
    watched_s: float
    """Since the last look; a longer gap was blindness and counts as the longest look's gap."""
    appearance: Callable[[Region], RegionAppearance]
    habit: HabitOf | None = None
    shown: AnalysedFrame | None = None
    """What the second model is shown; None where the site has none."""
    call: str | None = None
    """The number of a call that told of a fire near the camera a short while ago."""
    is_milder_near: Callable[[Rule, Region], bool] | None = None
    """True if an open episode there is of a kind that this rule's kind outranks; None: no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """Observation at one place in this inference, and its verdict."""

    sighting: Observation
    verdict: ConfirmationResult
    belief: Belief | None = None
    """None: the rule measures what it tells, there is nothing to doubt."""
    sign: Belief | None = None
    """What the witness says of a place that still waits, where a milder episode is open."""
    stands_alone: bool = False
    """Accepted once and for itself, as a crossing is: never part of what is going on already."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WitnessQuestion:
    """Question to the second model about a candidate."""

    rule: Rule
    region: Region
    confidence: float
    is_first: bool
    """Nothing was answered of this place yet: an event may be waiting."""
    look: AnalysedFrame
    judge: Callable[[WitnessAnswer | None], RuleMatch | None]
    """What the look comes to with this answer; None if the place is forgotten."""

    @property
    def kind(self) -> str:
        return self.rule.kind

    @property
    def frame(self) -> Frame:
        return self.look.frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Checks that rules about places use."""

    confirmation: Sequence[Stage] = ()


class RuleEvaluator(Protocol):
    """State of one rule on one camera."""

    @property
    def rule(self) -> Rule: ...

    @property
    def verdicts(self) -> Sequence[ConfirmationResult]:
        """Verdicts on everything that concerned it in the last inference."""
        ...

    def forget(self) -> None: ...

    def evaluate(self, context: RuleInput) -> list[RuleMatch]: ...


@runtime_checkable
class PictureEvaluator(RuleEvaluator, Protocol):
    """Evaluator of short events that gets every picture."""

    def glance(self, frame: Frame) -> None:
        """Process a decoded picture, in order; may run on another thread than inference."""
        ...


@runtime_checkable
class LastingEvaluator(RuleEvaluator, Protocol):
    """Evaluator of lasting conditions, for which the slowest inference rate may suffice."""

    @property
    def can_rest(self) -> bool:
        """True if nothing that concerns it moves so that it could be lost between inferences."""
        ...


class RuleArea:
    """Part of a camera's picture that a rule concerns: its zone without the masks."""

    def __init__(self, camera: CameraConfig, zone_id: str | None) -> None:
        polygon = next((zone.polygon for zone in camera.zones if zone.id == zone_id), None)
        self._zone = ZonePolygon(polygon) if polygon else None
        self._masks = tuple(ZonePolygon(mask) for mask in camera.masks)

    def holds(self, region: Region) -> bool:
        """Return whether a box's feet are in it; its edge belongs to it."""
        at = feet(region)
        inside = self._zone is None or self._zone.holds(at)
        return inside and not any(mask.holds(at) for mask in self._masks)

    def covers(self, region: Region) -> bool:
        """Return whether enough of an object without feet lies in it."""
        inside = self._zone is None or self._zone.covers(region) >= IN_ZONE
        return inside and not any(mask.covers(region) >= MASKED for mask in self._masks)


def matching_detections(
    context: RuleInput, labels: Sequence[str], min_confidence: float
) -> Iterator[Detection]:
    """Yield the boxes of these classes with enough confidence."""
    return (row for row in context.rows if row.label in labels and row.confidence >= min_confidence)


def followed_detections(
    moment: RuleInput, labels: Sequence[str], min_confidence: float
) -> list[Detection]:
    """Return the boxes of these classes with enough confidence, or less for a present track."""
    held = matching_detections(moment, labels, HOLD_ON * min_confidence)
    return [row for row in held if row.track_id is not None or row.confidence >= min_confidence]


def accepted(reason: str) -> ConfirmationResult:
    return ConfirmationResult(outcome=StageOutcome.ACCEPTED, reason=reason)


def waiting(reason: str) -> ConfirmationResult:
    return ConfirmationResult(outcome=StageOutcome.WAITING, reason=reason)


def rejected(reason: str) -> ConfirmationResult:
    return ConfirmationResult(outcome=StageOutcome.REJECTED, reason=reason)
