"""`thapcanh spool drain DIR`: sends what the disk of a dead machine still holds.

DIR is the data folder of that machine, or a copy of it: every worker's events that the queue does
not have are sent, what was open is cleared as after a restart, and evidence that waited there is
brought to the store. Nothing is sent twice: messages keep the numbers they were given.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from alerts.errors import AlertsError
from alerts.events.publisher import EventPublisher
from alerts.events.queue import EventQueue
from alerts.events.spool import Spool
from alerts.events.worker_keys import WorkerKeyError
from alerts.evidence.recorder import EventRecorder
from app import exit_codes
from app.site_evidence import site_evidence
from app.site_file import load_site
from app.site_paths import QueueAddressMissing, site_paths_of
from app.site_queue import site_queue
from app.terminal import fail
from app.worker.signing import transport_of
from config.problem import ConfigError
from config.site import Site

LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What became of one worker's spool."""

    worker: str
    events: int  # sent to the queue
    waiting: int  # events that the queue did not take in time
    evidence: int  # messages whose files the store did not take in time


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
    code = exit_codes.OK
    try:
        with closing(site_queue(site)) as queue:
            alive = {one["worker"] for one in queue.workers() if not one["lost"]}
            for path in spools:
                if path.stem in alive and path == site_paths_of(site).spool(path.stem).resolve():
                    return fail(f"{path}: {path.stem} runs and sends this by itself")
                drained = drain(site, queue, path, within_s=options.within)
                sys.stdout.write(_said(drained))
                if drained.waiting or drained.evidence:
                    code = exit_codes.FAILED
    except (AlertsError, QueueAddressMissing, WorkerKeyError) as error:
        return fail(error, exit_codes.FAILED)
    return code


def drain(site: Site, queue: EventQueue, path: Path, *, within_s: float) -> Drained:
    """Send one spool's events and evidence as its worker would after a restart.

    Raises `AlertsError` where the spool cannot be opened, `WorkerKeyError` where what it sends has
    to be signed and its key is not here.
    """
    with ExitStack() as stack:
        spool = Spool(path, path.stem)
        stack.callback(spool.close)
        publisher = EventPublisher(
            spool, transport_of(queue, site, path.stem), finished_before=queue.finished_before
        )
        recorder = EventRecorder(site_evidence(site), spool)
        publisher.start()
        stack.callback(publisher.stop)
        recorder.start()
        recorder.end_open("worker_restarted", system=True)
        for _ in _until(time.monotonic() + within_s):
            if not recorder.stats().waiting and not recorder.delivery().waiting:
                break
        recorder.stop()
        for _ in _until(time.monotonic() + within_s):
            if publisher.stats().checked_at and not spool.depth().count:
                break
        return Drained(
            worker=path.stem,
            events=publisher.stats().sent,
            waiting=spool.depth().count,
            evidence=recorder.delivery().waiting,
        )


def _until(deadline: float) -> Iterator[None]:
    while time.monotonic() < deadline:
        yield
        time.sleep(LOOK_EVERY_S)


def _spools(folder: Path) -> list[Path]:
    """The spool files of a data folder, or of the folder `spool` itself; raises OSError."""
    inside = folder / "spool"
    root = inside if inside.is_dir() else folder
    list(root.iterdir())  # names a folder that cannot be read
    return sorted(path.resolve() for path in root.glob("*.sqlite"))


def _said(drained: Drained) -> str:
    told = f"{drained.worker}: {drained.events} events sent"
    if drained.waiting:
        told += f"; {drained.waiting} still wait, the queue did not take them in time"
    if drained.evidence:
        told += f"; evidence of {drained.evidence} messages waits for the store"
    return f"{told}\n"
