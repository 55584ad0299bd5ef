"""Command `thapcanh status`: problems found in workers' reports, queue and archive."""

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from thapcanh.alerts.health.status import OpenSystemAlert, SystemStatus, read_alarms, system_status
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.self_test_event import PROVE_EVERY_S
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.queue.workers.worker_report import CameraWord, WorkerReport
from thapcanh.alerts.store.coordination.centres import (
    ExpectedCentre,
    LivingCentre,
    expected_centres,
    living_centres,
)
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError, GroupMissing, QueueError
from thapcanh.app.health.watched_cameras import unnamed_cameras
from thapcanh.app.process import exit_codes
from thapcanh.app.process.disk_room import amount_text, disks_of, existing, is_exhausted
from thapcanh.app.process.embedded_valkey import queue_dir
from thapcanh.app.process.heartbeat import read_start
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.site.extras import missing_extras
from thapcanh.app.site.site_paths import (
    QueueAddressMissing,
    archive_url,
    missing_archive,
    site_paths_of,
)
from thapcanh.app.site.site_stores import site_queue
from thapcanh.app.supervisor.supervisor import is_held
from thapcanh.app.worker.health_checks import evidence_trouble
from thapcanh.config.load import Loaded
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site

LINES = 10
SHOWN = 5  # cameras named one by one; the rest are counted
UNREAD_BAD = 1000
CENTRE_SILENT_S = 30.0  # a centre asks every 2 s, or after 10 s where its archive is down
UNPROVEN_S = 2 * PROVE_EVERY_S + 60.0  # one proof may be late, two are missing
LOW_SHARE, LOW_BYTES = 0.1, 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the status; `bad` lines make the exit code 1."""

    text: str
    bad: bool
    is_cause: bool = False  # others follow from it: it stands before them


def run_status(config_path: Path) -> int:
    """Print the findings, problems first."""
    loaded = read_site(config_path, in_force=True)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    now = time.time()
    findings = [
        *_of_disks(loaded.site),
        *_of_starts(site_paths_of(loaded.site).run_dir, now),
        *configuration_findings(loaded),
        *(Finding(text=missing, bad=True) for missing in missing_extras(loaded.site)),
        *_of_queue(loaded.site, now),
        *unlisted_findings(read_alarms(site_paths_of(loaded.site).alarms)),
        *_of_archive(loaded.site, now),
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines(findings)))
    return exit_codes.FAILED if any(item.bad for item in findings) else exit_codes.OK


def _of_starts(run_dir: Path, now: float) -> list[Finding]:
    """Return this machine's processes that are still starting, with their progress."""
    found = []
    for path in sorted(run_dir.glob("*.beat")):
        state = read_start(path)
        if state is not None:
            silent_s = max(0.0, now - path.stat().st_mtime)
            doing = f"{path.stem}: {state.words.en}; started {now - state.started_at:.0f} s ago"
            text = f"{doing}, last progress {silent_s:.0f} s ago"
            found.append(Finding(text=text, bad=True, is_cause=True))
    return found


def configuration_findings(loaded: Loaded) -> list[Finding]:
    """Pure: what is wrong with the files, and whether they are in force."""
    problems = loaded.refused or loaded.problems
    refused = bool(loaded.refused)
    findings = [
        Finding(text=f"configuration: {problem}", bad=True, is_cause=refused)
        for problem in problems
    ]
    if refused:
        text = "configuration: the last good one is in force, the files are not applied"
        return [Finding(text=text, bad=True, is_cause=True), *findings]
    return findings


def lines(findings: Sequence[Finding]) -> list[str]:
    """Pure: at most ten lines, causes first, then what is wrong; a count if they do not fit."""
    wrong = sorted((item for item in findings if item.bad), key=lambda item: not item.is_cause)
    bad = [f"! {item.text}" for item in wrong]
    if len(bad) > LINES:
        return [*bad[: LINES - 1], f"! … and {len(bad) - LINES + 1} more: see the screens"]
    return [*bad, *(f"  {item.text}" for item in findings if not item.bad)][:LINES]


