"""Rule `crowd`: more people (or vehicles) in a zone than allowed, for a time."""

from collections import deque
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Literal

from pydantic import Field

from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Share, TrackedRule
from thapcanh.config.wording import Wording
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import ConfirmationResult
from thapcanh.detection.detections import Detection
from thapcanh.detection.region import union
from thapcanh.detection.rules.evaluator import (
    RuleArea,
    RuleInput,
    RuleMatch,
    accepted,
    followed_detections,
    waiting,
)
from thapcanh.detection.rules.hours import is_open
from thapcanh.detection.rules.rule_kind import RuleKind

COUNTED_S = 3.0
COUNTED_INFERENCES = 3  # at least, when looks are rare
MAX_COUNTS = 32
STILL = 0.8  # of the limit: with no more than this the crowd is over


class CrowdRule(TrackedRule):
    """More than `more_than` at once in the zone (or the whole picture), for `for_s`."""

    kind: Literal["crowd"] = "crowd"
    min_confidence: Share = 0.25  # who stands behind others is never sure, and many are counted
    more_than: int = Field(default=20, ge=1, le=1000)
    for_s: float = Field(default=30.0, ge=0, le=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdState:
    """Watched seconds above the limit, and whether it is believed."""

    over_s: float | None = None
    believed: bool = False


def after_count(gathering: CrowdState, count: int, watched_s: float, rule: CrowdRule) -> CrowdState:
    if count <= STILL * rule.more_than:
        return CrowdState()
    if count <= rule.more_than:
        return gathering  # between: the time neither grows nor begins again
    over_s = 0.0 if gathering.over_s is None else gathering.over_s + watched_s
    return replace(gathering, over_s=over_s, believed=gathering.believed or over_s >= rule.for_s)


class CrowdEvaluator:
    """Counts of one rule on one camera."""

    def __init__(self, rule: CrowdRule, camera: CameraConfig) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        self.seen = 0  # in the last look; the rule goes by the median of a few
        self._ground = RuleArea(camera, rule.zone)
        self._counts: deque[tuple[float, int]] = deque(maxlen=MAX_COUNTS)
        self._gathering = CrowdState()

    @property
    def can_rest(self) -> bool:
        return True

    def forget(self) -> None:
        self.verdicts.clear()
        self.seen = 0
        self._counts.clear()
        self._gathering = CrowdState()

    def evaluate(self, context: RuleInput) -> list[RuleMatch]:
        """Return one match for the whole crowd while it is believed."""
        self.verdicts.clear()
        if not is_open(self.rule.hours, context.captured_at):
            self.forget()
            return []
        rows = followed_detections(context, self.rule.classes, self.rule.min_confidence)
        local = [row for row in rows if self._ground.holds(row.box)]
        self.seen = len(local)
        count = self._counted(context.at_s, self.seen)
        self._gathering = after_count(self._gathering, count, context.watched_s, self.rule)
        if self._gathering.over_s is None:
            return []
        limit = self.rule.more_than
        if not self._gathering.believed:
            self.verdicts.append(waiting(f"{count} here, for {self._gathering.over_s:.0f} s"))
            return []
        verdict = accepted(f"{count} here, {limit} allowed · for {self._gathering.over_s:.0f} s")
        self.verdicts.append(verdict)
        return [RuleMatch(sighting=_of_all(local, context.at_s), verdict=verdict)] if local else []

    def _counted(self, at_s: float, count: int) -> int:
        self._counts.append((at_s, count))
        recent = [one for when, one in self._counts if at_s - when <= COUNTED_S]
        latest = [one for _, one in self._counts][-COUNTED_INFERENCES:]
        return median_low(recent if len(recent) > len(latest) else latest)


def _of_all(rows: list[Detection], at_s: float) -> Observation:
    """Return the region of all, with the median confidence."""
    region = rows[0].box
    for row in rows[1:]:
        region = union(region, row.box)
    middle = rows[len(rows) // 2]  # rows come by falling confidence
    return Observation(at_s=at_s, region=region, confidence=middle.confidence, label=rows[0].label)


RULE = RuleKind(
    settings=CrowdRule,
    evaluator=lambda rule, camera, _: CrowdEvaluator(rule, camera),
    name=Wording(vi="Tụ tập đông người", en="Crowd gathering"),
    exported_name=Wording(vi="Tụ tập đông người", en="Crowd"),
    setting_names={
        "more_than": Wording(vi="Đông hơn (người)", en="More than (people)"),
        "for_s": Wording(vi="kéo dài (giây)", en="for (s)"),
    },
    incident="public_order",
    order=40,
)
