"""Metrics of a worker: sums over its cameras, and resource usage.

Sums never decrease while the worker lives: counts of stopped cameras are added.
"""

import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.store_monitor import StoreMonitor
from thapcanh.alerts.queue.workers.worker_report import EvidenceWord, InferenceReport
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.camera.camera import CameraHealth

_STATM = Path("/proc/self/statm")


class CameraTotals:
    """Sums over the cameras that are watched and those that were. One thread."""

    def __init__(self) -> None:
        self._removed: dict[str, float] = {}
        self._removed_wakes: dict[str, int] = {}

    def keep(self, health: CameraHealth) -> None:
        """Add the final counts of a stopped camera."""
        _add(self._removed, _counts_of(health))
        _add(self._removed_wakes, health.decoding.wakes_by)

    def figures(self, healths: Iterable[CameraHealth]) -> dict[str, Any]:
        """Return the sums, and the numbers of cameras by state and mode."""
        sums, wakes = dict(self._removed), dict(self._removed_wakes)
        states: Counter[str] = Counter()
        modes: Counter[str] = Counter()
        for health in healths:
            _add(sums, _counts_of(health))
            _add(wakes, health.decoding.wakes_by)
            states[str(health.state)] += 1
            modes[str(health.decoding.mode)] += 1
        return {"sums": sums, "wakes": wakes, "states": dict(states), "modes": dict(modes)}


def worker_figures(totals: dict[str, Any], loop: InferenceLoop) -> dict[str, Any]:
    """Return the metrics in a worker's report."""
    return {
        **totals,
        "look_interval_s": loop.intervals.counted(),
        "inference_s": loop.inferences.counted(),
        "witness_wait_s": loop.witness_waits.counted(),
        "cpu_s": round(time.process_time(), 2),
        "rss_bytes": _rss_bytes(),
    }


def _counts_of(health: CameraHealth) -> dict[str, float]:
    return {
        "decode_s": health.decode_cpu_s,
        "packets": health.packets,
        "packets_skipped": health.packets_skipped,
        "packets_bad": health.bad_packets,
        "pictures_damaged": health.damaged_pictures,
        "groups_given_up": health.groups_given_up,
        "prerolls_cut": health.prerolls_cut,
        "frames_decoded": health.frames_decoded,
        "frames_dropped": health.frames_dropped,
        "reconnects": health.reconnects,
    }


def _add(sums: dict[str, Any], more: Any) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0) + value


def _rss_bytes() -> int | None:
    """Return the resident memory in bytes, or None."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def evidence_figures(recorder: EventRecorder, monitor: StoreMonitor) -> EvidenceWord:
    store = monitor.state()
    status = {
        **asdict(recorder.delivery()),
        "store": None if store.condition is None else store.condition.report(),
        "error": store.error,
    }
    return cast(EvidenceWord, status)


def counters_of(loop: InferenceLoop) -> InferenceReport:
    return cast(InferenceReport, asdict(loop.health()))
