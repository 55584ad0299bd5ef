"""Command `thapcanh replay`: one JSON line per event message, one summary per file.

The same file, weights and rules give the same lines, ids included, except `wall_s`. An unreadable
file gives an error line and exit code 1; the others still run.
"""

import json
import math
import textwrap
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

import cv2
import numpy as np

from thapcanh.alerts.evidence.snapshots import Bgr, line_of_words, paste
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import RecordingProgress, fail
from thapcanh.app.replay.replay import Replay, ReplayedInference, Summary, load_replay
from thapcanh.app.replay.replayed_event import replayed_event
from thapcanh.config.problem import ConfigError
from thapcanh.config.rules import Priority
from thapcanh.detection.detections import Detections
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.errors import IngestError
from thapcanh.ingest.frame import Frame, Plane
from thapcanh.ingest.marked_clip import write_marked
from thapcanh.ingest.sources.recorded_file import file_duration_s
from thapcanh.tools.evaluation.report import draw_detections

_COLOURS: Mapping[int, Bgr] = {  # as the screens have them
    Priority.P1: (0, 94, 213),
    Priority.P2: (66, 228, 240),
    Priority.P3: (233, 180, 86),
}
_GREY: Bgr = (200, 200, 200)
_BLACK: Bgr = (0, 0, 0)
_LEAST_WIDTH_PX = 640
"""A narrower picture is enlarged by a whole number, so that words on it can be read."""
_BAND_LINES = 5
_LETTER = 0.6  # of a line's height: how wide one is, at most as a mean
_TIMESTAMP_S = 1.0  # for how long the moment of an alert is framed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """Options of the command line."""

    files: tuple[Path, ...]
    config: Path | None = None
    as_live: bool = False
    """Decode as a worker does: a quiet camera sleeps, where the site's cameras do."""
    annotate: Path | None = None
    """Where the one file is written with what was seen drawn into it."""


def run_replay(settings: ReplaySettings, out: TextIO) -> int:
    """Replay every file and print its lines; the exit code."""
    if (wrong := _why_not(settings)) is not None:
        return fail(wrong)
    try:
        replay = load_replay(settings.config, as_live=settings.as_live)
    except (ConfigError, DetectorError) as error:
        return fail(error)
    code = exit_codes.OK
    for path in settings.files:
        try:
            print_line(out, summary_line(_replayed(replay, path, settings.annotate, out)))
        except (IngestError, DetectorError) as error:
            print_line(out, {"phase": "error", "file": str(path), "error": str(error)})
            code = exit_codes.FAILED
    return code


def _why_not(settings: ReplaySettings) -> str | None:
    target = settings.annotate
    if target is None:
        return None
    if len(settings.files) > 1:
        return "--annotate writes one film, of one FILE"
    if target.suffix.lower() != ".mp4":
        return f"{target}: --annotate writes an .mp4"
    if target.resolve() == settings.files[0].resolve():
        return f"{target}: --annotate would replace the film that is read"
    return None


def _replayed(replay: Replay, path: Path, annotate: Path | None, out: TextIO) -> Summary:
    progress = RecordingProgress(path.name, file_duration_s(path))
    annotated = AnnotatedRecording()
    printer = _printer(out, path, progress)

    def on_look(look: ReplayedInference) -> None:
        printer(look)
        if annotate is not None:
            annotated.take(look)
        progress.at(look.frame.at_s)

    try:
        summary = replay.file(path, on_look)
        if annotate is not None:
            annotated.write(path, annotate)
    finally:
        progress.clear()
    return summary


def event_line(path: Path, event: Event, frame: Frame) -> dict[str, object]:
    """Return an event message as replay prints it; `frame` is the picture that it came with."""
    return {"file": str(path), **asdict(replayed_event(event, frame.width, frame.height))}


def summary_line(summary: Summary) -> dict[str, object]:
    """Return a file's summary line; with crossings only if lines are counted."""
    line = {"phase": "summary", **asdict(summary)}
    if not summary.crossings:
        del line["crossings"]
    return line


