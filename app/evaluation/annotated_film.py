"""A film with what replay saw drawn into it: boxes, inferences, belief, the moment of the alert.

`take` is called with each inference, `write` once at the end; both on the caller's thread. What an
inference saw stands in the pictures until the next one.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from alerts.evidence.lettering import Bgr, line_of_words, paste
from app.evaluation.replay import ReplayedLook
from app.evaluation.report import draw_detections
from config.rules import Priority
from detection.detections import Detections
from detection.event import Event, EventPhase
from ingest.clips.marked_clip import write_marked
from ingest.frame import Frame, Plane

_COLOURS: Mapping[int, Bgr] = {  # as the screens have them
    Priority.P1: (0, 94, 213),
    Priority.P2: (66, 228, 240),
    Priority.P3: (233, 180, 86),
}
_GREY: Bgr = (200, 200, 200)
_BLACK: Bgr = (0, 0, 0)
_MOMENT_S = 1.0  # for how long the moment of an alert is framed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inference:
    """What was known from one inference to the next."""

    number: int
    detections: Detections
    verdict: str
    open_events: tuple[Event, ...]
    raised_at_s: float | None
    """When the last alert was raised."""


class AnnotatedFilm:
    """What was seen of one film, to be drawn into a copy of it."""

    def __init__(self) -> None:
        self._inferences: list[_Inference] = []
        self._times: list[float] = []
        self._open: dict[str, Event] = {}
        self._raised: dict[str, float] = {}

    def take(self, look: ReplayedLook) -> None:
        """Remember one inference; in the film's order."""
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
        """Write the copy: H.264, with the film's own times. Raises `SourceError`, `ClipError`."""
        write_marked(source, target, self._drawn, from_s=0.0, to_s=float("inf"))

    def _drawn(self, frame: Frame) -> Plane:
        picture = frame.bgr().copy()
        place = bisect_right(self._times, frame.at_s) - 1
        if place < 0:
            return picture
        seen = self._inferences[place]
        draw_detections(picture, seen.detections)
        lines = [(f"{frame.at_s:6.1f} s   inference {seen.number}   {seen.verdict}", _GREY)]
        for event in seen.open_events:
            lines.append((self._told(event), _COLOURS[event.priority]))
            if seen.raised_at_s is not None and 0 <= frame.at_s - seen.raised_at_s < _MOMENT_S:
                _frame(picture, _COLOURS[event.priority])
        _write(picture, lines)
        return picture

    def _told(self, event: Event) -> str:
        belief = "" if event.belief is None else f", belief {event.belief:.2f}"
        at_s = self._raised[event.event_id]
        return f"ALERT {event.kind} P{int(event.priority)}{belief}, raised at {at_s:.1f} s"


def _frame(picture: Plane, colour: Bgr) -> None:
    height, width = picture.shape[:2]
    thick = max(4, height // 60)
    cv2.rectangle(picture, (0, 0), (width - 1, height - 1), colour, thick)


def _write(picture: Plane, lines: list[tuple[str, Bgr]]) -> None:
    """One below the other, from the upper left corner."""
    top = 0
    for text, colour in lines:
        words = line_of_words(text, max(12, picture.shape[0] // 32), colour, _BLACK)
        paste(picture, words, (0, top))
        top += words.shape[0]
