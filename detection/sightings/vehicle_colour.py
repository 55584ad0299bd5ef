"""The colour of a vehicle's body: which of eight classes most of its box's middle has.

Nothing is told by night or by infra-red, where a picture has little colour or light, nor of a box
that is small. Each pixel of a small sample is put into a class by hue, saturation and value.
Wheels, windows and shade are dark and grey on every vehicle, so a coloured pixel counts more.
"""

import cv2
import numpy as np
import numpy.typing as npt

from detection.region import Region
from detection.sightings.sighting import COLOURS, VehicleColour
from ingest.frame import Frame, Plane

LEAST_SIDE_PX = 24
_LEAST_CHROMA = 3.0  # mean distance of U and V from grey: infra-red has below 1
_LEAST_LUMA = 55.0
_SAMPLE_PX = 32
_MIDDLE = (0.2, 0.25, 0.8, 0.8)
_LEAST_SHARE = 0.35
_COLOURED_WORTH = 2.0
_INDEX = {colour: index for index, colour in enumerate(COLOURS)}


def has_colours(planes: tuple[Plane, Plane, Plane]) -> bool:
    """Whether a picture is bright and coloured enough to tell colours."""
    y, u, v = (plane[::16, ::16].astype(np.float32) for plane in planes)
    chroma = float(np.abs(u - 128).mean() + np.abs(v - 128).mean())
    return chroma >= _LEAST_CHROMA and float(y.mean()) >= _LEAST_LUMA


def vehicle_colour(frame: Frame, box: Region) -> VehicleColour | None:
    """The colour of the vehicle in the box, or None where it cannot be told."""
    planes = frame.planes()
    if not has_colours(planes):
        return None
    sample = _sample(planes, box)
    return None if sample is None else colour_of(sample)


def colour_of(pixels: Plane) -> VehicleColour | None:
    """The class that most of the pixels, (h, w, 3) uint8 blue first, belong to."""
    classes = _classes(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV), np.uint8))
    counts = np.bincount(classes.ravel(), minlength=len(COLOURS)).astype(np.float64)
    counts[_INDEX[VehicleColour.RED] :] *= _COLOURED_WORTH
    best = int(counts.argmax())
    return COLOURS[best] if counts[best] >= _LEAST_SHARE * counts.sum() else None


def _classes(hsv: Plane) -> npt.NDArray[np.intp]:
    """The class of each pixel, as an index of `COLOURS`. Hue is 0..179."""
    hue, saturation, value = (hsv[..., n].astype(np.int16) for n in range(3))
    grey = np.select(
        [value < 60, value > 165],
        [_INDEX[VehicleColour.BLACK], _INDEX[VehicleColour.WHITE]],
        _INDEX[VehicleColour.GREY],
    )
    warm = np.where(
        (saturation > 110) & (value > 140),
        _INDEX[VehicleColour.YELLOW],
        _INDEX[VehicleColour.BROWN],
    )
    coloured = np.select(
        [(hue < 8) | (hue >= 168), hue < 18, hue < 36, hue < 88, hue < 135],
        [
            _INDEX[VehicleColour.RED],
            _INDEX[VehicleColour.BROWN],
            warm,
            _INDEX[VehicleColour.GREEN],
            _INDEX[VehicleColour.BLUE],
        ],
        _INDEX[VehicleColour.RED],
    )
    is_grey = (saturation < 60) | (value < 45)
    return np.where(is_grey, grey, coloured).astype(np.intp)


def _sample(planes: tuple[Plane, Plane, Plane], box: Region) -> Plane | None:
    """The middle of the box as a small picture, blue first; None where it is too small."""
    height, width = planes[0].shape
    if min((box[2] - box[0]) * width, (box[3] - box[1]) * height) < LEAST_SIDE_PX:
        return None
    parts = [_part(plane, box) for plane in planes]
    size = (_SAMPLE_PX, _SAMPLE_PX)
    yuv = np.dstack([cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in parts])
    full = yuv.astype(np.float32) - (16, 128, 128)
    full *= 255 / 219, 255 / 224, 255 / 224
    as_ycrcb = np.clip(full[..., (0, 2, 1)] + (0, 128, 128), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(as_ycrcb, cv2.COLOR_YCrCb2BGR), np.uint8)


def _part(plane: Plane, box: Region) -> Plane:
    height, width = plane.shape
    x1, y1, x2, y2 = box
    left, right = (x1 + share * (x2 - x1) for share in (_MIDDLE[0], _MIDDLE[2]))
    top, bottom = (y1 + share * (y2 - y1) for share in (_MIDDLE[1], _MIDDLE[3]))
    first, last = int(left * width), max(int(left * width) + 1, int(right * width))
    upper, lower = int(top * height), max(int(top * height) + 1, int(bottom * height))
    return plane[upper:lower, first:last]
