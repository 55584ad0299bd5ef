"""Trials of rules on recordings: one at a time, each in a child process. Thread-safe.

A thread reads the child's output.
"""

import logging
import shutil
import sys
import threading
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from thapcanh.app.trials.child import NICE, TrialJob, TrialRecording
from thapcanh.ingest.child_process import (
    LIMITED,
    ChildBounds,
    ChildProcess,
    ChildSetup,
    give_job,
    lines_of,
    start_child,
)
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

LONGEST_S = 600.0
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.trials.child")
_MOST_REPORTED = 1000


class TrialState(StrEnum):
    RUNNING = "running"
    DONE = "done"  # to the end of what was recorded
    LIMITED = "limited"  # its time was over first: `seen_to` says how far it came
    CANCELLED = "cancelled"
    FAILED = "failed"  # the process ended without an answer; the log says why


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEvent:
    """Event that the rule would have raised. Times are UTC unix seconds."""

    at: float
    kind: str
    confidence: float
    picture: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    id: str
    camera_id: str
    from_s: float
    to_s: float
    recorded_s: float
    """Of the stretch; the rest is gaps."""
    state: TrialState = TrialState.RUNNING
    seen_to: float | None = None
    events: tuple[TrialEvent, ...] = ()
    count: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOrder:
    camera: dict[str, Any]
    rule: dict[str, Any]
    detector: dict[str, Any]
    looks: dict[str, Any]
    model_cache: Path
    folder: Path
    films: Sequence[TrialRecording] = field(default=())
    from_s: float
    to_s: float
    recorded_s: float


class TrialRunning(Exception):
    """Another trial is running; there is one at a time to protect detection."""


class RuleTrials:
    """The running trial, or the last one."""

    def __init__(self, longest_s: float = LONGEST_S, command: Sequence[str] = _COMMAND) -> None:
        self._longest_s = longest_s
        self._command = command
        self._lock = threading.Lock()
        self._trial: Trial | None = None
        self._folder: Path | None = None
        self._process: ChildProcess | None = None
        self._thread: StoppableThread | None = None

    def start(self, order: TrialOrder) -> Trial:
        """Begin; raises `TrialRunning`, or `OSError` where no process can be started."""
        with self._lock:
            if self._trial is not None and self._trial.state is TrialState.RUNNING:
                raise TrialRunning
            shutil.rmtree(order.folder, ignore_errors=True)
            trial = Trial(
                id=uuid.uuid4().hex,
                camera_id=order.camera["id"],
                from_s=order.from_s,
                to_s=order.to_s,
                recorded_s=order.recorded_s,
            )
            folder = order.folder / trial.id
            folder.mkdir(parents=True)
            bounds = ChildBounds(cpu_s=int(self._longest_s), niceness=NICE)
            self._process = start_child(self._command, ChildSetup(bounds=bounds))
            give_job(self._process, _job(order, folder))
            self._trial, self._folder = trial, folder
            self._thread = StoppableThread(self._follow, "rule-trial", interrupt=self._kill)
            self._thread.start()
            return trial

    def find(self, trial_id: str) -> Trial | None:
        """Return a trial, or None if it is not the last one."""
        with self._lock:
            found = self._trial
            return found if found is not None and found.id == trial_id else None

    def picture(self, trial_id: str, number: int) -> Path | None:
        """Return an event's picture, or None."""
        with self._lock:
            if self._trial is None or self._trial.id != trial_id or self._folder is None:
                return None
            path = self._folder / f"{number}.jpg"
            return path if path.is_file() else None

    def cancel(self, trial_id: str) -> Trial | None:
        """End a trial; what it found stays."""
        with self._lock:
            if self._trial is None or self._trial.id != trial_id:
                return None
            if self._trial.state is TrialState.RUNNING:
                self._trial = replace(self._trial, state=TrialState.CANCELLED)
                self._kill()
            return self._trial

    def close(self) -> None:
        """End what runs; calling twice is fine."""
        if self._thread is not None:
            self._thread.stop()

    def _follow(self) -> None:
        """Read lines until the child ends; a timer kills one that takes too long."""
        process = self._process
        if process is None:
            return
        timer = threading.Timer(self._longest_s, self._end_late)
        timer.daemon = True
        timer.start()
        try:
            for message in lines_of(process):
                self._receive(message)
        finally:
            timer.cancel()
            code = process.wait()
            with self._lock:
                if self._trial is not None and self._trial.state is TrialState.RUNNING:
                    log.warning("the trial of a rule ended with code %s", code)
                    state = TrialState.LIMITED if code in LIMITED else TrialState.FAILED
                    self._trial = replace(self._trial, state=state)

    def _receive(self, message: dict[str, Any]) -> None:
        with self._lock:
            if self._trial is not None and self._trial.state is TrialState.RUNNING:
                self._trial = _reported(self._trial, message["phase"], message)

    def _end_late(self) -> None:
        with self._lock:
            if self._trial is not None and self._trial.state is TrialState.RUNNING:
                self._trial = replace(self._trial, state=TrialState.LIMITED)
                self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()


def _reported(trial: Trial, phase: str, message: dict[str, Any]) -> Trial:
    if phase == "seen":
        return replace(trial, seen_to=float(message["to"]))
    if phase == "done":
        return replace(
            trial, state=TrialState.DONE, seen_to=trial.to_s, unreadable=int(message["unreadable"])
        )
    if phase != "raised":
        return trial
    event = TrialEvent(
        at=float(message["at"]),
        kind=str(message["kind"]),
        confidence=float(message["confidence"]),
        picture=message["picture"],
    )
    events = (*trial.events, event)[:_MOST_REPORTED]
    return replace(trial, events=events, count=trial.count + 1, seen_to=event.at)


def _job(order: TrialOrder, folder: Path) -> TrialJob:
    return TrialJob(
        camera=order.camera,
        rule=order.rule,
        detector=order.detector,
        looks=order.looks,
        model_cache=str(order.model_cache),
        pictures=str(folder),
        films=list(order.films),
    )
