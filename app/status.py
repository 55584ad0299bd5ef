"""`thapcanh status`: in a few lines what is wrong, from the queue and the workers' last reports.

Exit code 0 when every camera is seen, 1 when something is wrong, so that scripts can ask too.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerts.errors import QueueError
from alerts.queue import Queue
from app import exit_codes
from app.places import QueueAddressMissing, queue_url
from app.terminal import fail
from config.load import load
from config.site import Site

SHOWN = 8  # cameras named one by one; the rest are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the status; `bad` ones make the exit code 1."""

    text: str
    bad: bool


def run_status(config_path: Path) -> int:
    """Print the findings, wrong ones first."""
    loaded = load(config_path)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    try:
        queue = Queue(queue_url(loaded.site))
        try:
            workers, depth = queue.workers(), queue.depth()
        finally:
            queue.close()
    except (QueueError, QueueAddressMissing) as error:
        return fail(error, exit_codes.FAILED)
    findings = [
        *(Finding(text=f"configuration: {problem}", bad=True) for problem in loaded.problems),
        *judge(loaded.site, workers, time.time()),
        Finding(
            text=f"queue: {depth.unread or 0} events unread, {depth.pending} being stored",
            bad=(depth.unread or 0) > 1000,
        ),
    ]
    for finding in sorted(findings, key=lambda one: not one.bad):
        sys.stdout.write(f"{'!' if finding.bad else ' '} {finding.text}\n")
    return exit_codes.FAILED if any(one.bad for one in findings) else exit_codes.OK


def judge(site: Site, workers: list[dict[str, Any]], now: float) -> list[Finding]:
    """Pure: what the workers' reports say about the site's cameras."""
    findings = [_worker(worker, now) for worker in workers]
    if not workers:
        findings.append(Finding(text="no worker reports: no camera is watched", bad=True))
    seen = {camera["id"]: camera for worker in workers for camera in worker.get("cameras", ())}
    dark = [(camera.id, seen.get(camera.id)) for camera in site.cameras]
    dark = [(key, facts) for key, facts in dark if facts is None or facts["state"] != "online"]
    online = len(site.cameras) - len(dark)
    findings.append(
        Finding(text=f"cameras: {online} of {len(site.cameras)} online", bad=bool(dark))
    )
    findings += [Finding(text=_camera(key, facts), bad=True) for key, facts in dark[:SHOWN]]
    if len(dark) > SHOWN:
        findings.append(Finding(text=f"… and {len(dark) - SHOWN} more cameras", bad=True))
    return findings


def _worker(worker: dict[str, Any], now: float) -> Finding:
    name = worker["worker"]
    if worker.get("lost"):
        silent_s = now - worker["reported_at"]
        return Finding(text=f"{name}: lost, silent for {silent_s:.0f} s", bad=True)
    looks, spool = worker["looks"], worker["spool"]
    text = f"{name}: {looks['state']}, {looks['looks']} looks, {spool['waiting']} events spooled"
    if not worker["queue"]["connected"]:
        return Finding(text=f"{text}; queue: {worker['queue']['error']}", bad=True)
    bad = looks["state"] != "looking"
    return Finding(text=f"{text}; {looks['reason']}" if bad else text, bad=bad)


def _camera(camera_id: str, facts: dict[str, Any] | None) -> str:
    if facts is None:
        return f"camera {camera_id}: no worker watches it"
    since = time.strftime("%d/%m %H:%M:%S", time.localtime(facts["since"]))
    return f"camera {camera_id}: {facts['state']} since {since}: {facts['detail']}"
