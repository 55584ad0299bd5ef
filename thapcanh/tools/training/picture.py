"""Labelled picture of a training set."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]
"""One number a pixel, `(height, width)`, mostly an opacity of 0 to 1."""

FLAME = "fire"
SMOKE = "smoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledBox:
    """Labelled box: x1, y1, x2, y2 in shares (0..1) of the picture."""

    label: str
    xyxy: tuple[float, float, float, float]

    @property
    def area(self) -> float:
        """Share of the picture that it covers."""
        x1, y1, x2, y2 = self.xyxy
        return max(0.0, x2 - x1) * max(0.0, y2 - y1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingPicture:
    """Pixels and their labels."""

    pixels: Pixels
    boxes: tuple[LabelledBox, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Height, width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def with_pixels(self, pixels: npt.NDArray[np.float32]) -> "TrainingPicture":
        return replace(self, pixels=np.clip(pixels, 0, 255).astype(np.uint8))

    def with_box(self, box: LabelledBox) -> "TrainingPicture":
        return replace(self, boxes=(*self.boxes, box))

    def cut(self, box: LabelledBox) -> Pixels:
        height, width = self.size
        x1, y1, x2, y2 = box.xyxy
        return self.pixels[
            round(y1 * height) : max(round(y1 * height) + 1, round(y2 * height)),
            round(x1 * width) : max(round(x1 * width) + 1, round(x2 * width)),
        ]


def blend(below: Pixels, above: npt.ArrayLike, opacity: Plane) -> npt.NDArray[np.float32]:
    """Return `above` (pixels or one colour) over `below` with this opacity per pixel."""
    share = opacity[..., None]
    mixed: npt.NDArray[np.float32] = below * (1 - share) + np.asarray(above, np.float32) * share
    return mixed


def add_light(below: Pixels, colour: npt.ArrayLike, strength: Plane) -> npt.NDArray[np.float32]:
    added: npt.NDArray[np.float32] = (
        below + strength[..., None] * np.asarray(colour, np.float32)
    ).astype(np.float32)
    return added
