"""Comparison of configured cameras with those that workers watch. Pure."""

from collections.abc import Iterable, Sequence

from thapcanh.alerts.queue.exchanges.phone_list import PHONE_PREFIX
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.config.rules import Priority

UNWATCHED = HealthProblem(
    rule_id="cameras_unwatched", kind=SystemKind.WORKER_LOST, priority=Priority.P1,
    raise_after_s=45.0, clear_after_s=5.0,
)  # a worker that starts on a busy machine loads its model in well under this  # fmt: skip
UNNAMED = HealthProblem(
    rule_id="cameras_unnamed", kind=SystemKind.CONFIG_PROBLEM, raise_after_s=60.0
)  # a removed camera may run until its worker has read the change

_NAMED = 5

Workers = Sequence[WorkerReport]


def camera_findings(configured: Sequence[str], workers: Workers, subject: str) -> list[HealthCheck]:
    """Return findings on the differences."""
    dark, strange = _unwatched(configured, workers), unnamed_cameras(configured, workers)
    return [
        _finding(UNWATCHED, subject, dark, "cameras have no worker", "every camera has one"),
        _finding(UNNAMED, subject, strange, "cameras run that stand in no configuration here",
              "every camera that runs is known"),
    ]  # fmt: skip


def unnamed_cameras(configured: Iterable[str], workers: Workers) -> list[str]:
    """Return cameras that live workers watch but the configuration lacks, except phones.

    They are on no screen, and their alerts have no place: the worker reads other files.
    """
    reported = {
        item["id"] for worker in workers if not worker["lost"] for item in worker.get("cameras", ())
    }
    strange = reported.difference(configured)
    return sorted(item for item in strange if not item.startswith(PHONE_PREFIX))


def _unwatched(configured: Iterable[str], workers: Workers) -> list[str]:
    """Return cameras in no worker's report, except those of lost workers."""
    watched = {item["id"] for worker in workers for item in worker.get("cameras", ())}
    watched |= {item for worker in workers for item in worker.get("watched", ())}
    return [camera for camera in configured if camera not in watched]


def _finding(
    trouble: HealthProblem, subject: str, found: Sequence[str], fault: str, fine: str
) -> HealthCheck:
    named = ", ".join(found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
    return HealthCheck(
        trouble=trouble,
        subject=subject,
        verdict=HealthVerdict.FAULT if found else HealthVerdict.FINE,
        reason=f"{len(found)} {fault}: {named}" if found else fine,
    )
