"""Snapshots of an event: the frame as JPEG, without and with its box and label.

Raises `EvidenceFailed`.
"""

import unicodedata
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from thapcanh.alerts.evidence.fonts import Font, font_file
from thapcanh.alerts.store.errors import EvidenceFailed
from thapcanh.detection.event import Event
from thapcanh.detection.rules.registry import label_words

Picture = NDArray[np.uint8]
_QUALITY = 90
_COLOUR = {1: (0, 94, 213), 2: (66, 228, 240), 3: (233, 180, 86)}  # BGR of design §12
_BLACK = (0, 0, 0)
_DRILL = "DIỄN TẬP / EXERCISE"
_DRILL_COLOUR = (80, 200, 120)  # of no severity
_WORDS = {
    "person": "người",
    "bicycle": "xe đạp",
    "motorcycle": "xe máy",
    "car": "ô tô",
    "bus": "xe buýt",
    "truck": "xe tải",
}  # of people and vehicles; rules name what they see, and the model the rest
Bgr = tuple[int, int, int]
_STORED_LINES = 256


def jpeg(picture: Picture) -> bytes:
    """Return a BGR picture as JPEG. Raise `EvidenceFailed`."""
    try:
        done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    except cv2.error as error:
        raise EvidenceFailed(f"no picture: {error}") from error
    if not done:
        raise EvidenceFailed("no picture: it cannot be encoded")
    return bytes(encoded.tobytes())


def boxed(picture: Picture, event: Event) -> Picture:
    """Return a copy with the event's box and label in the colour of its priority."""
    drawn = np.ascontiguousarray(picture).copy()
    height, width = drawn.shape[:2]
    x, y, w, h = event.box
    left, top = round(x * width), round(y * height)
    right, bottom = round((x + w) * width), round((y + h) * height)
    line_px = max(2, round(min(height, width) / 300))
    colour = _COLOUR.get(event.priority, _COLOUR[3])
    cv2.rectangle(drawn, (left, top), (right, bottom), _BLACK, line_px + 2)
    cv2.rectangle(drawn, (left, top), (right, bottom), colour, line_px)
    _draw_label(drawn, label(event), (left, top), colour)
    return drawn


def marked(picture: Picture) -> Picture:
    drawn = np.ascontiguousarray(picture).copy()
    width = drawn.shape[1]
    words = line_of_words(_DRILL, max(8, width // 20), _BLACK, _DRILL_COLOUR)
    height, text_width = words.shape[:2]
    cv2.rectangle(drawn, (0, 0), (width, height - 1), _DRILL_COLOUR, cv2.FILLED)
    paste(drawn, words, (max(0, (width - text_width) // 2), 0))
    return drawn


def label(event: Event) -> str:
    word = _WORDS.get(event.label) or label_words(event.label) or event.label
    return f"Mức {event.priority} · {word} {event.confidence * 100:.0f} %"


@lru_cache(maxsize=_STORED_LINES)
def line_of_words(text: str, size_px: int, colour: Bgr, ground: Bgr) -> NDArray[np.uint8]:
    """Return one line of text on its background, a BGR picture of the size needed."""
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
    """Paste a line of text with its upper left corner at `(x, y)`; clipped."""
    x, y = at
    place = drawn[y : y + line.shape[0], x : x + line.shape[1]]
    place[:] = line[: place.shape[0], : place.shape[1]]


def _draw_label(drawn: Any, text: str, corner: tuple[int, int], colour: Bgr) -> None:
    height, width = drawn.shape[:2]
    words = line_of_words(text, max(12, round(min(height, width) / 36)), colour, _BLACK)
    left = max(0, min(corner[0], width - words.shape[1]))
    paste(drawn, words, (left, max(0, corner[1] - words.shape[0])))


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    path = font_file(Font.SANS_BOLD)
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)
