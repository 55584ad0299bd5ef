"""Command `thapcanh spool drain DIR`: sends what the disk of a dead machine holds."""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.sender_check import OURS
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.spool_file import read_epoch
from thapcanh.alerts.queue.workers.worker_keys import WorkerKeyError
from thapcanh.alerts.store.errors import AlertsError, SpoolError
from thapcanh.app.process import exit_codes
from thapcanh.app.process.resources import process_with
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import QueueAddressMissing
from thapcanh.app.site.site_stores import site_evidence, site_queue
from thapcanh.app.worker.signing import transport_of
from thapcanh.config.problem import ConfigError
from thapcanh.config.site import Site

LOOK_EVERY_S = 0.1
TELL_EVERY_S = 2.0


class SpoolInUse(Exception):
    """A spool that a living process sends by itself; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """Result of draining one worker's spool."""

    worker: str
    events: int  # sent to the queue
    waiting: int  # events that the queue did not take in time
    evidence: int  # messages whose files the store did not take in time

    @property
    def is_empty(self) -> bool:
        """True if nothing is pending."""
        return not self.waiting and not self.evidence

    def __str__(self) -> str:
        told = f"{self.worker}: {self.events} events sent"
        if self.waiting:
            told += f"; {self.waiting} still wait, the queue did not take them in time"
        if self.evidence:
            told += f"; evidence of {self.evidence} messages waits for the store"
        return told


def run_drain(options: argparse.Namespace) -> int:
    """`thapcanh spool drain DIR`; returns the exit code: 0 only when nothing waits any more."""
    try:
        site = load_site(options.config).site_or_raise()
        spools = _spools(options.folder)
    except (ConfigError, OSError) as error:
        return fail(error)
    if not spools:
        return fail(
            f"{options.folder}: no worker's spool here (*.sqlite, or spool/*.sqlite); "
            "name the data folder of the dead machine",
            exit_codes.MISUSED,
        )
    try:
        with closing(site_queue(site)) as queue:
            epochs = _living_epochs(queue)
            codes = [_drained(site, queue, path, epochs, options.within) for path in spools]
    except (AlertsError, QueueAddressMissing, WorkerKeyError) as error:
        return fail(error, exit_codes.FAILED)
    return max(codes)


def _drained(
    site: Site, queue: EventQueue, path: Path, epochs: dict[str, int | None], within_s: float
) -> int:
    try:
        _require_ownerless(path, epochs)
        drained = drain(site, queue, path, within_s=within_s)
    except (SpoolInUse, SpoolError, WorkerKeyError) as error:
        return fail(error, exit_codes.FAILED)
    sys.stdout.write(f"{drained}\n")
    return exit_codes.OK if drained.is_empty else exit_codes.FAILED


def drain(site: Site, queue: EventQueue, path: Path, *, within_s: float) -> Drained:
    """Send one spool's events and evidence as its worker would after a restart.

    Raises `AlertsError` if the spool cannot be opened, and `WorkerKeyError` if entries must be
    signed and the key is missing.
    """
    worker = path.stem
    with ExitStack() as stack:
        spool = Spool(path, worker)
        stack.callback(spool.close)
        publisher = EventPublisher(
            spool, transport_of(queue, site, worker), finished_before=queue.finished_before
        )
        recorder = EventRecorder(site_evidence(site), spool)
        publisher.start()
        stack.callback(publisher.stop)
        recorder.start()
        recorder.end_open("worker_restarted", system=True)

        def told() -> str:
            return (
                f"{worker}: {publisher.stats().sent} events sent, {spool.depth().count} wait; "
                f"evidence of {recorder.delivery().waiting} messages waits"
                f"{_because(recorder.delivery().error, publisher.stats().last_error)}"
            )

        _wait(lambda: not (recorder.stats().waiting or recorder.delivery().waiting), told, within_s)
        recorder.stop()
        _wait(
            lambda: bool(publisher.stats().checked_at) and not spool.depth().count, told, within_s
        )
        return Drained(
            worker=worker,
            events=publisher.stats().sent,
            waiting=spool.depth().count,
            evidence=recorder.delivery().waiting,
        )


def _wait(is_done: Callable[[], bool], told: Callable[[], str], within_s: float) -> None:
    """Wait for the sending threads and report progress on standard error."""
    deadline = time.monotonic() + within_s
    report_at = time.monotonic() + TELL_EVERY_S
    while not is_done() and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        if time.monotonic() >= report_at:
            sys.stderr.write(f"{told()}\n")
            report_at = time.monotonic() + TELL_EVERY_S


def _because(*errors: str | None) -> str:
    causes = [error for error in errors if error]
    return f" ({'; '.join(causes)})" if causes else ""


def _living_epochs(queue: EventQueue) -> dict[str, int | None]:
    """Return live workers with their spool's epoch; None for earlier versions."""
    return {
        worker["worker"]: spool.get("epoch") if (spool := worker.get("spool")) else None
        for worker in queue.workers()
        if not worker["lost"]
    }


def _require_ownerless(path: Path, epochs: dict[str, int | None]) -> None:
    """Raise `SpoolInUse` for a spool that goes on elsewhere, `SpoolError` for what is none.

    A copy of a living worker's spool would give out the numbers that the worker gives out next.
    """
    epoch, worker = read_epoch(path), path.stem
    if worker in epochs and epochs[worker] in (None, epoch):
        raise SpoolInUse(f"{path}: {worker} runs and sends this by itself")
    if (pid := process_with(path)) is not None:
        raise SpoolInUse(f"{path}: process {pid} has it open; stop that one first")


def _spools(folder: Path) -> list[Path]:
    """Return the spool files of a data folder or a `spool` folder; raises `OSError`.

    The centre's own spools are sent by the next centre that starts on this folder.
    """
    inside = folder / "spool"
    root = inside if inside.is_dir() else folder
    list(root.iterdir())  # names a folder that cannot be read
    return sorted(path.resolve() for path in root.glob("*.sqlite") if path.stem not in OURS)
