"""A labelled picture on its way into a training set.

Pixels are `(height, width, 3) uint8` BGR, as OpenCV reads them; boxes are shares of the picture.
"""

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
    """One labelled thing: x1, y1, x2, y2 in shares (0..1) of the picture."""

    label: str
    xyxy: tuple[float, float, float, float]

    @property
    def area(self) -> float:
        """Share of the picture that it covers."""
        x1, y1, x2, y2 = self.xyxy
        return max(0.0, x2 - x1) * max(0.0, y2 - y1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingPicture:
    """Pixels and what is known to be in them."""

    pixels: Pixels
    boxes: tuple[LabelledBox, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Height, width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def with_pixels(self, pixels: npt.NDArray[np.float32]) -> "TrainingPicture":
        """The same things in other light; values are cut to 0..255."""
        return replace(self, pixels=np.clip(pixels, 0, 255).astype(np.uint8))

    def with_box(self, box: LabelledBox) -> "TrainingPicture":
        """One thing more."""
        return replace(self, boxes=(*self.boxes, box))

    def cut(self, box: LabelledBox) -> Pixels:
        """The pixels inside a box."""
        height, width = self.size
        x1, y1, x2, y2 = box.xyxy
        return self.pixels[
            round(y1 * height) : max(round(y1 * height) + 1, round(y2 * height)),
            round(x1 * width) : max(round(x1 * width) + 1, round(x2 * width)),
        ]


def blend(below: Pixels, above: npt.ArrayLike, opacity: Plane) -> npt.NDArray[np.float32]:
    """`above` (pixels or one colour) over `below`, as opaque as `opacity` says for each pixel."""
    share = opacity[..., None]
    mixed: npt.NDArray[np.float32] = below * (1 - share) + np.asarray(above, np.float32) * share
    return mixed


def add_light(below: Pixels, colour: npt.ArrayLike, strength: Plane) -> npt.NDArray[np.float32]:
    """Light of one colour on top of what is there, as a lamp or a low sun adds it."""
    added: npt.NDArray[np.float32] = (
        below + strength[..., None] * np.asarray(colour, np.float32)
    ).astype(np.float32)
    return added
