"""Capacity of a worker in cameras: configured at first, then measured.

Pure.
"""

from dataclasses import dataclass

from thapcanh.alerts.queue.workers.worker_report import WorkerReport

CAMERA_BYTES = 27_000_000  # the most that was measured with 32 or more in a worker (docs/city.md)
LATE_SHARE = 0.02  # of the looks between two reports
REPORTS = 5  # reports in a row that say the same, before it is believed
LESS, MORE = 0.9, 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLoad:
    """One report: cameras, inferences since the start, and late ones."""

    cameras: int
    looks: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCapacity:
    cameras: int
    most: int
    """What its machine's memory holds."""
    last: WorkerLoad | None = None
    late_rounds: int = 0
    good_rounds: int = 0


def load_of(status: WorkerReport) -> WorkerLoad | None:
    """Return the load in a worker's report, or None if it has no inference counts."""
    inferences = status.get("looks") or {}
    looks, late = inferences.get("looks"), inferences.get("late")
    if looks is None or late is None:
        return None
    return WorkerLoad(cameras=len(status.get("cameras", ())), looks=looks, late=late)


def measured(current: MeasuredCapacity, load: WorkerLoad) -> MeasuredCapacity:
    """Return the capacity updated by one report."""
    last = current.last
    if last is None or load.looks < last.looks:  # the first word, or it began again
        return _noted(current, load, late=0, good=0)
    looks, late = load.looks - last.looks, load.late - last.late
    if looks == 0:
        return current
    is_late = late > LATE_SHARE * looks
    late_rounds = current.late_rounds + 1 if is_late else 0
    good_rounds = 0 if is_late else current.good_rounds + 1
    if late_rounds >= REPORTS and load.cameras > 1:
        fewer = min(current.cameras, max(1, int(LESS * load.cameras)))
        return _noted(current, load, late=0, good=0, cameras=fewer)
    if good_rounds >= 10 * REPORTS and load.cameras >= current.cameras:
        more = min(current.most, int(MORE * current.cameras) + 1)
        return _noted(current, load, late=0, good=0, cameras=more)
    return _noted(current, load, late=late_rounds, good=good_rounds)


def of_memory(available_bytes: int, workers: int) -> int:
    """Return how many cameras each of these workers has memory for."""
    return max(1, available_bytes // CAMERA_BYTES // max(1, workers))


def _noted(
    current: MeasuredCapacity, load: WorkerLoad, *, late: int, good: int, cameras: int | None = None
) -> MeasuredCapacity:
    return MeasuredCapacity(
        cameras=current.cameras if cameras is None else cameras,
        most=current.most,
        last=load,
        late_rounds=late,
        good_rounds=good,
    )
