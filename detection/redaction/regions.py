"""Which part of what was detected is hidden, in shares of the picture. Pure.

The model knows people and vehicles, and neither faces nor plates. A person is hidden whole. Of a
car the lower 70 %: plates are mounted below the window sill, and of a car seen from above the side
that faces the camera is the lower one. The others are hidden whole: a motorcycle's plate is as high
as its seat, and the number of buses and trucks is painted again on doors and tailgate.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from detection.detections import Detection

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in shares of the picture, 0..1."""

CROWD = "crowd"
"""The label of a place where there are too many to tell apart."""

Part = tuple[int, int, int, int]
"""Left, top, width, height of a part of a picture in pixels, all even."""


@dataclass(frozen=True, slots=True)
class HiddenRegion:
    """What is hidden of one thing of this label."""

    label: str
    box: Box


_HIDDEN_FROM = {
    "person": 0.0, "car": 0.3, "motorcycle": 0.0, "bicycle": 0.0, "bus": 0.0, "truck": 0.0,
}  # fmt: skip
"""Where in the box's height the hidden part begins."""
_MARGIN = 0.12  # of the box's size on each side: boxes cut off hands, mirrors and feet


def hidden_regions(rows: Iterable[Detection]) -> list[HiddenRegion]:
    """The hidden part of each row that has one; rows of every confidence count."""
    return [
        HiddenRegion(row.label, _hidden(row.box, _HIDDEN_FROM[row.label]))
        for row in rows
        if row.label in _HIDDEN_FROM
    ]


def can_be_hidden(labels: Iterable[str]) -> bool:
    """Whether a model with these labels tells enough to hide people and vehicles."""
    return {"person", "car", "motorcycle"} <= set(labels)


def _hidden(box: Box, begins: float) -> Box:
    x1, y1, x2, y2 = box
    return grown((x1, y1 + (y2 - y1) * begins, x2, y2), _MARGIN)


def grown(box: Box, share: float) -> Box:
    """The box, larger by this share of its size on each side, within the picture."""
    x1, y1, x2, y2 = box
    wide, high = (x2 - x1) * share, (y2 - y1) * share
    return max(0.0, x1 - wide), max(0.0, y1 - high), min(1.0, x2 + wide), min(1.0, y2 + high)


def hull(one: Box, other: Box) -> Box:
    """The smallest box around both."""
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def overlap(one: Box, other: Box) -> float:
    """The area that both share, in shares of the picture's; 0 where they are apart."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def quarters(width: int, height: int) -> list[Part]:
    """Four parts that cover a picture of even sides, each a fifth into the others."""
    wide, high = (round(side * 0.6 / 2) * 2 for side in (width, height))
    return [(left, top, wide, high) for left in (0, width - wide) for top in (0, height - high)]


def within(part: Box, box: Box) -> Box:
    """A box in shares of a part, in shares of the picture."""
    wide, high = part[2] - part[0], part[3] - part[1]
    return (
        part[0] + box[0] * wide,
        part[1] + box[1] * high,
        part[0] + box[2] * wide,
        part[1] + box[3] * high,
    )
