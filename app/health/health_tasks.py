"""Periodic task of the centre that runs the health checks.

It has its own thread, because a hanging queue must not delay leases.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from thapcanh.alerts.health.status import UnlistedAlarms
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.event_stream import NewestDeadLetter, StreamEntry
from thapcanh.alerts.queue.queue import EventQueue, QueueDepth
from thapcanh.alerts.queue.redis_client import QueuePrimary
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import followed
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.queue.workers.worker_status import ClockReading
from thapcanh.alerts.store.coordination.leadership import SoleLeader
from thapcanh.alerts.store.errors import ArchiveError, GroupMissing, QueueError
from thapcanh.app.health.centre_health_checks import (
    PROOF_LATE_S,
    CentreReport,
    centre_health_checks,
)
from thapcanh.app.health.health_monitor import HealthCheck, HealthMonitor
from thapcanh.app.health.left_open import LeaderTerms, LeftOpen
from thapcanh.app.health.queue_primary import PrimaryMoves
from thapcanh.app.health.store_checks import EVIDENCE_PART, StoreReport, store_room
from thapcanh.app.process.disk_room import disk_of
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.config.difference import PARTING_SECTIONS
from thapcanh.config.loading.read import file_label
from thapcanh.config.problem import ConfigProblem
from thapcanh.config.site import Site
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.clock import Clock, SystemClock

log = logging.getLogger(__name__)

SOURCE = "centre"
WATCH_EVERY_S = 2.0  # a lost worker is known within 10 s
GAP_OLD_S = 60.0  # a late message would have come within this
STRAY_EVERY_S = 30.0
LEFT_OPEN_EVERY_S = 30.0
REPORTED_TWICE = "told_by_two_centres"
SETTLE_S = 6.0  # after an outage of the queue, until every living worker has reported again


class SiteInForce(Protocol):
    """The configuration: the site in force, and what is wrong with the files as they are now."""

    @property
    def site(self) -> Site: ...

    @property
    def problems(self) -> Sequence[ConfigProblem]:
        """Problems of the files as they are now."""
        ...

    @property
    def waiting(self) -> Sequence[str]:
        """Sections of the files that a restart must apply."""
        ...

    @property
    def refused_since(self) -> float | None:
        """Since when the files are not in force, but an earlier state of them; else None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _FromQueue:
    workers: Sequence[WorkerReport] | None = None
    depth: QueueDepth | None = None
    newest_dead: StreamEntry | None = None
    clock: ClockReading | None = None
    primary: QueuePrimary | None = None
    stream_trouble: str | None = None
    memory_trouble: str | None = None
    error: str | None = None


