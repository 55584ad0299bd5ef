"""Workers' reports as a test writes them, taken in as at the centre's door."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from thapcanh.alerts.queue.workers.worker_report import (
    WorkerReport,
    silent_worker,
    validated_cameras,
    validated_report,
)


def reports_of(workers: Sequence[Mapping[str, Any]]) -> list[WorkerReport]:
    """Reports of living workers, judged, and of silent ones; what a test leaves out is filled."""
    return [_report(one) for one in workers]


def _report(told: Mapping[str, Any]) -> WorkerReport:
    name, at = str(told.get("worker", "worker-0")), told.get("reported_at") or 0.0
    if told.get("lost"):
        return cast(WorkerReport, {"worker": name, "reported_at": at, **told})
    cameras = validated_cameras(told.get("cameras", []))
    if cameras is None:
        return silent_worker(name, at, [])
    report = validated_report({**told, "cameras": cameras}, name, at)
    assert report is not None
    return report
