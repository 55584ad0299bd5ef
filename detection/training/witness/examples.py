"""Crops to teach the second witness with: labelled flames and smoke, and what deceives.

An example is what `CropWitness` would cut out: the box in a square with a little round it, in the
model's input size. Negatives are boxes in which the first detector saw flame or smoke though none
is labelled there, and boxes at random, which count less.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from detection.confirmation.second_witness import Crop, crop_of_pixels
from detection.detections import Detection
from detection.region import Region, area, shared_area
from detection.training.picture import FLAME, SMOKE, Pixels, TrainingPicture
from detection.training.witness.skies import WEATHER

Rng = np.random.Generator
Detect = Callable[[Pixels], Sequence[Detection]]
KINDS = (FLAME, SMOKE)
LEAST_CONFIDENCE = 0.05  # of the detector's: below it a candidate is never asked about
HARDEST = 3  # a picture
LARGEST = 2  # boxes a label and picture
LEAST_BOX_PX = 60  # width times height
JITTER = 0.07
RANDOM_COUNTS = 0.4
FILLS, HOLDS, OF_IT = 0.25, 0.7, 0.04
"""A box is flame or smoke where a labelled one fills so much of it, or lies in it so far and makes
so much of it."""
_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A crop, whether flame and smoke are in it, and how much it counts."""

    crop: Crop
    fire: bool
    smoke: bool
    origin: str
    counts: float = 1.0


def of_picture(picture: TrainingPicture, detect: Detect, rng: Rng) -> Iterator[Example]:
    """Examples of a labelled picture: its largest boxes, what deceives, one place at random."""
    for kind in KINDS:
        boxes = [box.xyxy for box in picture.boxes if box.label == kind]
        for box in sorted(boxes, key=area, reverse=True)[:LARGEST]:
            if area(box) * picture.pixels.size / 3 >= LEAST_BOX_PX:
                yield _labelled(picture, _jittered(box, rng))
    yield from quiet(picture.pixels, _burning(picture), detect, rng, "real")


def of_weather(picture: TrainingPicture, detect: Detect, rng: Rng) -> Iterator[Example]:
    """A picture without flame and smoke, with one kind of weather drawn over it."""
    if not _burning(picture):
        name = list(WEATHER)[rng.integers(len(WEATHER))]
        yield from quiet(WEATHER[name](picture.pixels, rng), (), detect, rng, name)


def quiet(
    pixels: Pixels, burning: Sequence[Region], detect: Detect, rng: Rng, origin: str
) -> Iterator[Example]:
    """What the detector is wrong about here, and one place at random; neither touches a label."""
    seen = [row for row in detect(pixels) if row.label in KINDS]
    wrong = [row.box for row in seen if not _touches(row.box, burning)]
    for box in wrong[:HARDEST]:
        yield _negative(pixels, box, origin, 1.0)
    for _ in range(_TRIES):
        box = _anywhere(rng)
        if not _touches(box, burning):
            yield _negative(pixels, box, f"{origin}, anywhere", RANDOM_COUNTS)
            return


def _labelled(picture: TrainingPicture, box: Region) -> Example:
    def has(kind: str) -> bool:
        return any(_makes(box, one.xyxy) for one in picture.boxes if one.label == kind)

    crop = crop_of_pixels(picture.pixels, box)
    return Example(crop=crop, fire=has(FLAME), smoke=has(SMOKE), origin="labelled")


def _negative(pixels: Pixels, box: Region, origin: str, counts: float) -> Example:
    crop = crop_of_pixels(pixels, box)
    return Example(crop=crop, fire=False, smoke=False, origin=origin, counts=counts)


def _burning(picture: TrainingPicture) -> tuple[Region, ...]:
    return tuple(box.xyxy for box in picture.boxes if box.label in KINDS)


def _makes(box: Region, labelled: Region) -> bool:
    """Whether the labelled thing is what this box shows."""
    common = shared_area(box, labelled)
    of_box, of_label = common / max(area(box), 1e-9), common / max(area(labelled), 1e-9)
    return of_box > FILLS or (of_label > HOLDS and of_box > OF_IT)


def _touches(box: Region, burning: Sequence[Region]) -> bool:
    return any(shared_area(box, one) > 0 for one in burning)


def _jittered(box: Region, rng: Rng) -> Region:
    wide, high = box[2] - box[0], box[3] - box[1]
    moved = np.clip(np.array(box) + rng.normal(0, JITTER, 4) * [wide, high, wide, high], 0, 1)
    x1, y1, x2, y2 = (float(share) for share in moved)
    return (x1, y1, x2, y2)


def _anywhere(rng: Rng) -> Region:
    side = rng.uniform(0.06, 0.5)
    x, y = rng.uniform(0, 1 - side), rng.uniform(0, 1 - side)
    return (x, y, x + side, y + side)
