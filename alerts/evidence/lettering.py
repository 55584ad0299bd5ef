"""Words burnt into pictures, with Vietnamese marks: drawn by Pillow on a ground of one colour.

What was drawn is kept, so the same words on the next picture cost a copy.
"""

import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alerts.evidence.fonts import Font, font_file

Bgr = tuple[int, int, int]
_KEPT_LINES = 256


@lru_cache(maxsize=_KEPT_LINES)
def line_of_words(text: str, size_px: int, colour: Bgr, ground: Bgr) -> NDArray[np.uint8]:
    """One line of words on its ground: a BGR picture as large as they need."""
    font, composed = _font(size_px), unicodedata.normalize("NFC", text)
    left, top, right, bottom = font.getbbox(composed)
    above = -min(0, round(top))  # marks over capitals rise above the line
    size = (max(1, round(right - min(0, left))), above + max(round(bottom), sum(font.getmetrics())))
    canvas = Image.new("RGB", size, ground)  # its channels are B, G, R here
    at = (-min(0, left), above)
    ImageDraw.Draw(canvas).text(at, composed, fill=colour, font=font)
    drawn = np.array(canvas, np.uint8)
    drawn.setflags(write=False)
    return drawn


def paste(drawn: Any, line: NDArray[np.uint8], at: tuple[int, int]) -> None:
    """Lay a line of words into a picture, its upper left corner at `(x, y)`; clipped."""
    x, y = at
    place = drawn[y : y + line.shape[0], x : x + line.shape[1]]
    place[:] = line[: place.shape[0], : place.shape[1]]


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    path = font_file(Font.SANS_BOLD)
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)