def _of_queue(site: Site, now: float) -> list[Finding]:
    try:
        queue = site_queue(site)
        try:
            workers = queue.workers()
            unread, pending = _depth(queue)
            silent_s = queue.unasked_for_s()
            full = queue.stream.memory_trouble()
        finally:
            queue.close()
    except (QueueError, QueueAddressMissing) as error:
        if site.queue.url is None and not is_held(site_paths_of(site).run_dir):
            text = "the site is stopped: nothing runs on this machine, start thapcanh"
            return [Finding(text=text, bad=True, is_cause=True)]
        return [Finding(text=f"queue: {error}", bad=True)]
    text = f"queue: {unread} events unread, {pending} being stored"
    return [
        *([] if full is None else [Finding(text=f"queue: {full}", bad=True, is_cause=True)]),
        *centre_status_findings(silent_s),
        *judge(site, workers, now),
        Finding(text=text, bad=unread > UNREAD_BAD),
    ]


def centre_status_findings(silent_s: float | None) -> list[Finding]:
    """Pure: a centre that does not fetch events shows none, however calm its screens are."""
    if silent_s is None:
        return [Finding(text="no centre has joined the queue: nothing is shown", bad=True)]
    if silent_s < CENTRE_SILENT_S:
        return []
    text = f"centre: has fetched no events for {silent_s:.0f} s; see its log, or start it"
    return [Finding(text=text, bad=True)]


def centres_findings(
    centres: Sequence[LivingCentre], expected: Sequence[ExpectedCentre] = (), *, is_shared: bool
) -> list[Finding]:
    """Return findings on the centres: live, leading, missing. Pure."""
    if not is_shared:
        return []
    wrong = [
        *(f"centre {item.name}: missing for {item.silent_s:.0f} s; start it, or `thapcanh centre "
          f"remove {item.name}`" for item in expected if item.is_missing),
        *(f"centre {item.name}: its clock is {item.ahead_s:+.0f} s from the archive's"
          for item in expected if item.clock_is_off),
        *(f"centre {item.name}: its program does not write the archive's schema, and nothing that "
          "its officers do is stored; update it" for item in expected
          if item.is_outdated and not item.is_missing),
    ]  # fmt: skip
    summary = ", ".join(f"{item.name} leads" if item.leads else item.name for item in centres)
    bad = not any(item.leads for item in centres)
    text = f"centres: {summary or 'none'}" + ("; none of them leads" if bad and centres else "")
    causes = (Finding(text=each, bad=True, is_cause=True) for each in wrong)
    return [*causes, Finding(text=text, bad=bad)]


def _depth(queue: EventQueue) -> tuple[int, int]:
    """Return how many entries are unread and how many are unconfirmed."""
    try:
        depth = queue.depth()
    except GroupMissing:  # no centre has joined yet
        return 0, 0
    return depth.unread or 0, depth.pending


def _of_archive(site: Site, now: float) -> list[Finding]:
    url = archive_url(site)
    missing = missing_archive(url)
    if missing is not None:
        return [Finding(text=f"archive: there is none at {missing}", bad=True)]
    try:
        database = Database(url)
        try:
            expected, is_shared = expected_centres(database), not database.is_sqlite
            centres = centres_findings(living_centres(database), expected, is_shared=is_shared)
            return [*centres, *archive_findings(system_status(database), now)]
        finally:
            database.close()
    except ArchiveError as error:
        return [Finding(text=f"archive: {error}", bad=True)]


def unlisted_findings(alarms: Sequence[OpenSystemAlert]) -> list[Finding]:
    """Pure: what the centre could not store."""
    return [
        Finding(text=f"not stored: {_trouble(each)}", bad=True, is_cause=True) for each in alarms
    ]


def archive_findings(standing: SystemStatus, now: float) -> list[Finding]:
    """Return findings on the archive's troubles, except dark cameras. Pure."""
    summary = [each for each in standing.troubles if each.kind != SystemKind.CAMERA_OFFLINE]
    findings = [Finding(text=_trouble(each), bad=True) for each in summary]
    at = standing.last_proven
    proven = "never" if at is None else _time(at)
    late = at is None or now - at > UNPROVEN_S
    findings.append(Finding(text=f"the way from workers to archive: proven {proven}", bad=late))
    waiting = standing.unanswered_p1
    text = f"alerts: {waiting} of priority 1 unanswered"
    return [*findings, Finding(text=text, bad=waiting > 0)]


