"""Export jobs: one after the other, each in a low-priority child process.

A thread fetches the originals, runs the child and reads its output. Any thread may call.
"""

import logging
import os
import queue
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from thapcanh.app.exports.child import NICE, CopyItem
from thapcanh.app.exports.export_job import (
    OPEN_STATES,
    ExportCopy,
    ExportFault,
    ExportJob,
    ExportState,
    ExportUnprepared,
    Prepare,
    PreparedExport,
)
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

OLD_S = 4 * 3600.0
"""More than the longest export and the time that its copies are kept, by two clocks that differ."""


def remove_leftovers(shared: Path, own: Path, now_s: float | None = None) -> None:
    """Remove what is old in the shared folder, but nothing of our own; links are not followed."""
    limit_s = (time.time() if now_s is None else now_s) - OLD_S
    with suppress(OSError):
        for item in list(os.scandir(shared)):
            if item.is_dir(follow_symlinks=False) and Path(item.path) != own:
                _remove_old(item.path, limit_s)


def _remove_old(folder: str, limit_s: float) -> None:
    for where, folders, files in os.walk(folder, topdown=False):
        for name in files:
            _remove_if_old(Path(where) / name, limit_s, is_folder=False)
        for name in folders:
            _remove_if_old(Path(where) / name, limit_s, is_folder=True)
    _remove_if_old(Path(folder), limit_s, is_folder=True)


def _remove_if_old(path: Path, limit_s: float, *, is_folder: bool) -> None:
    """Remove an old file or empty folder; another centre may remove it first."""
    with suppress(OSError):
        if path.lstat().st_mtime < limit_s:
            path.rmdir() if is_folder and not path.is_symlink() else path.unlink()


log = logging.getLogger(__name__)

LONGEST_S = 7200.0
KEPT_S = 3600.0
TIDY_EVERY_S = 60.0
CHECK_EVERY_S = 5.0  # whether its owner may still have it
MOST_WAITING = 8
MOST_OF_ONE = 2  # of one person, that are not done
ORIGINAL = "original-"  # so begin the names of what was fetched; it goes with the process
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.exports.child")


class ExportsBusy(Exception):
    """Too many are waiting, of all or of this person."""


