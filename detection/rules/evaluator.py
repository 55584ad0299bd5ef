"""One rule on one camera: what it is told in each look, and what it answers.

A `RuleInput` goes in; what was seen of the rule's matter comes out, with a verdict. Each kind of
rule is a `RuleEvaluator` of its own; they hold state of one camera, and read no clock.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.detection.confirmation.belief import Belief
from thapcanh.detection.confirmation.local_change import LocalChange
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import HOLD_ON, ConfirmationResult, Stage, StageOutcome
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.region import Region, feet
from thapcanh.detection.tracking.zone import ZonePolygon
from thapcanh.ingest.frame import Frame

MASKED = 0.5  # share of a box under a mask from which it is not looked at
IN_ZONE = 0.3  # share of a flame's or smoke's box inside a zone from which it concerns the zone


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionAppearance:
    """How a part of the picture looks; `unmeasured` says why it could not be told."""

    change: LocalChange | None = None
    unmeasured: str | None = None


class AnalysedFrame(NamedTuple):
    """A frame and what was detected in it, as others may see them again."""

    frame: Frame
    detections: Detections


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """One look, as every rule of the camera is told of it."""

    rows: Sequence[Detection]
    at_s: float
    captured_at: float
    look_interval_s: float
    watched_s: float
    """Since the last look; a longer gap was blindness and counts as the longest look's gap."""
    appearance: Callable[[Region], RegionAppearance]
    habit: Callable[[str, Region], float | None] | None = None
    """How usual a candidate of this kind is there at this hour, 0..1, or None: nobody knows."""
    shown: AnalysedFrame | None = None
    """What the second model is shown; None where the site has none."""
    call: str | None = None
    """The number of a call that told of a fire near the camera a short while ago."""
    is_milder_near: Callable[[Rule, Region], bool] | None = None
    """Whether an open episode there is of a kind that this rule's kind outranks; None: no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """What was seen at one place in this look, and whether it is believed."""

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
    """A candidate in one look, for the second model to look at."""

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
        """What it would be told as."""
        return self.rule.kind

    @property
    def frame(self) -> Frame:
        """The picture."""
        return self.look.frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What rules about places ask of each place; others have no use for it."""

    confirmation: Sequence[Stage] = ()


class RuleEvaluator(Protocol):
    """The state of one rule on one camera."""

    @property
    def rule(self) -> Rule:
        """The rule that is watched for."""
        ...

    @property
    def verdicts(self) -> Sequence[ConfirmationResult]:
        """What it said of everything that concerned it in the last look."""
        ...

    def forget(self) -> None:
        """Start again: what was seen before tells nothing about what comes."""
        ...

    def evaluate(self, moment: RuleInput) -> list[RuleMatch]:
        """What concerns the rule in this look."""
        ...


@runtime_checkable
class PictureEvaluator(RuleEvaluator, Protocol):
    """One whose matter lasts shorter than the time between two looks: it sees every picture."""

    def glance(self, frame: Frame) -> None:
        """Take in a decoded picture, in order; on another thread than the looks, if need be."""
        ...


@runtime_checkable
class LastingEvaluator(RuleEvaluator, Protocol):
    """One about what lasts: while it says so, looks at the slowest pace tell it as much."""

    @property
    def can_rest(self) -> bool:
        """Whether nothing that concerns it moves so that it could be lost between two looks."""
        ...


class RuleArea:
    """Which part of a camera's picture a rule is about: its zone, less the masks."""

    def __init__(self, camera: CameraConfig, zone_id: str | None) -> None:
        polygon = next((zone.polygon for zone in camera.zones if zone.id == zone_id), None)
        self._zone = ZonePolygon(polygon) if polygon else None
        self._masks = tuple(ZonePolygon(mask) for mask in camera.masks)

    def holds(self, region: Region) -> bool:
        """Whether somebody with this box stands on it; its edge belongs to it."""
        at = feet(region)
        inside = self._zone is None or self._zone.holds(at)
        return inside and not any(mask.holds(at) for mask in self._masks)

    def covers(self, region: Region) -> bool:
        """Whether enough of something without feet lies in it."""
        inside = self._zone is None or self._zone.covers(region) >= IN_ZONE
        return inside and not any(mask.covers(region) >= MASKED for mask in self._masks)


def matching_detections(
    moment: RuleInput, labels: Sequence[str], min_confidence: float
) -> Iterator[Detection]:
    """The boxes of these classes that are sure enough."""
    return (row for row in moment.rows if row.label in labels and row.confidence >= min_confidence)


def followed_detections(
    moment: RuleInput, labels: Sequence[str], min_confidence: float
) -> list[Detection]:
    """The boxes of these classes that are sure enough, or less sure and of somebody known."""
    held = matching_detections(moment, labels, HOLD_ON * min_confidence)
    return [row for row in held if row.track_id is not None or row.confidence >= min_confidence]


def accepted(reason: str) -> ConfirmationResult:
    """It is what the rule is about."""
    return ConfirmationResult(outcome=StageOutcome.ACCEPTED, reason=reason)


def waiting(reason: str) -> ConfirmationResult:
    """It may become so."""
    return ConfirmationResult(outcome=StageOutcome.WAITING, reason=reason)


def rejected(reason: str) -> ConfirmationResult:
    """It is something else."""
    return ConfirmationResult(outcome=StageOutcome.REJECTED, reason=reason)
