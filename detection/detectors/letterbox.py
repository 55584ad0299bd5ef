"""Letterbox: a frame's planes to the model's input, and boxes back."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detections import Boxes

STRIDE_PX = 32
PADDING = 114  # the grey that YOLO models are trained with
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterbox:
    """Position of a `width`×`height` picture in an `input_width`×`input_height` input."""

    width: int
    height: int
    input_width: int
    input_height: int
    inner_width: int
    inner_height: int
    left: int
    top: int

    @property
    def input_shape(self) -> tuple[int, int]:
        """Height, width: the key of a compiled model."""
        return self.input_height, self.input_width

    def fill(self, planes: tuple[Picture, Picture, Picture]) -> Picture:
        """Return the input, `(input_height, input_width, 3) uint8` RGB, from I420 planes."""
        inner = self._inner(planes)
        filled = np.full((self.input_height, self.input_width, 3), PADDING, dtype=np.uint8)
        filled[
            self.top : self.top + self.inner_height, self.left : self.left + self.inner_width
        ] = inner
        return filled

    def boxes_back(self, boxes: Boxes) -> Boxes:
        """Return boxes in pixels of the picture, cut at its edges."""
        scale_x = self.width / self.inner_width
        scale_y = self.height / self.inner_height
        shift = np.array([self.left, self.top] * 2, dtype=np.float32)
        scale = np.array([scale_x, scale_y] * 2, dtype=np.float32)
        limit = np.array([self.width, self.height] * 2, dtype=np.float32)
        back: Boxes = np.clip((boxes - shift) * scale, 0, limit).astype(np.float32)
        return back

    def _inner(self, planes: tuple[Picture, Picture, Picture]) -> Picture:
        luma = (self.inner_width, self.inner_height)
        chroma = (self.inner_width // 2, self.inner_height // 2)
        small = [
            cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
            for plane, size in zip(planes, (luma, chroma, chroma), strict=True)
        ]
        stacked = np.concatenate([plane.reshape(-1) for plane in small])
        i420 = stacked.reshape(self.inner_height * 3 // 2, self.inner_width)
        return np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420), dtype=np.uint8)


def letterbox(width: int, height: int, longest_px: int) -> Letterbox:
    """Fit a picture so that its longer side is `longest_px`; sides stay even for the chroma."""
    ratio = longest_px / max(width, height)
    inner_width = max(2, round(width * ratio / 2) * 2)
    inner_height = max(2, round(height * ratio / 2) * 2)
    input_width = -(-inner_width // STRIDE_PX) * STRIDE_PX
    input_height = -(-inner_height // STRIDE_PX) * STRIDE_PX
    return Letterbox(
        width=width,
        height=height,
        input_width=input_width,
        input_height=input_height,
        inner_width=inner_width,
        inner_height=inner_height,
        left=(input_width - inner_width) // 2,
        top=(input_height - inner_height) // 2,
    )
