"""Pictures and detections of the public `Detector`.

A picture is an array, a PIL image, a file or a `Frame`; anything else raises `DetectorError` with
the way out. Boxes: `xyxy` in pixels, `xyxyn` in shares of the picture. Pure functions.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from thapcanh.app.replay.replayed_event import public_repr
from thapcanh.detection.detections import Detections
from thapcanh.detection.errors import DetectorError
from thapcanh.ingest.frame import Frame, frame_of

if TYPE_CHECKING:
    import supervision
    from PIL.Image import Image

Box: TypeAlias = tuple[float, float, float, float]
Channels: TypeAlias = Literal["bgr", "rgb"]
Picture: TypeAlias = Union[Frame, NDArray[np.uint8], "Image", str, os.PathLike[str]]
_LEAST_PX = 16
_MOST_PX = 50_000_000
_WAY_OUT = (
    "give an array (height, width, 3) of uint8, a PIL image, the path of a picture, "
    "or a list of these"
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PictureDetection:
    """One detection in a picture.

    `xyxy` is left, top, right, bottom in pixels of the picture, `xyxyn` the same in shares (0..1).
    """

    label: str
    confidence: float
    xyxy: Box
    xyxyn: Box

    __repr__ = public_repr("Detection")


class PictureDetections(Sequence[PictureDetection]):
    """Detections in one picture, highest confidence first. `width` and `height` are in pixels."""

    def __init__(self, found: Detections, labels: Sequence[str]) -> None:
        """`labels` is the detector's whole vocabulary: it numbers the classes."""
        self.width, self.height = found.width, found.height
        self._found = found
        self._labels = tuple(labels)
        scale = np.array([found.width, found.height] * 2, dtype=np.float32)
        self._rows = tuple(
            PictureDetection(
                label=label, confidence=float(sure), xyxy=_box(box), xyxyn=_box(box / scale)
            )
            for label, sure, box in zip(found.label, found.confidence, found.xyxy, strict=True)
        )

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> PictureDetection: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PictureDetection]: ...
    def __getitem__(self, index: int | slice) -> PictureDetection | Sequence[PictureDetection]:
        return self._rows[index]

    def __iter__(self) -> Iterator[PictureDetection]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return (
            f"thapcanh.Detections({list(self._rows)!r}, width={self.width}, height={self.height})"
        )

    def to_supervision(self) -> "supervision.Detections":
        """Return the same as `supervision.Detections`, with `class_name` in its data."""
        return self._found.to_supervision(self._labels)


def frame_of_picture(picture: Any, channels: Channels) -> Frame:
    """Return any supported picture as a frame; `channels` is the order of an array's channels.

    Raises `DetectorError` for an unsupported type, form or size.
    """
    if isinstance(picture, Frame):
        return picture
    if isinstance(picture, str | os.PathLike):
        pixels, channels = _read(Path(picture)), "bgr"
    elif hasattr(picture, "getbands") and hasattr(picture, "convert"):  # a PIL image
        pixels, channels = np.asarray(picture.convert("RGB")), "rgb"
    else:
        pixels = picture
    return frame_of(_checked(pixels, channels))


def _read(path: Path) -> NDArray[np.uint8]:
    """Return a picture file's pixels (BGR). Raise `DetectorError`."""
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise DetectorError(f"{path}: {error.strerror or error}; {_WAY_OUT}") from None
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if pixels is None:
        raise DetectorError(f"{path}: is no picture that OpenCV reads; films are for watch()")
    return np.asarray(pixels, dtype=np.uint8)


def _checked(pixels: Any, channels: str) -> NDArray[np.uint8]:
    if channels not in ("bgr", "rgb"):
        raise DetectorError(f"channels={channels!r}: expected 'bgr' or 'rgb'")
    if pixels is None:
        raise DetectorError(
            "None is no picture (cv2.imread returns None for a file that it cannot read); "
            + _WAY_OUT
        )
    if not isinstance(pixels, np.ndarray):
        raise DetectorError(f"{type(pixels).__name__} is no picture; {_WAY_OUT}")
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise DetectorError(
            f"an array of shape {pixels.shape}: expected (height, width, 3); convert grey pictures "
            "with cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), and drop an alpha channel"
        )
    if pixels.dtype != np.uint8:
        raise DetectorError(
            f"an array of {pixels.dtype}: expected uint8 in 0..255; for shares in 0..1 use "
            "(picture * 255).astype('uint8')"
        )
    height, width = pixels.shape[:2]
    if min(height, width) < _LEAST_PX or height * width > _MOST_PX:
        raise DetectorError(
            f"a picture of {width}×{height} pixels: expected at least {_LEAST_PX} a side and "
            f"at most {_MOST_PX // 1_000_000} megapixels"
        )
    return pixels if channels == "bgr" else np.ascontiguousarray(pixels[:, :, ::-1])


def _box(values: NDArray[np.float32]) -> Box:
    left, top, right, bottom = (float(value) for value in values)
    return left, top, right, bottom
