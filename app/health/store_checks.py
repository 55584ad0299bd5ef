"""Health checks of the evidence store: space, identity, availability. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thapcanh.alerts.evidence.store_monitor import StoreMonitor, StoreState
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict

UNREADABLE = HealthProblem(rule_id="evidence_unreadable", kind=SystemKind.EVIDENCE_LAG)
DIFFERS = HealthProblem(
    rule_id="evidence_store_differs", kind=SystemKind.EVIDENCE_LAG, raise_after_s=4.0
)

EVIDENCE_PART = "evidence"  # the disk of the store


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """The store as the centre sees it, and whether it is a disk of its own."""

    state: StoreState
    own_disk: bool = False


def store_report(watch: StoreMonitor, data_dir: Path) -> StoreReport:
    """Return the store's last state; only the data disk is accessed."""
    state = watch.state()
    device = data_dir.stat().st_dev
    room = None if state.condition is None else state.condition.room
    other = room is not None and room.device != device
    return StoreReport(state=state, own_disk=other)


def evidence_findings(
    store: StoreReport | None, workers: Sequence[WorkerReport] | None, subject: str
) -> list[HealthCheck]:
    """Return every finding on the store; `subject` is the centre's part."""
    if store is None:
        return []
    error = store.state.error
    reason = "evidence reaches its store" if error is None else f"evidence store: {error}"
    verdict = HealthVerdict.FINE if error is None else HealthVerdict.FAULT
    unreadable = HealthCheck(trouble=UNREADABLE, subject=subject, verdict=verdict, reason=reason)
    living = [worker for worker in workers or () if not worker["lost"]]
    return [unreadable, *(_differs(store, worker) for worker in living)]


def store_room(store: StoreReport | None) -> tuple[int, int] | None:
    """Free and total bytes of the store where it is a disk of its own."""
    condition = None if store is None or not store.own_disk else store.state.condition
    room = None if condition is None else condition.room
    return None if room is None else (room.free_bytes, room.total_bytes)


def _differs(store: StoreReport, worker: WorkerReport) -> HealthCheck:
    name, condition = worker["worker"], store.state.condition
    evidence = worker.get("evidence")
    used = evidence.get("store") if evidence else None
    if condition is None or used is None or "id" not in used:
        return HealthCheck(trouble=DIFFERS, subject=name, verdict=HealthVerdict.UNSURE)
    same = used["id"] == condition.store_id
    reason = "the same evidence store" if same else "writes to another evidence store"
    verdict = HealthVerdict.FINE if same else HealthVerdict.FAULT
    return HealthCheck(trouble=DIFFERS, subject=name, verdict=verdict, reason=reason)
