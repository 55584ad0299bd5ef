"""Sighting: one finished track of a recorded camera, as stored and searched.

Times are UTC unix seconds; boxes are x1, y1, x2, y2 in shares of the picture.
"""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.detection.region import Region
from thapcanh.detection.tracking.drawn_shapes import LineSide

CLASSES = ("person", "bicycle", "motorcycle", "car", "bus", "truck")
"""Of people and vehicles: the first numbers of a store's classes, never reordered."""
COLOURED = frozenset({"car", "bus", "truck"})
"""Of a bicycle or motorcycle the picture shows the rider, whose clothes are nobody's business."""


class VehicleColour(StrEnum):
    """Colour of most of a vehicle's body. Stored by its position: append, never reorder."""

    WHITE = "white"
    BLACK = "black"
    GREY = "grey"  # silver too
    RED = "red"
    BLUE = "blue"
    GREEN = "green"
    YELLOW = "yellow"
    BROWN = "brown"  # orange, beige and what is no other


COLOURS = tuple(VehicleColour)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePassage:
    """A drawn line was crossed; `to` is the side that was reached."""

    line: str
    to: LineSide
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRecord:
    """Person, vehicle or thing, from its first inference to its last."""

    camera_id: str
    label: str
    from_s: float
    to_s: float
    best_s: float
    """When it was seen best."""
    confidence: float
    first: Region
    middle: Region
    last: Region
    best: Region
    cells: int
    """Where in the picture it was (`thapcanh.detection.sightings.cells`)."""
    colour: VehicleColour | None = None
    passages: tuple[LinePassage, ...] = ()
