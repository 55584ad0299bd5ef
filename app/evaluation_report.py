"""An evaluation for people: a table on the terminal, or one HTML file with pictures in it.

The HTML needs nothing from outside: styles and pictures are inside the file.
"""

import base64
import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from app.replay import ReplayedLook
from app.score import Row, Score

PICTURE_WIDTH_PX = 480
JPEG_QUALITY = 80
_BURNING_BGR = {"fire": (0, 94, 213), "smoke": (66, 228, 240)}  # the screens' P1 and P2 colours
_OTHER_BGR = (160, 160, 160)

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>
<style>body{{font:15px system-ui,sans-serif;margin:2rem;max-width:70rem;background:#111;
color:#ddd}}
table{{border-collapse:collapse}}td,th{{padding:.2rem .7rem;text-align:left;
border-bottom:1px solid #333}}
figure{{display:inline-block;margin:.5rem;width:480px;vertical-align:top}}img{{max-width:100%}}
.seen,.quiet{{color:#7c7}}.missed,.early,.false_alert,.unreadable{{color:#f66}}</style>
<h1>Evaluation</h1>{summary}<h2>Misses and false alerts</h2>{pictures}<h2>Clips</h2>
<table><tr><th>file<th>kind<th>outcome<th>onset s<th>delay s<th>raised<th>reason</tr>{rows}</table>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One look to show: JPEG with boxes, when, and the chain of reasons."""

    jpeg: bytes
    at_s: float
    reason: str


def picture_of(look: ReplayedLook, reason: str) -> Picture:
    """The look's frame with its boxes drawn, small enough for a report."""
    picture = look.frame.bgr().copy()
    detections = look.detections
    for box, confidence, label in zip(
        detections.xyxy, detections.confidence, detections.label, strict=True
    ):
        x1, y1, x2, y2 = (round(float(value)) for value in box)
        colour = _BURNING_BGR.get(label, _OTHER_BGR)
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, 2)
        text = f"{label} {confidence:.2f}"
        cv2.putText(picture, text, (x1, max(12, y1 - 4)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour)
    scale = PICTURE_WIDTH_PX / picture.shape[1]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return Picture(jpeg=jpeg.tobytes(), at_s=look.frame.at_s, reason=reason)


def as_text(result: Score) -> str:
    """The score as a table for the terminal."""
    lines = [
        f"{row.outcome:12} {row.kind:9} {_number(row.delay_s):>6} s  {len(row.raised)} raised  "
        f"{row.file}{f': {row.error}' if row.error else ''}"
        for row in result.files
    ]
    return "\n".join([*lines, "", *_summary(result)])


def write_report(result: Score, pictures: Mapping[str, Picture], path: Path) -> None:
    """Write the HTML report; raises `OSError`."""
    summary = "".join(f"<p>{html.escape(line)}</p>" for line in _summary(result))
    page = _PAGE.format(
        summary=summary,
        pictures="".join(_figure(name, shown) for name, shown in pictures.items()) or "<p>none</p>",
        rows="".join(_html_row(row) for row in result.files),
    )
    path.write_text(page, encoding="utf-8")


def _summary(result: Score) -> list[str]:
    false, delay = result.false_alerts, result.delay_s
    recalls = [
        f"recall {kind}: {_number(recall.recall)} ({recall.seen} of {recall.clips})"
        for kind, recall in result.recall.items()
    ]
    return [
        *recalls,
        f"false alerts: {false.count} on {false.clips} clips in {false.quiet_s:.0f} quiet seconds "
        f"({_number(false.per_camera_hour)} per camera-hour)",
        f"delay: median {_number(delay.median)} s, p95 {_number(delay.p95)} s",
        f"repeated alerts of one clip: {result.repeats}; unreadable files: {result.unreadable}",
    ]


def _figure(name: str, picture: Picture) -> str:
    data = base64.b64encode(picture.jpeg).decode("ascii")
    caption = html.escape(f"{name} at {picture.at_s:.1f} s: {picture.reason}")
    return (
        f'<figure><img alt="" src="data:image/jpeg;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _html_row(row: Row) -> str:
    raised = ", ".join(f"{event.kind} {event.at_s:.1f} s" for event in row.raised)
    reason = row.error or " / ".join(event.reason for event in row.raised)
    cells = (row.file, row.kind, _number(row.onset_s), _number(row.delay_s), raised, reason)
    file, kind, onset, delay, told, why = (html.escape(cell) for cell in cells)
    return (
        f"<tr><td>{file}<td>{kind}<td class={row.outcome}>{row.outcome}"
        f"<td>{onset}<td>{delay}<td>{told}<td>{why}</tr>"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