def print_line(out: TextIO, line: dict[str, object]) -> None:
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()


class AnnotatedRecording:
    """Inferences of one recording, for drawing into a copy."""

    def __init__(self) -> None:
        self._inferences: list[_Inference] = []
        self._times: list[float] = []
        self._open: dict[str, Event] = {}
        self._raised: dict[str, float] = {}

    def take(self, look: ReplayedInference) -> None:
        """Add one inference, in order."""
        for event in look.events:
            if event.phase is EventPhase.CLEARED:
                self._open.pop(event.event_id, None)
                continue
            self._raised.setdefault(event.event_id, event.at_s)
            self._open[event.event_id] = event
        self._times.append(look.frame.at_s)
        self._inferences.append(
            _Inference(
                number=len(self._times),
                detections=look.detections,
                verdict=" / ".join(look.verdicts),
                open_events=tuple(self._open.values()),
                raised_at_s=max(self._raised.values(), default=None),
            )
        )

    def write(self, source: Path, target: Path) -> None:
        """Write the copy: H.264 with the original times. Raises `SourceError`, `ClipError`."""
        write_marked(source, target, self._drawn, from_s=0.0, to_s=float("inf"))

    def _drawn(self, frame: Frame) -> Plane:
        scale = math.ceil(_LEAST_WIDTH_PX / frame.width)
        picture = cv2.resize(frame.bgr(), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
        place = bisect_right(self._times, frame.at_s) - 1
        if place < 0:
            return with_band(picture, [])
        inference = self._inferences[place]
        draw_detections(picture, inference.detections, scale)
        lines = []
        for event in inference.open_events:
            lines.append((self._reported(event), _COLOURS[event.priority]))
            if (
                inference.raised_at_s is not None
                and 0 <= frame.at_s - inference.raised_at_s < _TIMESTAMP_S
            ):
                _frame(picture, _COLOURS[event.priority])
        lines.append(
            (f"{frame.at_s:.1f} s   inference {inference.number}   {inference.verdict}", _GREY)
        )
        return with_band(picture, lines)

    def _reported(self, event: Event) -> str:
        belief = "" if event.belief is None else f", belief {event.belief:.2f}"
        at_s = self._raised[event.event_id]
        return f"ALERT {event.kind} P{int(event.priority)}{belief}, raised at {at_s:.1f} s"


def _printer(
    out: TextIO, path: Path, progress: RecordingProgress
) -> Callable[[ReplayedInference], None]:
    def on_look(look: ReplayedInference) -> None:
        if look.events:
            progress.clear()
        for event in look.events:
            print_line(out, event_line(path, event, look.frame))

    return on_look


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inference:
    """State drawn from one inference until the next."""

    number: int
    detections: Detections
    verdict: str
    open_events: tuple[Event, ...]
    raised_at_s: float | None
    """When the last alert was raised."""


def _frame(picture: Plane, colour: Bgr) -> None:
    height, width = picture.shape[:2]
    thick = max(4, height // 60)
    cv2.rectangle(picture, (0, 0), (width - 1, height - 1), colour, thick)


def with_band(picture: Plane, lines: list[tuple[str, Bgr]]) -> Plane:
    """Return the picture with `lines` below it; a long one goes on in the next line of the band."""
    width = picture.shape[1]
    size_px = max(14, width // 64)
    line_px = line_of_words("Ấg", size_px, _GREY, _BLACK).shape[0]
    letters = max(1, int(width / (_LETTER * size_px)))
    parts = [(part, colour) for text, colour in lines for part in textwrap.wrap(text, letters)]
    band = np.zeros((_BAND_LINES * line_px, width, 3), np.uint8)
    for number, (part, colour) in enumerate(parts[:_BAND_LINES]):
        paste(band, line_of_words(part, size_px, colour, _BLACK), (0, number * line_px))
    return np.vstack((picture, band))
