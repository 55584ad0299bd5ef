"""Truth tables of people and vehicles: how many there were, and when a rule must raise an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from thapcanh.config.camera import LineConfig, ZoneConfig
from thapcanh.config.rules import LABELS, Rule
from thapcanh.detection.rules.crowd import CrowdRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.line_crossing import ExitRule
from thapcanh.detection.rules.loitering import LoiteringRule
from thapcanh.detection.rules.stopped_vehicle import StoppedVehicleRule
from thapcanh.tools.evaluation.truth_table import Line as TableLine
from thapcanh.tools.evaluation.truth_table import number_in, read_lines


class CountedMatter(StrEnum):
    OUT = "out"  # went over the line outward
    IN = "in"  # went over it inward
    PRESENT = "present"  # is in the picture at one second
    INTRUSION = "intrusion"  # is in the zone
    CROWD = "crowd"  # more than `limit` are in the zone
    LOITERING = "loitering"  # somebody stays in the zone
    STOPPED_VEHICLE = "stopped_vehicle"  # a vehicle stands in the zone


CROSSINGS = (CountedMatter.OUT, CountedMatter.IN)
COUNTED = (*CROSSINGS, CountedMatter.PRESENT)
WHOLE_PICTURE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthLine:
    """A number counted by hand, or a period in which a zone's state lasts (`is_period`)."""

    file: str
    what: CountedMatter
    classes: tuple[str, ...]
    line: LineConfig | None = None
    zone: ZoneConfig | None = None
    at_s: float | None = None
    """When it was counted, or the period's start; a state without one never comes about."""
    until_s: float | None = None
    """The period's end; None: that of the clip."""
    limit: int = 0
    for_s: float = 0.0
    """The state must last so long until the rule raises an event."""
    count: int = 0

    @property
    def is_period(self) -> bool:
        return self.what not in COUNTED

    def rule(self, name: str) -> Rule:
        """Return the rule that this line judges, with its zone or line under the same name."""
        settings: dict[str, object] = {"id": name, "classes": self.classes}
        settings |= {"zone": name} if self.zone else {}
        match self.what:
            case CountedMatter.OUT | CountedMatter.IN:
                return ExitRule.model_validate(settings | {"line": name})
            case CountedMatter.PRESENT:
                return CrowdRule.model_validate(settings)
            case CountedMatter.CROWD:
                held = {"more_than": self.limit, "for_s": self.for_s}
                return CrowdRule.model_validate(settings | held)
            case CountedMatter.INTRUSION:
                return IntrusionRule.model_validate(settings)
            case CountedMatter.LOITERING:
                return LoiteringRule.model_validate(settings | {"max_s": self.for_s})
            case CountedMatter.STOPPED_VEHICLE:
                return StoppedVehicleRule.model_validate(settings | {"for_s": self.for_s})


def read_counts(path: Path, labels: Sequence[str] = LABELS) -> list[TruthLine]:
    """Return the lines of a table; raises `TruthError` naming every invalid one.

    `labels` are the classes that the site's models detect.
    """
    return read_lines(path, partial(_counted, labels))


def _counted(labels: Sequence[str], line: TableLine, wrong: list[str]) -> TruthLine:
    file, what = line.get("file") or "", line.get("what") or ""
    if not file:
        wrong.append("no file")
    if what not in list(CountedMatter):
        wrong.append(f"what is {what!r}, expected {', '.join(CountedMatter)}")
    matter = CountedMatter(what) if what in list(CountedMatter) else CountedMatter.PRESENT
    classes = tuple((line.get("classes") or "").split())
    if not classes or not set(classes).issubset(labels):
        wrong.append(f"classes is {' '.join(classes)!r}, expected some of {' '.join(labels)}")
    shape = line.get("shape") or ""
    found = TruthLine(
        file=file,
        what=matter,
        classes=classes,
        line=_line(shape, wrong) if matter in CROSSINGS else None,
        zone=None if matter in CROSSINGS else _zone(shape, matter, wrong),
        at_s=number_in(line, "at_s", wrong),
        until_s=number_in(line, "until_s", wrong),
        limit=int(number_in(line, "limit", wrong) or 0),
        for_s=number_in(line, "for_s", wrong) or 0.0,
        count=_count(line, matter, wrong),
    )
    _check_limits(found, wrong)
    return found


def _count(line: TableLine, matter: CountedMatter, wrong: list[str]) -> int:
    count = number_in(line, "count", wrong)
    if matter in COUNTED and (count is None or count < 0):
        wrong.append("count is missing, expected how many were counted")
    return int(count or 0)


def _check_limits(line: TruthLine, wrong: list[str]) -> None:
    if line.what is CountedMatter.CROWD and line.limit < 1:
        wrong.append("limit is missing, expected how many are allowed")
    needs_time = line.what in (CountedMatter.LOITERING, CountedMatter.STOPPED_VEHICLE)
    if needs_time and line.for_s <= 0:
        wrong.append("for_s is missing, expected seconds")
    if line.until_s is not None and (line.at_s is None or line.until_s <= line.at_s):
        wrong.append(f"until_s is {line.until_s}, expected later than at_s")


def _line(shape: str, wrong: list[str]) -> LineConfig | None:
    try:
        x1, y1, x2, y2, x, y = (float(share) for share in shape.split())
        return LineConfig(id="line", name="line", points=((x1, y1), (x2, y2)), inside=(x, y))
    except (ValueError, ValidationError):
        wrong.append(f"shape is {shape!r}, expected x1 y1 x2 y2 of a line and x y inside")
        return None


def _zone(shape: str, matter: CountedMatter, wrong: list[str]) -> ZoneConfig | None:
    """Return the zone; without a shape the whole picture, which `present` counts without one."""
    if not shape and matter is CountedMatter.PRESENT:
        return None
    try:
        shares = [float(share) for share in shape.split()]
        points = tuple(zip(shares[::2], shares[1::2], strict=True)) if shape else WHOLE_PICTURE
        return ZoneConfig(id="zone", name="zone", polygon=points)
    except (ValueError, ValidationError):
        wrong.append(f"shape is {shape!r}, expected x y of each point of a zone")
        return None