class ExportJobs:
    def __init__(
        self,
        folder: Callable[[], Path],
        monotonic: Callable[[], float],
        *,
        centre: Callable[[], str] = lambda: "centre",
        longest_s: float = LONGEST_S,
        tidy_every_s: float = TIDY_EVERY_S,
        check_every_s: float = CHECK_EVERY_S,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """Create the jobs; `folder` may be shared, and `centre` names our part of it."""
        self._shared = folder
        self._centre = centre
        self._monotonic = monotonic
        self._longest_s = longest_s
        self._tidy_every_s = tidy_every_s
        self._check_every_s = check_every_s
        self._command = command
        self._lock = threading.Lock()
        self._exports: dict[str, ExportJob] = {}
        self._orders: queue.SimpleQueue[tuple[str, Prepare] | None] = queue.SimpleQueue()
        self._running: tuple[str, ChildProcess] | None = None
        self._thread = StoppableThread(self._run, "exports", interrupt=self._interrupt)

    def open(self) -> None:
        """Take away what a centre left that was killed, and go on doing so."""
        self._thread.start()

    def start(
        self,
        owner: str,
        subject: Any,
        prepare: Prepare | None,
        *,
        session: str = "",
        is_welcome: Callable[[], bool] = lambda: True,
    ) -> ExportJob:
        """Start an export; done at once if nothing needs preparing. Raises `ExportsBusy`."""
        with self._lock:
            self._discard_old()
            waiting = [export for export in self._exports.values() if export.state in OPEN_STATES]
            count = sum(export.owner == owner for export in waiting)
            if prepare is not None and (len(waiting) >= MOST_WAITING or count >= MOST_OF_ONE):
                raise ExportsBusy
            name = uuid.uuid4().hex
            made = ExportJob(
                id=name, owner=owner, subject=subject, folder=self._folder() / name,
                session=session, is_welcome=is_welcome,
            )  # fmt: skip
            if prepare is None:
                made = self._ended(made, ExportState.DONE)
            self._exports[name] = made
        if prepare is not None:
            self._thread.start()
            self._orders.put((name, prepare))
        return made

    def find(self, export_id: str, owner: str) -> ExportJob | None:
        """Return the owner's export, or None."""
        with self._lock:
            self._discard_old()
            found = self._exports.get(export_id)
            return found if found is not None and found.owner == owner else None

    def cancel(self, export_id: str, owner: str) -> ExportJob | None:
        with self._lock:
            found = self._exports.get(export_id)
            if found is None or found.owner != owner:
                return None
            return self._cancelled(found)

    def end_session(self, session: str) -> None:
        """Cancel the exports of an ended session and delete their copies."""
        with self._lock:
            for export in [each for each in self._exports.values() if each.session == session]:
                self._cancelled(export)

    def _cancelled(self, found: ExportJob) -> ExportJob:
        """Cancel with the lock held."""
        if found.state in OPEN_STATES or found.state is ExportState.DONE:
            found = self._exports[found.id] = self._ended(found, ExportState.CANCELLED)
            if self._running is not None and self._running[0] == found.id:
                self._running[1].kill()
            shutil.rmtree(found.folder, ignore_errors=True)
        return found

    def close(self) -> None:
        """End all; calling twice is fine."""
        if self._thread.was_started:
            self._thread.stop()
        with self._lock:
            for export in self._exports.values():
                shutil.rmtree(export.folder, ignore_errors=True)
            self._exports.clear()

    def _interrupt(self) -> None:
        self._orders.put(None)
        with self._lock:
            if self._running is not None:
                self._running[1].kill()

    def _run(self) -> None:
        shutil.rmtree(self._folder(), ignore_errors=True)  # of a run that was killed
        self._tidy()
        while not self._thread.is_stopping:
            try:
                order = self._orders.get(timeout=self._tidy_every_s)
            except queue.Empty:
                self._tidy()
                continue
            if order is None or self._thread.is_stopping:
                return
            try:
                self._make(*order)
            except Exception:  # outermost line of the thread
                log.exception("export %s", order[0])
                self._fail(order[0], ExportFault.FAILED)

    def _folder(self) -> Path:
        return self._shared() / self._centre()

    def _tidy(self) -> None:
        with self._lock:
            self._discard_old()
        remove_leftovers(self._shared(), self._folder())

    def _make(self, name: str, prepare: Prepare) -> None:
        self._end_unwelcome(name)
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
        bounds = ChildBounds(cpu_s=int(self._longest_s), niceness=NICE)
        process = start_child(self._command, ChildSetup(bounds=bounds))
        give_job(process, prepared.job)
        with self._lock:
            self._running = name, process
            if self._exports[name].state is not ExportState.RUNNING or self._thread.is_stopping:
                process.kill()
        self._follow(name, process, prepared)

    def _follow(self, name: str, process: ChildProcess, prepared: PreparedExport) -> None:
        timer = threading.Timer(self._longest_s, self._end_late, (name, process))
        timer.daemon = True
        timer.start()
        checked_at = self._monotonic()
        try:
            for message in lines_of(process):
                self._receive(name, prepared, message)
                if self._monotonic() - checked_at >= self._check_every_s:
                    checked_at = self._monotonic()
                    self._end_unwelcome(name)
        finally:
            timer.cancel()
            code = process.wait()
            for original in self._folder().joinpath(name).glob(f"{ORIGINAL}*"):
                original.unlink(missing_ok=True)
            with self._lock:
                self._running = None
            self._fail(name, ExportFault.LIMITED if code in LIMITED else ExportFault.FAILED)

    def _end_unwelcome(self, name: str) -> None:
        with self._lock:
            found = self._exports.get(name)
        if found is not None and found.state in OPEN_STATES and not found.is_welcome():
            log.info("export %s: its owner may not have it any more", name)
            self.cancel(name, found.owner)

    def _receive(self, name: str, prepared: PreparedExport, message: dict[str, Any]) -> None:
        if message["phase"] == "no_model":
            self._fail(name, ExportFault.NO_MODEL)
            return
        with self._lock:
            found = self._exports.get(name)
            if found is None or found.state is not ExportState.RUNNING:
                return
            match message["phase"]:
                case "made":
                    found = replace(found, share=float(message["share"]))
                case "copied":
                    key, item = (
                        prepared.keys[message["number"]],
                        prepared.job["items"][message["number"]],
                    )
                    found = replace(found, copies={**found.copies, key: _copy(item, message)})
                case "done":
                    found = replace(self._ended(found, ExportState.DONE), share=1.0)
            self._exports[name] = found

    def _fail(self, name: str, why: ExportFault) -> None:
        """Mark an export without a result as failed."""
        with self._lock:
            found = self._exports.get(name)
            if found is None:
                return
            if found.state is not ExportState.DONE:
                shutil.rmtree(found.folder, ignore_errors=True)
            if found.state in OPEN_STATES:
                log.warning("export %s: %s", name, why)
                self._exports[name] = replace(self._ended(found, ExportState.FAILED), error=why)

    def _end_late(self, name: str, process: ChildProcess) -> None:
        self._fail(name, ExportFault.LIMITED)
        with suppress(OSError):
            process.kill()

    def _ended(self, export: ExportJob, state: ExportState) -> ExportJob:
        return replace(export, state=state, ended_s=self._monotonic())

    def _discard_old(self) -> None:
        now = self._monotonic()
        for name, export in list(self._exports.items()):
            if export.state not in OPEN_STATES and now - export.ended_s > KEPT_S:
                shutil.rmtree(export.folder, ignore_errors=True)
                del self._exports[name]


def _copy(item: CopyItem, message: dict[str, Any]) -> ExportCopy:
    return ExportCopy(
        path=Path(item["target"]) if message["ok"] else None, unreadable=int(message["unreadable"])
    )
