"""Pictures of an event: the frame as JPEG, without and with its box and label.

The label is drawn with OpenCV's own letters, in ASCII: Vietnamese loses its marks there, not on the
screens, which draw the box themselves. OpenCV 4 has no other letters; 5 has, for a drill's mark.
"""

import unicodedata
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from alerts.errors import EvidenceFailed
from detection.event import Event
from detection.rules.registry import label_words

Picture = NDArray[np.uint8]

_QUALITY = 90
_COLOUR = {1: (0, 94, 213), 2: (66, 228, 240), 3: (233, 180, 86)}  # BGR of design §12
_BLACK = (0, 0, 0)
_DRILL = "DIỄN TẬP / EXERCISE" if hasattr(cv2, "FontFace") else "DIEN TAP / EXERCISE"
_DRILL_COLOUR = (80, 200, 120)  # of no severity
_WORDS = {
    "person": "người",
    "bicycle": "xe đạp",
    "motorcycle": "xe máy",
    "car": "ô tô",
    "bus": "xe buýt",
    "truck": "xe tải",
}  # of people and vehicles; rules name what they see, and the model the rest
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def jpeg(picture: Picture) -> bytes:
    """A BGR picture as JPEG; raises `EvidenceFailed`."""
    try:
        done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    except cv2.error as error:
        raise EvidenceFailed(f"no picture: {error}") from error
    if not done:
        raise EvidenceFailed("no picture: it cannot be encoded")
    return bytes(encoded.tobytes())


def boxed(picture: Picture, event: Event) -> Picture:
    """A copy with the event's box and label drawn in the colour of its priority."""
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
    """A copy that says of itself that it is a drill, so that no print of it is taken for real."""
    drawn = np.ascontiguousarray(picture).copy()
    width = drawn.shape[1]
    scale = width / 640
    thickness = max(1, round(scale * 2))
    (text_w, text_h), below = cv2.getTextSize(_DRILL, _FONT, scale, thickness)
    cv2.rectangle(drawn, (0, 0), (width, text_h + 3 * below), _DRILL_COLOUR, cv2.FILLED)
    at = (max(0, (width - text_w) // 2), text_h + below)
    cv2.putText(drawn, _DRILL, at, _FONT, scale, _BLACK, thickness, cv2.LINE_AA)
    return drawn


def label(event: Event) -> str:
    """What is written at the box, in ASCII."""
    word = _WORDS.get(event.label) or label_words(event.label) or event.label
    text = f"P{event.priority} {word} {event.confidence:.0%}"
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return plain.encode("ascii", errors="ignore").decode()


def _draw_label(drawn: Any, text: str, corner: tuple[int, int], colour: Any) -> None:
    height, width = drawn.shape[:2]
    scale = max(0.4, min(height, width) / 900)
    thickness = max(1, round(scale * 2))
    (text_w, text_h), below = cv2.getTextSize(text, _FONT, scale, thickness)
    left = max(0, min(corner[0], width - text_w))
    base = max(text_h + below, corner[1] - below)
    cv2.rectangle(
        drawn, (left, base - text_h - below), (left + text_w, base + below), _BLACK, cv2.FILLED
    )
    cv2.putText(drawn, text, (left, base), _FONT, scale, colour, thickness, cv2.LINE_AA)