class HealthTask:
    """Owned by the thread that calls `round`."""

    def __init__(
        self,
        queue: EventQueue,
        archive: Archive,
        spool: Spool,
        configuration: SiteInForce,
        *,
        clock: Clock | None = None,
        read_workers: Callable[[], Sequence[WorkerReport]] | None = None,
        read_store: Callable[[], StoreReport | None] = lambda: None,
        outside: Callable[[float], Sequence[HealthCheck]] = lambda _: (),
        terms: LeaderTerms | None = None,
        unlisted: UnlistedAlarms | None = None,
    ) -> None:
        left_open = spool.open_events
        self._terms = terms or LeaderTerms(SoleLeader(), left_open, is_shared=False)
        self._stray_at = 0.0
        self._queue = queue
        self._archive = archive
        self._spool = spool
        self._configuration = configuration
        self._clock = clock or SystemClock()
        self._read_workers = read_workers or queue.workers
        self._read_store = read_store
        self._outside = outside
        self._watch = HealthMonitor()
        self._unlisted = unlisted or UnlistedAlarms()
        self._unsaved: deque[Event] = deque()  # judged, and waiting for room in the spool
        self._moves = PrimaryMoves()
        self._newest_dead = NewestDeadLetter()
        self._left_open = LeftOpen(archive)
        self._left_open_at = float("-inf")
        self._answered_since: float | None = None  # the queue, without a failure

    def built(self) -> BuiltFeature:
        """Return the task, on its own thread."""
        return BuiltFeature(
            rounds=(
                CentreTask(
                    name="system watch",
                    every_s=WATCH_EVERY_S,
                    run=self.round,
                    thread=TaskThread.WATCH,
                ),
            )
        )

    def round(self) -> None:
        """Read, judge, publish, spool. Raises `SpoolError` when there is no room, at the end."""
        now, began_s = self._clock.utc(), self._clock.monotonic()
        self._adopt(now)
        report = self._read(now)
        findings = [*centre_health_checks(report, now, self._watch.raised), *self._outside(now)]
        took_s = self._clock.monotonic() - began_s
        events = self._watch.judge(findings, self._clock.utc(), took_s)
        for event in events:
            log.warning("%s: %s %s: %s", event.phase, event.rule_id, event.camera_id, event.reason)
        self._unsaved.extend(events)
        self._end_left_open(report, now)
        self._unlisted.publish(self._not_listed({event.event_id for event in events}))
        self._save()

    def _adopt(self, now: float) -> None:
        """Go on with what was raised before this term, and with what comes in late."""
        if (left := self._terms.begun()) is not None:
            self._watch = HealthMonitor(left)
            self._left_open = LeftOpen(self._archive)
            self._stray_at = now + STRAY_EVERY_S
        elif abs(self._stray_at - now) > STRAY_EVERY_S or now >= self._stray_at:
            self._stray_at = now + STRAY_EVERY_S
            if not self._spool.depth().count:  # else what is cleared may still look open
                twice = self._watch.adopt(self._terms.stray())
                self._unsaved.extend(
                    followed(each, EventPhase.CLEARED, REPORTED_TWICE, now) for each in twice
                )

    def _not_listed(self, new: Set[str]) -> list[Event]:
        """Return the raised alarms that the archive does not list, but for `new` ones."""
        raised = [event for event in self._watch.open_events if event.event_id not in new]
        if not raised:
            return []
        active = self._query_archive(lambda: self._archive.active_events(self._spool.source))
        listed = {event.event_id for event in active or ()}
        return [event for event in raised if event.event_id not in listed]

    def _save(self) -> None:
        while self._unsaved:
            self._spool.append(self._unsaved[0], self._clock.utc())
            self._unsaved.popleft()

    def _end_left_open(self, report: CentreReport, now: float) -> None:
        """Clear events that no worker will clear."""
        if report.workers is None:
            self._left_open.interrupted()
        elif not 0 <= now - self._left_open_at < LEFT_OPEN_EVERY_S:
            self._left_open_at = now
            ended = self._query_archive(
                lambda: self._left_open.ended(report.workers or (), report.cameras, now)
            )
            self._unsaved.extend(ended or ())

    def _read(self, now: float) -> CentreReport:
        site, store = self._configuration.site, self._read_store()
        queue_state = self._query_queue(store)
        return CentreReport(
            workers=queue_state.workers if self._is_settled(queue_state, now) else None,
            cameras=[camera.id for camera in site.cameras],
            depth=queue_state.depth,
            dead_for_s=self._dead_for_s(queue_state),
            gaps=self._query_archive(lambda: self._archive.gaps(now, older_than_s=GAP_OLD_S)),
            proven=self._query_archive(lambda: self._archive.proven_since(now - 2 * PROOF_LATE_S)),
            disks=disks(site.site.data_dir, queue_state.workers or (), store),
            store=store,
            clocks=_clocks(queue_state),
            primary=queue_state.primary,
            moved=self._moves.seen(queue_state.primary, now),
            replicas=site.queue.replicas,
            queue_error=queue_state.error,
            stream_trouble=queue_state.stream_trouble,
            memory_trouble=queue_state.memory_trouble,
            problems=[
                f"{file_label(Path(problem.file))} {problem.path}".rstrip()
                for problem in self._configuration.problems
            ],
            is_earlier=self._configuration.refused_since is not None,
            parting=[
                problem for problem in self._configuration.waiting if problem in PARTING_SECTIONS
            ],
        )

    def _is_settled(self, queue_state: _FromQueue, now: float) -> bool:
        """Return True if workers had time to report after the queue came back."""
        if queue_state.workers is None or queue_state.memory_trouble is not None:
            self._answered_since = None
            return False
        if self._answered_since is None:
            self._answered_since = now
        return now - self._answered_since >= SETTLE_S

    def _query_queue(self, store: StoreReport | None) -> _FromQueue:
        try:
            memory_trouble = self._queue.stream.memory_trouble()
            if memory_trouble is None and store is not None and store.state.condition is not None:
                self._queue.publish_store(store.state.condition.store_id)
            workers = self._read_workers()
            dead = self._queue.dead(1)
            return _FromQueue(
                workers=workers,
                depth=self._depth(),
                newest_dead=dead[0] if dead else None,
                clock=self._queue.clock(),
                primary=self._primary(),
                stream_trouble=self._queue.stream.last_trouble(),
                memory_trouble=memory_trouble,
            )
        except QueueError as error:
            return _FromQueue(error=str(error))

    def _dead_for_s(self, queue_state: _FromQueue) -> float | None:
        server = self._clock.utc() if queue_state.clock is None else queue_state.clock.server
        return self._newest_dead.age_s(queue_state.newest_dead, server, self._clock.monotonic())

    def _primary(self) -> QueuePrimary | None:
        queue = self._configuration.site.queue
        return self._queue.replication.primary() if queue.replicas or queue.sentinels else None

    def _depth(self) -> QueueDepth | None:
        try:
            return self._queue.depth()
        except GroupMissing:  # a queue begun again, until the consumer has joined
            return None

    @staticmethod
    def _query_archive(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ArchiveError as error:
            log.warning("system watch: %s", error)
            return None


def _clocks(queue_state: _FromQueue) -> dict[str, tuple[float, float]]:
    """Return the clocks of the centre and live workers, relative to the queue's."""
    if queue_state.clock is None:
        return {}
    found = {SOURCE: (queue_state.clock.ahead_s, queue_state.clock.within_s)}
    for worker in queue_state.workers or ():
        clock = worker.get("clock")
        if clock:
            found[worker["worker"]] = (clock["ahead_s"], clock["within_s"])
    return found


def disks(
    data_dir: Path, workers: Iterable[WorkerReport], store: StoreReport | None = None
) -> dict[str, tuple[int, int]]:
    """Return the disks of the centre, the evidence store, and workers on other machines."""
    own = disk_of(data_dir)
    found = {SOURCE: (int(own["free"]), int(own["total"]))}
    if room := store_room(store):
        found[EVIDENCE_PART] = room
    for worker in workers:
        disk = worker.get("disk")
        if disk and disk.get("host") != own.get("host"):
            found[worker["worker"]] = (disk["free"], disk["total"])
    return found
