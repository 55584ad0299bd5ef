"""Heartbeat of one process: a file that changes as long as it makes progress.

During a start it holds the current step (`StartState`) and is written when steps begin, upgrades
progress, or the main thread and children use the machine; not while a step hangs.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from thapcanh.app.process.work_meter import WorkMeter
from thapcanh.config.wording import Wording
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
BEAT_EVERY_S = 1.0
LOG_EVERY_S = 10.0


class StartStep(StrEnum):
    """Steps of a start, in order."""

    PROGRAM = "program"
    SITE = "site"
    ARCHIVE = "archive"
    UPGRADE = "upgrade"
    MODEL = "model"
    CLAIM = "claim"
    SERVICES = "services"


_WORDS = MappingProxyType(
    {
        StartStep.PROGRAM: Wording(vi="đang nạp chương trình", en="loading the program"),
        StartStep.SITE: Wording(vi="đang đọc cấu hình", en="reading the configuration"),
        StartStep.ARCHIVE: Wording(vi="đang mở kho dữ liệu", en="opening the archive"),
        StartStep.UPGRADE: Wording(
            vi="đang đưa kho dữ liệu từ bản {before} lên bản {after}, phần {done}/{total}",
            en="bringing the archive from {before} to {after}, {done} of {total} parts",
        ),
        StartStep.MODEL: Wording(vi="đang nạp mô hình nhận dạng", en="loading the model"),
        StartStep.CLAIM: Wording(
            vi="đang đợi tiến trình trước kết thúc", en="waiting for an earlier process to end"
        ),
        StartStep.SERVICES: Wording(vi="đang khởi động các dịch vụ", en="starting its services"),
    }
)
_ROWS = Wording(vi=" ({part}: {rows} dòng)", en=" ({part}: {rows} rows)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartState:
    """A step of a start, with an upgrade's progress. Times are UTC unix seconds."""

    pid: int = field(default_factory=os.getpid)
    started_at: float = field(default_factory=time.time)
    step: StartStep = StartStep.PROGRAM
    before: str = ""  # schemas
    after: str = ""
    done: int = 0
    total: int = 0
    part: str = ""
    rows: int = 0

    @property
    def words(self) -> Wording:
        """The step as a person reads it, in both languages."""
        facts = {
            **asdict(self),
            "before": self.before.partition("_")[0] or "0000",
            "after": self.after.partition("_")[0],
        }
        found = _WORDS[self.step]
        more = _ROWS if self.rows else Wording(vi="", en="")
        return Wording(
            vi=(found.vi + more.vi).format_map(facts), en=(found.en + more.en).format_map(facts)
        )

    def as_text(self) -> str:
        """Return what the file holds."""
        return json.dumps(asdict(self))


def read_start(path: Path) -> StartState | None:
    """Return what a process is doing until it serves; None where it serves or is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        state = StartState(**{**found, "step": StartStep(found["step"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if Path(f"/proc/{state.pid}").exists() else None


class ProcessHeartbeat:
    """Touches the file the supervisor watches; without a file it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._next_at = 0.0

    def show(self) -> None:
        """Touch the file, at most once a second."""
        now = time.monotonic()
        if self.path is None or now < self._next_at:
            return
        self._next_at = now + BEAT_EVERY_S
        self.path.touch()


class ProcessStart:
    """The start of this process: which step it is at, and when that last made progress.

    Steps and progress come from the thread that starts it; everything may be read from any thread.
    """

    def __init__(self, beat: Path | None) -> None:
        self.beat = ProcessHeartbeat(beat)
        self._state = StartState()
        self._writing = threading.Lock()
        self._worked_at = time.monotonic()
        self._written_at = self._logged_at = 0.0
        self._has_ended = False

    @property
    def state(self) -> StartState:
        """The step in work."""
        return self._state

    def silent_s(self) -> float:
        """Return for how long there was no sign of progress."""
        return time.monotonic() - self._worked_at

    def use_file(self, path: Path) -> None:
        if self.beat.path is None:
            with suppress(OSError):  # the archive beside it tells why
                path.parent.mkdir(parents=True, exist_ok=True)
            self.beat.path = path
            self._write()

    def begin(self, step: StartStep, **facts: Any) -> None:
        self._state = replace(StartState(started_at=self._state.started_at), step=step, **facts)
        log.info("starting: %s", self._state.words.en)
        self._logged_at = self._worked_at = time.monotonic()
        self._write()

    def advance(self, **facts: Any) -> None:
        """Note progress within the step; written once a second at most."""
        self._state = replace(self._state, **facts)
        self._worked()

    def _worked(self) -> None:
        now = self._worked_at = time.monotonic()
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            log.info("starting: %s", self._state.words.en)
        if now - self._written_at >= BEAT_EVERY_S:
            self._write()

    @contextmanager
    def running(self) -> Iterator["ProcessStart"]:
        """Sample each second whether the work goes on, until `end` or the block's."""
        meter = WorkMeter(os.getpid())

        def sample() -> None:
            while not thread.pause(BEAT_EVERY_S) and not self._has_ended:
                if meter.has_worked():
                    self._worked()

        self._write()
        thread = StoppableThread(sample, "starting")
        thread.start()
        try:
            yield self
        finally:
            thread.stop()
            self.end()

    def end(self) -> None:
        """Empty the file: the process serves, or ends. Idempotent."""
        with self._writing:
            if not self._has_ended:
                self._has_ended = True
                self._replace("")

    def _write(self) -> None:
        with self._writing:
            if not self._has_ended:
                self._written_at = time.monotonic()
                self._replace(self._state.as_text())

    def _replace(self, text: str) -> None:
        """Replace the file; errors of the disk are ignored here."""
        if self.beat.path is None:
            return
        draft = self.beat.path.with_name(f".{self.beat.path.name}.part")
        with suppress(OSError):
            draft.write_text(text, encoding="utf-8")
            draft.replace(self.beat.path)
