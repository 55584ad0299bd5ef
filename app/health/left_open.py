"""Clearing of events that their sources will never clear.

Owned by the health thread, which gives the time. `LeaderTerms` finds, for each new term, the active
events in the archive that this centre did not raise.
"""

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from typing import Protocol

from thapcanh.alerts.alert.event_rows import ActiveEvent
from thapcanh.alerts.queue.sender_check import OURS
from thapcanh.alerts.queue.system_events import followed, is_system
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.store.coordination.leadership import Leadership
from thapcanh.app.health.centre_health_checks import lost_for
from thapcanh.app.health.health_monitor import UNSEEN
from thapcanh.detection.event import Event, EventPhase

ABANDONED_S = 300.0  # nobody has spoken for it for longer: what it tells of is over
WORKER_LOST, WORKER_REMOVED = "worker_lost", "worker_gone"


class ActiveEvents(Protocol):
    """Archive interface used here."""

    def all_active(self) -> list[ActiveEvent]: ...

    def newest_of(self, event_ids: Collection[str]) -> list[Event]:
        """Return the newest message of each of these active events."""
        ...


class LeftOpen:
    """Tracker of events without a live source, and of those cleared here."""

    def __init__(self, archive: ActiveEvents) -> None:
        self._archive = archive
        self._since: dict[str, float] = {}
        self._ended: frozenset[str] = frozenset()

    def ended(
        self, workers: Sequence[WorkerReport], cameras: Iterable[str], now: float
    ) -> list[Event]:
        """Return the clearings of abandoned events, each once. Raises `ArchiveError`."""
        lost = set(lost_for(workers, now, ABANDONED_S))
        reporting = {worker["worker"] for worker in workers}
        watched = {item["id"] for worker in workers for item in worker.get("cameras", ())}
        subjects = reporting.union(cameras, watched)
        active = [item for item in self._archive.all_active() if item.source not in OURS]
        why = {item.event_id: _unspoken(item, lost, reporting, subjects) for item in active}
        left = {event_id: reason for event_id, reason in why.items() if reason is not None}
        self._since = {item: min(self._since.get(item, now), now) for item in left}
        over = {
            item: reason
            for item, reason in left.items()
            if reason is WORKER_LOST or now - self._since[item] >= ABANDONED_S
        }
        new, self._ended = over.keys() - self._ended, frozenset(over)
        found = self._archive.newest_of(sorted(new)) if new else []
        return [followed(each, EventPhase.CLEARED, over[each.event_id], now) for each in found]

    def interrupted(self) -> None:
        """Nobody could report: who did not speak until now may yet."""
        self._since.clear()


class LeaderTerms:
    """Detector of new terms for one task. Owned by that task's thread."""

    def __init__(
        self,
        leadership: Leadership,
        left_open: Callable[[], list[Event]],
        *,
        is_shared: bool,
    ) -> None:
        """`left_open` finds what was raised and not cleared; it may raise `ArchiveError`."""
        self._leadership = leadership
        self._left_open = left_open
        self._is_shared = is_shared
        self._term: int | None = None

    def begun(self) -> list[Event] | None:
        """Return the active events if a term started since the last call, else None."""
        term = self._leadership.term
        if term == self._term:
            return None
        found = self._left_open()
        self._term = term
        return found

    def stray(self) -> list[Event]:
        """Return the active events of all centres; those of a dead one may arrive late."""
        return self._left_open() if self._is_shared else []


def _unspoken(
    event: ActiveEvent, lost: Set[str], reporting: Set[str], subjects: Set[str]
) -> str | None:
    """Return why no source will clear this event; None if its worker will."""
    if event.source in lost:
        return WORKER_LOST
    if event.source not in reporting:
        return WORKER_REMOVED
    return UNSEEN if is_system(event.kind) and event.camera_id not in subjects else None
