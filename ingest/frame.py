"""Decoded picture with its times and its two pixel forms.

`planes()` is for the model's letterbox, `bgr()` for snapshots; both are thread-safe. PyAV changes a
picture's own fields while it converts, without the interpreter's lock, so only `converted`
converts, one thread per picture.
"""

import threading
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.uint8]

_LUMA_FIRST = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
SMALL_PX = 320
"""Longest side of the small luma picture, on which changes are measured."""
_LEAST_PX = 6
_TURNS = tuple(threading.Lock() for _ in range(64))  # of pictures, by where they lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Picture of one camera. `at_s` never goes back for a camera."""

    camera_id: str
    picture: av.VideoFrame
    width: int
    height: int
    at_s: float
    """Seconds of camera time."""
    captured_at: float
    """UTC unix seconds at which the picture was taken, as well as we know."""
    decoded_at: float
    """UTC unix seconds at which it came out of the decoder."""
    damage: int = 0
    """Of a picture of which data were lost (some of it is grey, smeared or old): the number of its
    group of pictures among those that were hit, from 1. 0: it is whole."""
    _small: list[Plane] = field(default_factory=list, init=False, repr=False, compare=False)

    def planes(self) -> tuple[Plane, Plane, Plane]:
        """Y (h, w), U and V (ceil h/2, ceil w/2), uint8, limited range (I420)."""
        picture = self.picture
        if picture.format.name != "yuv420p" or is_full_range(picture):
            picture = limited(picture, picture.width, picture.height)
        y, u, v = (_view(plane) for plane in picture.planes)
        return y, u, v

    def luma(self) -> Plane:
        """Brightness as it was coded, (h, w) uint8; without a copy for the usual formats."""
        if self.picture.format.name in _LUMA_FIRST:
            return _view(self.picture.planes[0])
        return self.planes()[0]

    def small_luma(self) -> Plane:
        """Return Y of `planes`, at most `SMALL_PX` a side; computed at the first call."""
        if not self._small:
            small = _reduced(self.luma())
            is_full = is_full_range(self.picture)
            if is_full and self.picture.format.name in _LUMA_FIRST:  # others: `luma` has done it
                small = np.asarray(cv2.convertScaleAbs(small, alpha=219 / 255, beta=16), np.uint8)
            self._small.append(small)
        return self._small[0]

    def cut(self, left: int, top: int, width: int, height: int) -> "Frame":
        """Return a part as a frame of its own; all four numbers must be even (chroma is halved)."""
        y, u, v = self.planes()
        half = np.s_[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2]
        parts = (y[top : top + height, left : left + width], u[half], v[half])
        i420 = np.concatenate([part.reshape(-1) for part in parts])
        picture = av.VideoFrame.from_ndarray(i420.reshape(height * 3 // 2, width), format="yuv420p")
        picture.colorspace = self.picture.colorspace
        return replace(self, picture=picture, width=width, height=height)

    def fitted(self, most_width: int, most_height: int) -> "Frame":
        """Return the frame scaled to fit, `yuv420p` of limited range with even sides."""
        scale = min(1.0, most_width / self.width, most_height / self.height)
        width, height = (max(2, round(one * scale / 2) * 2) for one in (self.width, self.height))
        picture = limited(self.picture, width, height)
        return replace(self, picture=picture, width=width, height=height)

    def bgr(self) -> Plane:
        """Return the whole picture, (h, w, 3) uint8, blue first."""
        return np.asarray(converted(self.picture, format="bgr24").to_ndarray(), dtype=np.uint8)


def frame_of(pixels: Plane) -> Frame:
    """Return a frame of no camera from (h, w, 3) uint8 BGR; cut to even sides."""
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    even = np.ascontiguousarray(pixels[:height, :width])
    picture = av.VideoFrame.from_ndarray(even, format="bgr24")
    return Frame(
        camera_id="picture",
        picture=converted(picture, format="yuv420p", dst_color_range="MPEG"),
        width=width,
        height=height,
        at_s=0.0,
        captured_at=0.0,
        decoded_at=0.0,
    )


def converted(picture: av.VideoFrame, **wanted: Any) -> av.VideoFrame:
    """Return the picture in another format or size (`av.video.reformatter`); thread-safe."""
    with _turn(picture):
        return VideoReformatter().reformat(picture, threads=1, **wanted)


def limited(picture: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """Return the picture in this size as `yuv420p` of limited range."""
    src = "JPEG" if is_full_range(picture) else "MPEG"
    return converted(
        picture,
        width=width,
        height=height,
        format="yuv420p",
        src_color_range=src,
        dst_color_range="MPEG",
    )


def is_full_range(picture: av.VideoFrame) -> bool:
    with _turn(picture):
        return picture.color_range == _FULL_RANGE or picture.format.name.startswith("yuvj")


def _turn(picture: av.VideoFrame) -> threading.Lock:
    return _TURNS[(id(picture) >> 6) % len(_TURNS)]


def _reduced(luma: Plane) -> Plane:
    height, width = luma.shape
    scale = min(1.0, SMALL_PX / max(height, width))
    size = (max(_LEAST_PX, round(width * scale)), max(_LEAST_PX, round(height * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _view(plane: Any) -> Plane:
    """Return a view without line padding; no copy."""
    lines = np.frombuffer(plane, dtype=np.uint8).reshape(plane.height, plane.line_size)
    return lines[:, : plane.width]
