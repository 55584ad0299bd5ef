"""Exports in hand: one after the other, each by a process of its own at the lowest priority.

A thread fetches the originals, starts the process and reads what it says. An export is its owner's
alone. It ends when it is done, cancelled, takes too long, or with the server; copies are kept for
an hour. Any thread may call.
"""

import logging
import queue
import shutil
import sys
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from subprocess import Popen
from typing import Any

from app.child_process import lines_of, start_child
from app.exports.child import CopyItem, CopyJob
from ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

LONGEST_S = 7200.0
KEPT_S = 3600.0
TIDY_EVERY_S = 60.0
MOST_WAITING = 8
MOST_OF_ONE = 2  # of one person, that are not done
ORIGINAL = "original-"  # so begin the names of what was fetched; it goes with the process
_COMMAND = (sys.executable, "-P", "-m", "app.exports.child")


class ExportState(StrEnum):
    """How an export stands."""

    WAITING = "waiting"  # others are made before it
    RUNNING = "running"
    DONE = "done"  # it can be fetched
    CANCELLED = "cancelled"
    FAILED = "failed"  # nothing can be fetched; `error` says why


class ExportFault(StrEnum):
    """Why an export failed: names of sentences."""

    NO_MODEL = "export_no_model"
    LIMITED = "export_took_too_long"
    FAILED = "export_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCopy:
    """What became of one film or picture. `path` None: no copy could be made."""

    path: Path | None
    unreadable: int = 0
    """Parts of a film that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedExport:
    """The process's job, and under which key each of its items is asked for."""

    job: CopyJob
    keys: Sequence[str]


Prepare = Callable[[Path], PreparedExport]
"""Fetches originals into a folder; there the copies belong too. Raises `ExportUnprepared`."""


