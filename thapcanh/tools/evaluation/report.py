"""Report of an evaluation: a table for the terminal, or one self-contained HTML file."""

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from thapcanh.alerts.evidence.snapshots import line_of_words, paste
from thapcanh.app.replay.replay import ReplayedInference
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.tools.evaluation.report_plots import plots
from thapcanh.tools.evaluation.score import (
    NAMED_WITHIN_S,
    ClipOutcome,
    ClipScore,
    Delay,
    FalseAlerts,
    RaisedEvent,
    Recall,
    Score,
)

PICTURE_WIDTH_PX = 480
JPEG_QUALITY = 80
_BURNING_BGR = {"fire": (0, 94, 213), "smoke": (66, 228, 240)}  # the screens' P1 and P2 colours
_OTHER_BGR = (160, 160, 160)
_Colour = tuple[int, int, int]
PictureKey = tuple[str, str]  # truth table, file

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>
<style>body{{font:15px system-ui,sans-serif;margin:2rem;max-width:90rem;background:#111;
color:#ddd}}
h2{{margin-top:2.5rem}}
table{{border-collapse:collapse}}td,th{{padding:.25rem .7rem;text-align:left;vertical-align:top;
border-bottom:1px solid #333}}
td.number{{text-align:right;white-space:nowrap}}td.told{{white-space:nowrap}}
figure{{display:inline-block;margin:0 1.5rem 1.5rem 0;width:480px;vertical-align:top}}
img{{max-width:100%;display:block}}figcaption{{padding:.4rem 0}}small{{color:#999}}
.seen,.quiet{{color:#7c7}}.missed,.early,.false_alert,.unreadable{{color:#f66;font-weight:600}}
</style>
<h1>Evaluation</h1><p>{model}</p>{tables}</html>
"""
_PART = """<h2>{table}</h2><table>{summary}</table>
<h3>How soon, how surely</h3>{plots}
<h3>Misses and false alerts</h3>{pictures}<h3>Hits</h3>{hits}<h3>Clips</h3>
<p><small>Bad outcomes come first. <b>surest</b> is the detector's highest confidence in flame or
smoke in any look; <b>reason</b> is the chain that raised the alert, or what the rules said of the
look that came nearest to one.</small></p>
<table><tr><th>file<th>kind<th>outcome<th>as P1<th>onset s<th>delay s<th>surest<th>raised<th>reason
</tr>
{rows}</table>
"""
_WORDS = {
    ClipOutcome.MISSED: "missed: nothing was raised",
    ClipOutcome.EARLY: "raised before it began",
    ClipOutcome.FALSE_ALERT: "false alert",
    ClipOutcome.DETECTED: "hit",
}
_WORST_FIRST = (
    ClipOutcome.UNREADABLE,
    ClipOutcome.MISSED,
    ClipOutcome.EARLY,
    ClipOutcome.FALSE_ALERT,
    ClipOutcome.NOT_SCORED,
    ClipOutcome.DETECTED,
    ClipOutcome.QUIET,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPicture:
    """A JPEG with boxes, its time, and the chain of reasons."""

    jpeg: bytes
    at_s: float
    reason: str


def picture_of(look: ReplayedInference, reason: str) -> ReportPicture:
    """Return the inference's frame with boxes, scaled for a report."""
    whole = look.frame.bgr()
    scale = PICTURE_WIDTH_PX / whole.shape[1]
    picture = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    draw_detections(picture, look.detections, scale)
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return ReportPicture(jpeg=jpeg.tobytes(), at_s=look.frame.at_s, reason=reason)


def draw_detections(picture: cv2.typing.MatLike, found: Detections, scale: float = 1.0) -> None:
    """Draw boxes with label and confidence in place; `scale` is the picture's to the frame's."""
    rows = zip(found.xyxy, found.confidence, found.label, strict=True)
    for box, confidence, label in reversed(list(rows)):  # the surest lies on top
        corners = [round(float(value) * scale) for value in box]
        draw_box(picture, corners, f"{label} {confidence:.2f}", _BURNING_BGR.get(label, _OTHER_BGR))


def draw_box(picture: cv2.typing.MatLike, corners: list[int], text: str, colour: _Colour) -> None:
    """Draw a box, and its name in black on its colour, all of it inside the picture."""
    left, top, right, bottom = corners
    width = picture.shape[1]
    cv2.rectangle(picture, (left, top), (right, bottom), colour, max(2, width // 480))
    words = line_of_words(text, max(12, width // 80), (0, 0, 0), colour)
    at = max(0, min(left, width - words.shape[1])), max(0, top - words.shape[0])
    paste(picture, words, at)


def as_text(result: Score) -> str:
    """Return the score as a table for the terminal."""
    lines = [
        f"{row.outcome:12} {row.p1_outcome:12} {row.kind:9} {_number(row.delay_s):>6} s  "
        f"{len(row.raised)} raised  {row.file}{f': {row.error}' if row.error else ''}"
        for row in result.files
    ]
    return "\n".join([f"{result.table}: outcome of all, of P1", *lines, "", *_summary(result)])


def write_report(
    results: Sequence[Score],
    pictures: Mapping[PictureKey, ReportPicture],
    model: ModelIdentity,
    path: Path,
) -> None:
    """Write the HTML report, a part a truth table; raises `OSError`."""
    page = _PAGE.format(
        model=html.escape(f"weights {model.name}, sha256 {model.sha256}"),
        tables="".join(_part(result, pictures) for result in results),
    )
    path.write_text(page, encoding="utf-8")


def _part(result: Score, pictures: Mapping[PictureKey, ReportPicture]) -> str:
    rows = sorted(result.files, key=lambda row: (_WORST_FIRST.index(row.outcome), row.file))
    shown = [(row, pictures.get((row.table, row.file))) for row in rows]
    figures = [(row, _figure(row, picture)) for row, picture in shown if picture is not None]
    hits = "".join(figure for row, figure in figures if row.outcome is ClipOutcome.DETECTED)
    others = "".join(figure for row, figure in figures if row.outcome is not ClipOutcome.DETECTED)
    summary = (line.partition(": ") for line in _summary(result))
    return _PART.format(
        table=html.escape(result.table),
        summary="".join(f"<tr><th>{html.escape(a)}<td>{html.escape(b)}" for a, _, b in summary),
        plots=plots(result),
        pictures=others or "<p>none</p>",
        hits=hits or "<p>none</p>",
        rows="".join(_html_row(row) for row in rows),
    )


def _summary(result: Score) -> list[str]:
    levels = (
        ("", result.recall.all, result.false_alerts.all, result.delay_s.all),
        (" as P1", result.recall.p1, result.false_alerts.p1, result.delay_s.p1),
    )
    lines = [line for level in levels for line in _level(*level)]
    within = f"fire called fire within {NAMED_WITHIN_S:.0f} s"
    for name, kind in ((within, "fire"), ("smoke ever called fire", "smoke")):
        lines.append(f"{name}: {_recall_text(result.called_fire[kind])}")
    for scene, item in result.by_scene.items():
        for name, false in (("", item.false_alerts.all), (" as P1", item.false_alerts.p1)):
            if false.of_clips:
                lines.append(f"false alerts{name}, scene {scene}: {_false_text(false)}")
    reached = (
        f"{name} " + ", ".join(f"P{priority} {count}" for priority, count in counts.items())
        for name, counts in result.by_priority.items()
    )
    lines.append(f"events by the priority they reached: {'; '.join(reached)}")
    note = f"repeated alerts of one clip: {result.repeats}; unreadable files: {result.unreadable}"
    return [*lines, note]


def _level(name: str, recalls: dict[str, Recall], false: FalseAlerts, delay: Delay) -> list[str]:
    """Return the lines of one priority level."""
    seen = [f"recall {kind}{name}: {_recall_text(recall)}" for kind, recall in recalls.items()]
    return [
        *seen,
        f"false alerts{name}: {_false_text(false)}",
        f"delay{name}: median {_number(delay.median)} s, p95 {_number(delay.p95)} s",
    ]


def _recall_text(item: Recall) -> str:
    return f"{_number(item.recall)} ({item.seen} of {item.clips}{_interval(item.interval)})"


def _false_text(false: FalseAlerts) -> str:
    return (
        f"{false.count} in {false.quiet_s:.0f} quiet seconds "
        f"({_number(false.per_camera_hour)} per camera-hour), "
        f"on {false.clips} of {_clips(false.of_clips)}{_interval(false.interval)}"
    )


def _clips(count: int) -> str:
    return f"{count} clip" if count == 1 else f"{count} clips"


def _interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f", 95 % {interval[0]:.2f} to {interval[1]:.2f}"


def _figure(row: ClipScore, picture: ReportPicture) -> str:
    data = base64.b64encode(picture.jpeg).decode("ascii")
    what = html.escape(_WORDS.get(row.outcome, row.outcome))
    where = html.escape(f"{row.kind} clip {row.file}")
    note = html.escape(f"look at {picture.at_s:.1f} s: {picture.reason}")
    onset = "" if row.onset_s is None else f"; it begins at {row.onset_s:.1f} s"
    return (
        f'<figure><img alt="" src="data:image/jpeg;base64,{data}"><figcaption>'
        f"<span class={row.outcome}>{what}</span> – {where}{onset}<br>{note}</figcaption></figure>"
    )


def _html_row(row: ClipScore) -> str:
    raised = ", ".join(_event_text(event) for event in row.raised)
    reason = row.error or " / ".join(event.reason for event in row.raised) or row.nearest
    file, kind, note, why = (html.escape(cell) for cell in (row.file, row.kind, raised, reason))
    return (
        f"<tr><td>{file}<td>{kind}<td class='{row.outcome} told'>{row.outcome.replace('_', ' ')}"
        f"<td class='{row.p1_outcome} told'>{row.p1_outcome.replace('_', ' ')}"
        f"<td class=number>{_number(row.onset_s)}<td class=number>{_number(row.delay_s)}"
        f"<td class=number>{row.surest:.2f}<td class=told>{note}<td>{why}</tr>"
    )


def _event_text(event: RaisedEvent) -> str:
    belief = "" if event.belief is None else f", belief {event.belief:.2f}"
    return f"{event.kind} at {event.at_s:.1f} s (P{event.priority}{belief})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
