"""Witness thread: questions on a thread of its own, so that inference never waits."""

import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from thapcanh.detection.confirmation.witness import Witness
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.event import Event
from thapcanh.detection.inference.watched_camera import WatchedCamera
from thapcanh.detection.rules.evaluator import WitnessQuestion
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.histogram import Histogram
from thapcanh.ingest.stoppable_thread import StoppableThread

MOST_WAITING = 256
LATE_S = 2.0
_REST_S = 1.0
_WAITS_S = (0.02, 0.05, 0.1, 0.15, 0.2, 0.5, 1.0, 2.0, 5.0)
log = logging.getLogger(__name__)

Tell = Callable[[Frame, list[Event]], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Put:
    """A question that was put, by whom and when."""

    watched: WatchedCamera
    question: WitnessQuestion
    at_s: float


class WitnessThread:
    """Owner of a witness. `on_answer` is called on its thread and must not block."""

    def __init__(self, witness: Witness, on_answer: Callable[[], None], clock: Clock) -> None:
        self._witness = witness
        self._on_answer = on_answer
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[_Put] = []
        self._open: dict[_Put, None] = {}  # not answered yet, in the order in which they were put
        self._answers: list[tuple[_Put, WitnessAnswer | None]] = []
        self._thread = StoppableThread(self._run, "witness", clock)
        self.waits = Histogram(_WAITS_S)  # from question to answer
        self.unanswered = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Stop the thread; return whether it ended."""
        return self._thread.stop(timeout_s)

    def ask(self, watched: WatchedCamera, questions: Sequence[WitnessQuestion]) -> None:
        """Queue a camera's questions; without room the least urgent stay unanswered."""
        if not questions:
            return
        now_s = self._clock.monotonic()
        new = [_Put(watched=watched, question=one, at_s=now_s) for one in questions]
        with self._lock:
            self._open.update(dict.fromkeys(new))
            self._waiting = sorted([*self._waiting, *new], key=_urgency)
            for put in self._waiting[MOST_WAITING:]:
                self._say(put, None)
            del self._waiting[MOST_WAITING:]
        self._thread.wake()

    def hear(self, watched: Mapping[str, WatchedCamera], report: Tell) -> None:
        """Deliver answers and timeouts to the cameras, and their messages to `report`.

        Runs on the inference thread. Answers for cameras that are not in `watched`, or restarted,
        are dropped.
        """
        for put, answer in self._collect_answers():
            frame = put.question.frame
            if watched.get(frame.camera_id) is not put.watched:
                continue
            try:
                events = put.watched.scene.hear(put.question, answer)
            except Exception:  # a fault in one camera costs no other its answer
                log.exception("an answer of the witness could not be heard: %s", frame.camera_id)
                continue
            report(frame, events)

    def _collect_answers(self) -> list[tuple[_Put, WitnessAnswer | None]]:
        """Remove and return the answers; None for questions open for `LATE_S`."""
        with self._lock:
            late_s = self._clock.monotonic() - LATE_S
            for put in [one for one in self._open if one.at_s <= late_s]:
                self._say(put, None)
            found, self._answers = self._answers, []
        return found

    def wait_s(self) -> float:
        """Return the seconds until a question is late; infinite without one."""
        with self._lock:
            first = next(iter(self._open), None)
            now_s = self._clock.monotonic()
            return math.inf if first is None else max(0.0, first.at_s + LATE_S - now_s)

    def _run(self) -> None:
        while not self._thread.is_stopping:
            self._thread.clear_wakes()
            with self._lock:
                put = self._waiting.pop(0) if self._waiting else None
            if put is None:
                self._thread.rest(_REST_S)
                continue
            answer: WitnessAnswer | None = None
            try:
                (answer,) = self._witness.answer([put.question])
            except Exception:  # outermost line of the thread
                log.exception("the witness failed")
            with self._lock:
                self._say(put, answer)
            self._on_answer()

    def _say(self, put: _Put, answer: WitnessAnswer | None) -> None:
        """Record an answer, also one that was given up as late."""
        is_first = put in self._open
        self._open.pop(put, None)
        if is_first:
            self.waits.observe(self._clock.monotonic() - put.at_s)
            self.unanswered += answer is None
        if is_first or answer is not None:
            self._answers.append((put, answer))


def _urgency(put: _Put) -> tuple[bool, float]:
    return not put.question.is_first, -put.question.confidence