def _of_disks(site: Site) -> list[Finding]:
    folders = [site.site.data_dir]
    if site.queue.url is None:
        folders.append(queue_dir(site))
    return [_of_disk(folder) for folder in disks_of(map(existing, folders))]


def _of_disk(folder: Path) -> Finding:
    disk = shutil.disk_usage(folder)
    text = f"disk of {folder}: {amount_text(disk.free)} free"
    if is_exhausted(folder, disk.free, disk.total):
        text += "; it is full, and the reserve for alerts is given up: make room at once"
    low = disk.free < min(LOW_BYTES, LOW_SHARE * disk.total)
    return Finding(text=text, bad=low, is_cause=low)


def judge(site: Site, workers: Sequence[WorkerReport], now: float) -> list[Finding]:
    """Return findings on the site's cameras from the workers' reports. Pure."""
    summary = [_worker(worker, now) for worker in workers]
    findings = [item for item in summary if item.bad]
    if workers:
        well = sum(
            not item["lost"] and (item.get("looks") or {}).get("state") == "looking"
            for item in workers
        )
        text = f"workers: {well} of {len(summary)} look"
        findings.append(Finding(text=text, bad=well < len(summary)))
    else:
        findings.append(Finding(text="no worker reports: no camera is watched", bad=True))
    reported = {camera["id"]: camera for worker in workers for camera in worker.get("cameras", ())}
    dark = [(camera.id, reported.get(camera.id)) for camera in site.cameras]
    dark = [
        (key, status) for key, status in dark if status is None or status.get("state") != "online"
    ]
    online = len(site.cameras) - len(dark)
    findings.append(
        Finding(text=f"cameras: {online} of {len(site.cameras)} online", bad=bool(dark))
    )
    strange = unnamed_cameras([camera.id for camera in site.cameras], workers)
    if strange:
        named = ", ".join(strange[:SHOWN]) + (", …" if len(strange) > SHOWN else "")
        text = f"cameras: {len(strange)} more run that stand in no configuration here: {named}"
        findings.append(Finding(text=text, bad=True))
    findings += [Finding(text=_camera(key, facts), bad=True) for key, facts in dark[:SHOWN]]
    if len(dark) > SHOWN:
        findings.append(Finding(text=f"… and {len(dark) - SHOWN} more cameras", bad=True))
    return findings


def _worker(worker: WorkerReport, now: float) -> Finding:
    name = worker["worker"]
    if worker["lost"]:
        silent_s = now - worker["reported_at"]
        return Finding(text=f"{name}: lost, silent for {silent_s:.0f} s", bad=True)
    looks, spool, queue = worker.get("looks"), worker.get("spool"), worker.get("queue")
    if not looks or not spool or not queue:
        return Finding(text=f"{name}: says nothing of its looks, its spool or its queue", bad=True)
    state, waiting = looks.get("state"), spool.get("waiting")
    text = f"{name}: {state}, {looks.get('looks')} looks, {waiting} events spooled"
    if not queue.get("connected"):
        return Finding(text=f"{text}; queue: {queue.get('error')}", bad=True)
    bad = state != "looking"
    if bad:
        return Finding(text=f"{text}; {looks.get('reason')}", bad=True)
    evidence = evidence_trouble(worker.get("evidence") or {}, now)
    if evidence:
        return Finding(text=f"evidence of {name}: {evidence}; {text}", bad=True, is_cause=True)
    return Finding(text=text, bad=False)


def _camera(camera_id: str, facts: CameraWord | None) -> str:
    if facts is None:
        return f"camera {camera_id}: no worker watches it"
    at = facts.get("since")
    since = "" if at is None else f" since {_time(at)}"
    return f"camera {camera_id}: {facts.get('state')}{since}: {facts.get('detail')}"


def _trouble(trouble: OpenSystemAlert) -> str:
    return f"{trouble.rule_id} {trouble.subject} since {_time(trouble.raised_at)}: {trouble.reason}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, LOCAL_TZ).strftime("%d/%m %H:%M:%S")
