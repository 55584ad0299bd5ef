"""Colour of a vehicle's body: the most frequent of eight classes in its lower part.

The accuracy is in docs/recording.md.
"""

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.region import Region
from thapcanh.detection.sightings.sighting import COLOURS, VehicleColour
from thapcanh.ingest.frame import Frame, Plane

LEAST_SIDE_PX = 24
_LEAST_CHROMA = 3.0  # mean distance of U and V from grey: infra-red has below 1
_LEAST_LUMA = 55.0
_SAMPLE_PX = 24
_BODY = (0.15, 0.55, 0.85, 0.75)
_LEAST_SHARE = 0.4
_COLOURED_WORTH = 2.5
_BLACK, _WHITE = 50, 165  # of 255, the strongest of R, G and B
_COLOURED, _COLOURED_OF_VALUE = 20, 0.22  # between the strongest and the weakest of them
_VIVID, _BRIGHT = 80, 130
_INDEX = {colour: index for index, colour in enumerate(COLOURS)}


class PictureColours:
    """Colours of one picture, computed on demand."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._planes: tuple[Plane, Plane, Plane] | None = None
        self._can_tell = False

    def vehicle(self, box: Region) -> VehicleColour | None:
        width, height = self._frame.width, self._frame.height
        if min((box[2] - box[0]) * width, (box[3] - box[1]) * height) < LEAST_SIDE_PX:
            return None
        if self._planes is None:
            self._planes = self._frame.planes()
            self._can_tell = has_colours(self._planes)
        return colour_of(_sample(self._planes, box)) if self._can_tell else None


def has_colours(planes: tuple[Plane, Plane, Plane]) -> bool:
    """Return whether a picture is bright and colourful enough."""
    y, u, v = (plane[::16, ::16].astype(np.float32) for plane in planes)
    chroma = float(np.abs(u - 128).mean() + np.abs(v - 128).mean())
    return chroma >= _LEAST_CHROMA and float(y.mean()) >= _LEAST_LUMA


def colour_of(pixels: Plane) -> VehicleColour | None:
    """Return the most frequent class of the pixels, (h, w, 3) uint8 blue first, or None."""
    counts = np.bincount(_classes(pixels).ravel(), minlength=len(COLOURS)).astype(np.float64)
    counts[_INDEX[VehicleColour.RED] :] *= _COLOURED_WORTH
    best = int(counts.argmax())
    return COLOURS[best] if counts[best] >= _LEAST_SHARE * counts.sum() else None


def _classes(pixels: Plane) -> npt.NDArray[np.intp]:
    """Return the class of each pixel as an index of `COLOURS`."""
    hue = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)[..., 0]  # 0..179
    value = pixels.max(axis=2).astype(np.int16)
    colour = value - pixels.min(axis=2)
    grey = np.select(
        [value < _BLACK, value > _WHITE],
        [_INDEX[VehicleColour.BLACK], _INDEX[VehicleColour.WHITE]],
        _INDEX[VehicleColour.GREY],
    )
    is_yellow = (colour > _VIVID) & (value > _BRIGHT)
    warm = np.where(is_yellow, _INDEX[VehicleColour.YELLOW], _INDEX[VehicleColour.BROWN])
    coloured = np.select(
        [(hue < 8) | (hue >= 165), hue < 18, hue < 36, hue < 88, hue < 135],
        [
            _INDEX[VehicleColour.RED],
            _INDEX[VehicleColour.BROWN],
            warm,
            _INDEX[VehicleColour.GREEN],
            _INDEX[VehicleColour.BLUE],
        ],
        _INDEX[VehicleColour.RED],
    )
    is_coloured = colour > np.maximum(_COLOURED, _COLOURED_OF_VALUE * value)
    return np.where(is_coloured, coloured, grey).astype(np.intp)


def _sample(planes: tuple[Plane, Plane, Plane], box: Region) -> Plane:
    """Return the part of the box that shows its body, as a small picture, blue first."""
    size = (_SAMPLE_PX, _SAMPLE_PX)
    y, u, v = (cv2.resize(_body(plane, box), size) for plane in planes)
    yuv = np.dstack((y, v, u)).astype(np.float32) - (16, 128, 128)
    ycrcb = np.clip(yuv * (255 / 219, 255 / 224, 255 / 224) + (0, 128, 128), 0, 255)
    return np.asarray(cv2.cvtColor(ycrcb.astype(np.uint8), cv2.COLOR_YCrCb2BGR), np.uint8)


def _body(plane: Plane, box: Region) -> Plane:
    """Return the body's part of a plane, subsampled if it is large."""
    height, width = plane.shape
    x1, y1, x2, y2 = box
    left, right = (x1 + share * (x2 - x1) for share in (_BODY[0], _BODY[2]))
    top, bottom = (y1 + share * (y2 - y1) for share in (_BODY[1], _BODY[3]))
    first, last = int(left * width), max(int(left * width) + 1, int(right * width))
    upper, lower = int(top * height), max(int(top * height) + 1, int(bottom * height))
    step = max(1, (lower - upper) // _SAMPLE_PX)
    return plane[upper:lower:step, first:last:step]