class ExportUnprepared(Exception):
    """The originals cannot be read now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """One export as it stands. `subject` is what the one who ordered it knows it by."""

    id: str
    owner: str
    subject: Any
    folder: Path
    state: ExportState = ExportState.WAITING
    share: float = 0.0
    error: ExportFault | None = None
    copies: Mapping[str, ExportCopy] = field(default_factory=dict)
    ended_s: float = 0.0


class ExportsBusy(Exception):
    """Too many are waiting, of all or of this person."""


_OPEN = frozenset({ExportState.WAITING, ExportState.RUNNING})


class ExportJobs:
    """All exports of this centre."""

    def __init__(
        self,
        folder: Callable[[], Path],
        monotonic: Callable[[], float],
        *,
        longest_s: float = LONGEST_S,
        tidy_every_s: float = TIDY_EVERY_S,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._longest_s = longest_s
        self._tidy_every_s = tidy_every_s
        self._command = command
        self._lock = threading.Lock()
        self._exports: dict[str, ExportJob] = {}
        self._orders: queue.SimpleQueue[tuple[str, Prepare] | None] = queue.SimpleQueue()
        self._running: tuple[str, Popen[bytes]] | None = None
        self._thread = StoppableThread(self._run, "exports", interrupt=self._interrupt)

    def start(self, owner: str, subject: Any, prepare: Prepare | None) -> ExportJob:
        """Begin one; without anything to prepare it is done. Raises `ExportsBusy`."""
        with self._lock:
            self._forget_old()
            waiting = [one for one in self._exports.values() if one.state in _OPEN]
            mine = sum(one.owner == owner for one in waiting)
            if prepare is not None and (len(waiting) >= MOST_WAITING or mine >= MOST_OF_ONE):
                raise ExportsBusy
            name = uuid.uuid4().hex
            made = ExportJob(id=name, owner=owner, subject=subject, folder=self._folder() / name)
            if prepare is None:
                made = self._ended(made, ExportState.DONE)
            self._exports[name] = made
        if prepare is not None:
            self._thread.start()
            self._orders.put((name, prepare))
        return made

    def find(self, export_id: str, owner: str) -> ExportJob | None:
        """One's own export; None where there is none (any more)."""
        with self._lock:
            self._forget_old()
            found = self._exports.get(export_id)
            return found if found is not None and found.owner == owner else None

    def cancel(self, export_id: str, owner: str) -> ExportJob | None:
        """End one, and take its copies away."""
        with self._lock:
            found = self._exports.get(export_id)
            if found is None or found.owner != owner:
                return None
            if found.state in _OPEN or found.state is ExportState.DONE:
                found = self._exports[export_id] = self._ended(found, ExportState.CANCELLED)
                if self._running is not None and self._running[0] == export_id:
                    self._running[1].kill()
                shutil.rmtree(found.folder, ignore_errors=True)
            return found

    def close(self) -> None:
        """End all; calling twice is fine."""
        if self._thread.was_started:
            self._thread.stop()
        with self._lock:
            for one in self._exports.values():
                shutil.rmtree(one.folder, ignore_errors=True)
            self._exports.clear()

    def _interrupt(self) -> None:
        self._orders.put(None)
        with self._lock:
            if self._running is not None:
                self._running[1].kill()

    def _run(self) -> None:
        shutil.rmtree(self._folder(), ignore_errors=True)  # of a run that was killed
        while not self._thread.is_stopping:
            try:
                order = self._orders.get(timeout=self._tidy_every_s)
            except queue.Empty:
                with self._lock:
                    self._forget_old()
                continue
            if order is None or self._thread.is_stopping:
                return
            try:
                self._make(*order)
            except Exception:  # outermost line of the thread
                log.exception("export %s", order[0])
                self._fail(order[0], ExportFault.FAILED)

    def _make(self, name: str, prepare: Prepare) -> None:
        with self._lock:
            if self._exports[name].state is not ExportState.WAITING:
                return
            made = self._exports[name] = replace(self._exports[name], state=ExportState.RUNNING)
        made.folder.mkdir(parents=True, mode=0o700)
        try:
            prepared = prepare(made.folder)
        except (ExportUnprepared, OSError) as error:
            log.warning("export %s: %s", name, error)
            self._fail(name, ExportFault.FAILED)
            return
        process = start_child(self._command, {**prepared.job, "cpu_s": int(self._longest_s)})
        with self._lock:
            self._running = name, process
            if self._exports[name].state is not ExportState.RUNNING or self._thread.is_stopping:
                process.kill()
        self._follow(name, process, prepared)

    def _follow(self, name: str, process: "Popen[bytes]", prepared: PreparedExport) -> None:
        timer = threading.Timer(self._longest_s, self._end_late, (name, process))
        timer.daemon = True
        timer.start()
        try:
            for said in lines_of(process):
                self._take(name, prepared, said)
        finally:
            timer.cancel()
            code = process.wait()
            for original in self._folder().joinpath(name).glob(f"{ORIGINAL}*"):
                original.unlink(missing_ok=True)
            with self._lock:
                self._running = None
            limited = code in (-24, -9)  # SIGXCPU, or killed after it
            self._fail(name, ExportFault.LIMITED if limited else ExportFault.FAILED)

    def _take(self, name: str, prepared: PreparedExport, said: dict[str, Any]) -> None:
        if said["phase"] == "no_model":
            self._fail(name, ExportFault.NO_MODEL)
            return
        with self._lock:
            found = self._exports.get(name)
            if found is None or found.state is not ExportState.RUNNING:
                return
            match said["phase"]:
                case "made":
                    found = replace(found, share=float(said["share"]))
                case "copied":
                    key, item = prepared.keys[said["number"]], prepared.job["items"][said["number"]]
                    found = replace(found, copies={**found.copies, key: _copy(item, said)})
                case "done":
                    found = replace(self._ended(found, ExportState.DONE), share=1.0)
            self._exports[name] = found

    def _fail(self, name: str, why: ExportFault) -> None:
        """It ended without an answer, unless it had one."""
        with self._lock:
            found = self._exports.get(name)
            if found is None:
                return
            if found.state is not ExportState.DONE:
                shutil.rmtree(found.folder, ignore_errors=True)
            if found.state in _OPEN:
                log.warning("export %s: %s", name, why)
                self._exports[name] = replace(self._ended(found, ExportState.FAILED), error=why)

    def _end_late(self, name: str, process: "Popen[bytes]") -> None:
        self._fail(name, ExportFault.LIMITED)
        with suppress(OSError):
            process.kill()

    def _ended(self, export: ExportJob, state: ExportState) -> ExportJob:
        return replace(export, state=state, ended_s=self._monotonic())

    def _forget_old(self) -> None:
        now = self._monotonic()
        for name, one in list(self._exports.items()):
            if one.state not in _OPEN and now - one.ended_s > KEPT_S:
                shutil.rmtree(one.folder, ignore_errors=True)
                del self._exports[name]


def _copy(item: CopyItem, said: dict[str, Any]) -> ExportCopy:
    return ExportCopy(
        path=Path(item["target"]) if said["ok"] else None, unreadable=int(said["unreadable"])
    )
