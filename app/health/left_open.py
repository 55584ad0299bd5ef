"""Ends what was left open by those who will never end it: no alarm glows for ever.

A worker clears what it raised. One that was lost, or taken away by a smaller number of workers,
does not; neither does one whose camera alarm was ended on its side and not in the archive. Owned by
the thread of the centre's health rounds, which gives the time.

`LeaderTerms`: what a centre that begins to lead must find out: which events are open that it did
not raise. A round that remembers what it raised begins again with each term, from what the archive
says.
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

GIVEN_UP_S = 300.0  # nobody has spoken for it for longer: what it tells of is over
WORKER_LOST, WORKER_GONE = "worker_lost", "worker_gone"


class ActiveEvents(Protocol):
    """The archive, as far as it is asked here."""

    def all_active(self) -> list[ActiveEvent]:
        """Every event that is not cleared, whoever raised it."""
        ...

    def newest_of(self, event_ids: Collection[str]) -> list[Event]:
        """The newest message of each of these events that is not cleared."""
        ...


class LeftOpen:
    """Remembers since when nobody has spoken for an event, and which ones were ended."""

    def __init__(self, archive: ActiveEvents) -> None:
        self._archive = archive
        self._since: dict[str, float] = {}
        self._ended: frozenset[str] = frozenset()

    def ended(
        self, workers: Sequence[WorkerReport], cameras: Iterable[str], now: float
    ) -> list[Event]:
        """The clearings of what nobody will clear, each once. Raises `ArchiveError`."""
        lost = set(lost_for(workers, now, GIVEN_UP_S))
        known = {worker["worker"] for worker in workers}
        watched = {one["id"] for worker in workers for one in worker.get("cameras", ())}
        subjects = known.union(cameras, watched)
        active = [one for one in self._archive.all_active() if one.source not in OURS]
        why = {one.event_id: _unspoken(one, lost, known, subjects) for one in active}
        left = {event_id: reason for event_id, reason in why.items() if reason is not None}
        self._since = {one: min(self._since.get(one, now), now) for one in left}
        over = {
            one: reason
            for one, reason in left.items()
            if reason is WORKER_LOST or now - self._since[one] >= GIVEN_UP_S
        }
        new, self._ended = over.keys() - self._ended, frozenset(over)
        found = self._archive.newest_of(sorted(new)) if new else []
        return [followed(each, EventPhase.CLEARED, over[each.event_id], now) for each in found]

    def interrupted(self) -> None:
        """Nobody could report: who did not speak until now may yet."""
        self._since.clear()


class LeaderTerms:
    """Tells one round of each new term. Owned by the thread of that round."""

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
        """The events that are open where a term has begun since the last call, else None."""
        term = self._leadership.term
        if term == self._term:
            return None
        found = self._left_open()
        self._term = term
        return found

    def stray(self) -> list[Event]:
        """The open events of all centres: one that died may have raised what comes in late."""
        return self._left_open() if self._is_shared else []


def _unspoken(
    event: ActiveEvent, lost: Set[str], known: Set[str], subjects: Set[str]
) -> str | None:
    """Why nobody will clear this event; None where its worker does."""
    if event.source in lost:
        return WORKER_LOST
    if event.source not in known:
        return WORKER_GONE
    return UNSEEN if is_system(event.kind) and event.camera_id not in subjects else None
