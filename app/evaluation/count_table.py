"""Hand-counted truth about people and vehicles: a CSV in, one `HandCount` a line out.

Columns: `file`; `what`; `classes`; `shape` in shares of the picture (of a line its two points and a
point inside, of a zone its points; nothing is the whole picture); `at_s`: the second that was
counted, or that from which on crossings were; `count`.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from app.evaluation.truth_table import Line as TableLine
from app.evaluation.truth_table import number_in, read_lines
from config.camera import LineConfig, ZoneConfig
from config.rules import Label

LABELS = frozenset(get_args(Label))


class CountedMatter(StrEnum):
    """What was counted."""

    OUT = "out"  # went over the line outward
    IN = "in"  # went over it inward
    PRESENT = "present"  # is in the picture at one second


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCount:
    """One number that a person counted."""

    file: str
    what: CountedMatter
    classes: tuple[str, ...]
    line: LineConfig | None
    zone: ZoneConfig | None
    at_s: float
    count: int


def read_counts(path: Path) -> list[HandCount]:
    """The lines of a table of counts; raises `TruthError` naming every line that is wrong."""
    return read_lines(path, _counted)


def _counted(line: TableLine, wrong: list[str]) -> HandCount:
    file, what = line.get("file") or "", line.get("what") or ""
    if not file:
        wrong.append("no file")
    if what not in list(CountedMatter):
        wrong.append(f"what is {what!r}, expected {', '.join(CountedMatter)}")
    classes = tuple((line.get("classes") or "").split())
    if not classes or not LABELS.issuperset(classes):
        wrong.append(
            f"classes is {' '.join(classes)!r}, expected some of {' '.join(get_args(Label))}"
        )
    count, shape = number_in(line, "count", wrong), line.get("shape") or ""
    if count is None or count < 0:
        wrong.append("count is missing, expected how many were counted")
    return HandCount(
        file=file,
        what=CountedMatter(what) if what in list(CountedMatter) else CountedMatter.PRESENT,
        classes=classes,
        line=None if what == CountedMatter.PRESENT else _line(shape, wrong),
        zone=_zone(shape, wrong) if what == CountedMatter.PRESENT and shape else None,
        at_s=number_in(line, "at_s", wrong) or 0.0,
        count=int(count or 0),
    )


def _line(shape: str, wrong: list[str]) -> LineConfig | None:
    try:
        x1, y1, x2, y2, x, y = (float(share) for share in shape.split())
        return LineConfig(id="line", name="line", points=((x1, y1), (x2, y2)), inside=(x, y))
    except (ValueError, ValidationError):
        wrong.append(f"shape is {shape!r}, expected x1 y1 x2 y2 of a line and x y inside")
        return None


def _zone(shape: str, wrong: list[str]) -> ZoneConfig | None:
    try:
        shares = [float(share) for share in shape.split()]
        points = tuple(zip(shares[::2], shares[1::2], strict=True))
        return ZoneConfig(id="zone", name="zone", polygon=points)
    except (ValueError, ValidationError):
        wrong.append(f"shape is {shape!r}, expected x y of each point of a zone")
        return None
