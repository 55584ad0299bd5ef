"""Command `thapcanh worker`: runs a share of the cameras until it is stopped."""

import logging
import os
import threading
from contextlib import closing
from pathlib import Path

from thapcanh.alerts.queue.workers.worker_keys import WorkerKeyError
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.process import exit_codes
from thapcanh.app.process.heartbeat import ProcessStart, StartStep
from thapcanh.app.process.log import use_format
from thapcanh.app.process.part_ownership import AlreadyRuns, PartOwnership
from thapcanh.app.process.resources import allow_many_files, freeze_objects
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.site import OpenedSite, open_site
from thapcanh.app.site.site_file import load_worker_site
from thapcanh.app.site.site_paths import QueueAddressMissing, queue_address
from thapcanh.app.worker.camera_share import AssignedShare, CameraShare, WorkerShare
from thapcanh.app.worker.worker import Worker
from thapcanh.detection.errors import DetectorError


def run_worker(
    config_path: Path, place: CameraShare, start: ProcessStart, stop: threading.Event
) -> int:
    """Watch this worker's cameras until `stop`; return the exit code."""
    allow_many_files()  # each camera holds one at least
    if isinstance(place, WorkerShare) and not place.exists:
        shown = f"--index {place.index} --of {place.of}"
        return fail(f"worker {shown}: no such worker, count from 0 below --of", exit_codes.MISUSED)
    concerns = place.has if isinstance(place, WorkerShare) else None  # a handed share changes
    assigned = place if isinstance(place, AssignedShare) else None
    start.begin(StartStep.SITE)
    with closing(
        open_site(config_path, place.worker_id, concerns, load_worker_site, assigned)
    ) as opened:
        return _run(config_path, opened, place, start, stop)


def _run(
    config_path: Path,
    opened: OpenedSite,
    place: CameraShare,
    start: ProcessStart,
    stop: threading.Event,
) -> int:
    loaded = opened.loaded
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    use_format(loaded.site.log.format)
    try:
        start.begin(StartStep.MODEL)
        worker = Worker(loaded.site, place)
    except AlertsError as error:  # a full disk is no reason to give the site up
        return fail(error, exit_codes.FAILED if error.retry_helps else exit_codes.UNUSABLE)
    except (DetectorError, QueueAddressMissing, WorkerKeyError) as error:
        return fail(error)
    right = PartOwnership(
        queue_address(loaded.site), place.worker_id, "give each worker its own --index"
    )
    start.begin(StartStep.CLAIM)
    try:
        right.take(stop)
    except AlreadyRuns as error:
        return fail(error, exit_codes.FAILED)
    start.begin(StartStep.SERVICES)
    freeze_objects()  # before a camera opens: what is replaced later must not be kept
    with worker.running():
        watch = ConfigWatch(config_path, loaded, opened.registry, load_worker_site)
        start.end()
        code = worker.tend(watch, start.beat, stop, right)
    right.release()
    if worker.hangs:
        logging.shutdown()
        os._exit(code)  # a thread inside the detector would hold an orderly exit up
    return code
