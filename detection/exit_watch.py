"""Who crosses a line: each crossing outward is told, and both directions are counted.

For closed areas such as quarantine sites and requisitioned hotels. The counts are those since this
watch began or its clock went back; they are no headcount, since a box may be missed.
"""

from dataclasses import dataclass, replace

from config.camera import Camera
from config.rules import ExitRule
from detection.confirmation import Verdict
from detection.hours import is_open
from detection.line import Course, Line, Side, after_step
from detection.presence import Presence, Presences
from detection.region import Region, feet
from detection.stay_watch import sighting_of
from detection.watch import Ground, Judged, Moment, accepted, followed_rows, waiting

LOST_S = 10.0  # hidden for so long before the line, and found again behind it, has crossed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossings:
    """How many went over a line, either way."""

    entered: int = 0
    left: int = 0


class ExitWatch:
    """The courses of everybody near one line."""

    def __init__(self, rule: ExitRule, camera: Camera) -> None:
        self.rule = rule
        self.verdicts: list[Verdict] = []
        self.crossings = Crossings()
        self._line = Line(next(line for line in camera.lines if line.id == rule.line))
        self._ground = Ground(camera, rule.zone)
        self._presences = Presences(LOST_S)
        self._courses: dict[Presence, Course] = {}

    def forget(self) -> None:
        """Start anew, but for the counts."""
        self.verdicts.clear()
        self._presences.clear()
        self._courses.clear()

    def look(self, moment: Moment) -> list[Judged]:
        """Those who left in this look, one entry each."""
        self.verdicts.clear()
        if not is_open(self.rule.hours, moment.captured_at):
            self.forget()
            return []
        rows = followed_rows(moment, self.rule.classes, self.rule.min_confidence)
        here = self._presences.look(
            [row for row in rows if self._ground.holds(row.box)], moment.at_s, moment.watched_s
        )
        self._courses = {one: self._courses[one] for one in here if one in self._courses}
        left = [one for one in here if one.is_seen and self._step(one) is Side.OUTSIDE]
        counts = self.crossings
        verdict = accepted(f"left over the line · {counts.left} out, {counts.entered} in")
        self.verdicts += [verdict] * len(left)
        return [
            Judged(sighting=sighting_of(one, moment.at_s), verdict=verdict, stands_alone=True)
            for one in left
        ]

    def _step(self, presence: Presence) -> Side | None:
        """Take in where one is now; the side that was reached by crossing, if any."""
        course = self._courses.get(presence)
        if course is None and presence.came_from is not None:
            course, _ = self._after(None, presence.came_from)
        course, reached = self._after(course, presence.region)
        if course is not None:
            self._courses[presence] = course
            self.verdicts.append(waiting(f"{course.side} the line"))
        if reached is Side.OUTSIDE:
            self.crossings = replace(self.crossings, left=self.crossings.left + 1)
        elif reached is Side.INSIDE:
            self.crossings = replace(self.crossings, entered=self.crossings.entered + 1)
        return reached

    def _after(self, course: Course | None, region: Region) -> tuple[Course | None, Side | None]:
        height = region[3] - region[1]
        return after_step(course, self._line, feet(region), height)
