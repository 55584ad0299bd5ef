"""Rule `line_crossing`: reports each crossing outward and counts both directions."""

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from thapcanh.config.camera import CameraConfig
from thapcanh.config.frozen import Id
from thapcanh.config.rules import PriorityNumber, Shape, TrackedRule
from thapcanh.config.wording import Wording
from thapcanh.detection.confirmation.stages import ConfirmationResult
from thapcanh.detection.region import Region, feet
from thapcanh.detection.rules.dwell import sighting_of
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
from thapcanh.detection.tracking.drawn_shapes import CountingLine, LineCourse, LineSide, after_step
from thapcanh.detection.tracking.presence import PresenceTracker, PresentTrack

LOST_S = 10.0  # hidden for so long before the line, and found again behind it, has crossed it


class ExitRule(TrackedRule):
    """Person who crosses the line outward; both directions are counted."""

    kind: Literal["exit"] = "exit"
    line: Id
    priority: PriorityNumber = 2
    clear_after_s: float = Field(default=5.0, gt=0, le=3600)

    def shapes(self) -> tuple[Shape, ...]:
        """Return the shapes that must be drawn on a camera, its line included."""
        return (*super().shapes(), ("line", self.line))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingCounts:
    """Crossings of a line in both directions."""

    entered: int = 0
    left: int = 0


class LineCrossingEvaluator:
    """Courses of everyone near one line."""

    def __init__(self, rule: ExitRule, camera: CameraConfig) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        self.crossings = CrossingCounts()
        self._line = CountingLine(next(line for line in camera.lines if line.id == rule.line))
        self._ground = RuleArea(camera, rule.zone)
        self._presences = PresenceTracker(LOST_S)
        self._courses: dict[PresentTrack, LineCourse] = {}

    def forget(self) -> None:
        """Start again, but for the counts."""
        self.verdicts.clear()
        self._presences.clear()
        self._courses.clear()

    def evaluate(self, context: RuleInput) -> list[RuleMatch]:
        self.verdicts.clear()
        if not is_open(self.rule.hours, context.captured_at):
            self.forget()
            return []
        rows = followed_detections(context, self.rule.classes, self.rule.min_confidence)
        local = self._presences.observe(
            [row for row in rows if self._ground.holds(row.box)], context.at_s, context.watched_s
        )
        self._courses = {one: self._courses[one] for one in local if one in self._courses}
        left = [one for one in local if one.is_seen and self._step(one) is LineSide.OUTSIDE]
        counts = self.crossings
        verdict = accepted(f"left over the line · {counts.left} out, {counts.entered} in")
        self.verdicts += [verdict] * len(left)
        return [
            RuleMatch(sighting=sighting_of(one, context.at_s), verdict=verdict, stands_alone=True)
            for one in left
        ]

    def _step(self, presence: PresentTrack) -> LineSide | None:
        """Update a course; return the side reached by crossing, or None."""
        course = self._courses.get(presence)
        if course is None and presence.came_from is not None:
            course, _ = self._after(None, presence.came_from)
        course, reached = self._after(course, presence.region)
        if course is not None:
            self._courses[presence] = course
            self.verdicts.append(waiting(f"{course.side} the line"))
        if reached is LineSide.OUTSIDE:
            self.crossings = replace(self.crossings, left=self.crossings.left + 1)
        elif reached is LineSide.INSIDE:
            self.crossings = replace(self.crossings, entered=self.crossings.entered + 1)
        return reached

    def _after(
        self, course: LineCourse | None, region: Region
    ) -> tuple[LineCourse | None, LineSide | None]:
        height = region[3] - region[1]
        return after_step(course, self._line, feet(region), height)


RULE = RuleKind(
    settings=ExitRule,
    evaluator=lambda rule, camera, _: LineCrossingEvaluator(rule, camera),
    name=Wording(vi="Rời khu cách ly", en="Leaving a closed area"),
    exported_name=Wording(vi="Rời khu cách ly", en="Exit"),
    incident="public_order",
    order=70,
)
