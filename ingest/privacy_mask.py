"""Privacy masks painted over a picture before it leaves this machine."""

from collections.abc import Sequence
from dataclasses import replace

import av
import cv2
import numpy as np

from thapcanh.ingest.frame import Frame, Plane, converted

Polygons = Sequence[Sequence[tuple[float, float]]]

_BLACK = (16, 128, 128)  # Y, U, V of limited range
_BEYOND_PX = 2


class PrivacyMask:
    """Masked parts of one camera; thread-safe."""

    def __init__(self, polygons: Polygons) -> None:
        self._polygons = tuple(tuple(one) for one in polygons)
        self._made: tuple[tuple[int, int], Plane, Plane] | None = None

    def __bool__(self) -> bool:
        return bool(self._polygons)

    def on_frame(self, frame: Frame) -> Frame:
        """Return the frame with its masked parts black; the same object without masks."""
        if not self._polygons:
            return frame
        picture = self.on_picture(frame.picture)
        return replace(frame, picture=picture, width=picture.width, height=picture.height)

    def on_picture(self, picture: av.VideoFrame) -> av.VideoFrame:
        """Return a masked copy in `yuv420p` with even sides and the same times."""
        width, height = picture.width // 2 * 2, picture.height // 2 * 2
        copied = converted(picture, width=width, height=height, format="yuv420p")
        planes: Plane = np.asarray(copied.to_ndarray(), np.uint8)
        luma, chroma = self._masks(width, height)
        y, uv = planes[:height], planes[height:].reshape(2, height // 2, width // 2)
        for plane, where, black in ((y, luma, 0), (uv[0], chroma, 1), (uv[1], chroma, 2)):
            plane[where] = _BLACK[black]
        painted = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        painted.pts = picture.pts
        if picture.time_base is not None:
            painted.time_base = picture.time_base
        painted.color_range, painted.colorspace = copied.color_range, copied.colorspace
        return painted

    def _masks(self, width: int, height: int) -> tuple[Plane, Plane]:
        """Return the masked pixels of the luma and chroma planes."""
        made = self._made
        if made is None or made[0] != (width, height):
            luma = np.zeros((height, width), np.uint8)
            for polygon in self._polygons:
                corners = np.array(polygon) * (width, height)
                cv2.fillPoly(luma, [np.round(corners).astype(np.int32)], 1)
            kernel = np.ones((2 * _BEYOND_PX + 1, 2 * _BEYOND_PX + 1), np.uint8)
            luma = np.asarray(cv2.dilate(luma, kernel), np.uint8)
            chroma = luma.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3))
            made = self._made = (width, height), luma.astype(bool), chroma.astype(bool)
        return made[1], made[2]
