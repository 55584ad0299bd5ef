"""Watermark of a copy: who exported it, where and when."""

import cv2
import numpy as np
from numpy.typing import NDArray

from thapcanh.alerts.evidence.snapshots import line_of_words, paste
from thapcanh.ingest.frame import Plane

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_STRENGTH = 0.16  # found by who looks for it, no hindrance to seeing what is below
_ANGLE_DEG = 24.0
_LEAST_PX = 11
_Alpha = NDArray[np.float32]


class CopyMark:
    """Mark of a copy: `across` is repeated over it, `foot` is at its lower edge."""

    def __init__(self, *, across: str, foot: str) -> None:
        self._across = across
        self._foot = foot
        self._made: tuple[tuple[int, ...], _Alpha] | None = None

    def burn(self, luma: Plane, timestamp: str) -> None:
        """Draw the mark into the luma in place; `timestamp` is when it was recorded, or empty."""
        alpha = self._alpha(luma.shape)
        luma[:] = cv2.convertScaleAbs(luma + (255.0 - luma) * alpha)
        words = " · ".join(word for word in (timestamp, self._foot) if word)
        line = _fitting(words, luma.shape[0] // 40, luma.shape[1])
        paste(luma, line, (0, max(0, luma.shape[0] - line.shape[0])))

    def _alpha(self, size: tuple[int, ...]) -> _Alpha:
        if self._made is None or self._made[0] != size:
            self._made = size, _tiled(self._across, size)
        return self._made[1]


def _fitting(words: str, size_px: int, most_px: int) -> Plane:
    """Return a line of text no wider than `most_px`, unless that is illegible."""
    line = line_of_words(words, max(_LEAST_PX, size_px), _WHITE, _BLACK)
    if line.shape[1] > most_px:
        smaller = max(_LEAST_PX, size_px * most_px // line.shape[1])
        line = line_of_words(words, smaller, _WHITE, _BLACK)
    return line[:, :, 0]


def _tiled(words: str, size: tuple[int, ...]) -> _Alpha:
    """Return how much lighter each pixel becomes, (h, w) float32 0..1."""
    height, width = size
    line = line_of_words(words, max(_LEAST_PX, height // 28), _WHITE, _BLACK)[:, :, 0]
    side = int(np.hypot(height, width)) + 2
    step_x, step_y = line.shape[1] + line.shape[0] * 4, line.shape[0] * 6
    flat = np.zeros((side, side), np.uint8)
    for row, y in enumerate(range(0, side, step_y)):
        for x in range(-(row % 2) * step_x // 2, side, step_x):
            paste(flat, line[:, max(0, -x) :], (max(0, x), y))
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), _ANGLE_DEG, 1.0)
    turned = cv2.warpAffine(flat, turn, (side, side))
    top, left = (side - height) // 2, (side - width) // 2
    cut = turned[top : top + height, left : left + width]
    return np.asarray(cut, np.float32) * np.float32(_STRENGTH / 255)
