"""Delivery of staged evidence to the store, on a thread that may block."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from uuid6 import uuid7

from thapcanh.alerts.evidence.staging import EvidenceStaging, StagedItem
from thapcanh.alerts.evidence.store_monitor import StoreIdentity
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.queue.message import LATE
from thapcanh.alerts.queue.spool import OutboxItem
from thapcanh.alerts.store.errors import (
    AlertsError,
    EvidenceFull,
    EvidenceStoreWrong,
    EvidenceUnusable,
)
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

LATE_AFTER_S = 4.0  # pictures are small: on a healthy share they take milliseconds
_IDLE_S = 60.0
_FAILURES_A_TURN = 3  # the store is to blame, not the files


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStats:
    """State of evidence that is not in the store yet."""

    delivered: int  # messages
    failures: int  # attempts that failed
    late: int  # messages that took too long, since the start
    waiting: int
    waiting_bytes: int
    oldest_at: float | None  # UTC seconds
    error: str | None  # of the newest attempt; None when it succeeded


class EvidenceDelivery:
    """Delivery with one thread between `start` and `stop`."""

    def __init__(
        self,
        staging: EvidenceStaging,
        store: EvidenceStore,
        identity: StoreIdentity,
        report: Callable[[OutboxItem], None],
        *,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Create it; `report` spools a message, after its files are in the store."""
        self._staging = staging
        self._store = store
        self._identity = identity
        self._tell = report
        self._clock = clock or SystemClock()
        self._backoff = backoff or Backoff(first_s=0.5, longest_s=10.0)
        self._thread = StoppableThread(self._run, "delivery", self._clock, wake=self._staging.added)
        self._told_late: set[int] = set()  # numbers of items
        self._failures_in_row = 0
        self._delivered = 0
        self._failures = 0
        self._late = 0
        self._error: str | None = None
        self._why = ""  # the same in a few words, for the alert

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Try once more, and stop; the rest stays on the disk."""
        self._thread.stop(timeout_s)

    def stats(self) -> DeliveryStats:
        """Return counts and state for status and alarms."""
        items = self._staging.items()
        return DeliveryStats(
            delivered=self._delivered,
            failures=self._failures,
            late=self._late,
            waiting=len(items),
            waiting_bytes=sum(item.bytes for item in items),
            oldest_at=min((item.staged_at for item in items), default=None),
            error=self._error,
        )

    def late(self, now: float) -> list[OutboxItem]:
        """Return messages for alerts whose evidence waits too long, each once."""
        items = self._staging.items()
        self._told_late &= {item.number for item in items}
        drafts = []
        for item in items:
            if item.number in self._told_late or now - item.staged_at < LATE_AFTER_S:
                continue
            self._told_late.add(item.number)
            self._late += 1
            why = self._why if self._error else "the evidence store does not answer"
            log.warning("evidence of event %s is late: %s", item.event_id, self._error or why)
            drafts.append(
                OutboxItem(
                    event=replace(item.draft.event, id=str(uuid7())),
                    evidence_error=f"{LATE}: {why}",
                    evidence_only=True,
                )
            )
        return drafts

    def turn(self) -> None:
        """Try everything that waits, once."""
        held: set[str] = set()  # events of which an earlier message still waits
        failed = 0
        for item in self._staging.items():
            if item.event_id in held:
                continue
            try:
                self._deliver(item)
            except EvidenceUnusable as error:
                self._give_up(item, error)
            except AlertsError as error:
                held.add(item.event_id)
                failed += 1
                self._failed(item, error)
                if failed >= _FAILURES_A_TURN or isinstance(error, EvidenceStoreWrong):
                    break
            else:
                self._error = None
        self._failures_in_row = self._failures_in_row + 1 if failed else 0

    def _run(self) -> None:
        while True:
            is_last = self._thread.is_stopping
            self._thread.clear_wakes()
            try:
                self.turn()
            except Exception:  # outermost line of the thread
                log.exception("evidence delivery: unexpected")
                self._failures_in_row += 1
            if is_last:
                return
            if self._thread.is_stopping:
                continue
            if self._failures_in_row:
                self._thread.pause(self._backoff.wait_s(self._failures_in_row))
            else:
                self._thread.rest(_IDLE_S)

    def _deliver(self, item: StagedItem) -> None:
        self._identity.check()
        source = self._staging.stores[item.part]
        for ref in item.draft.evidence:
            self._store.put(source.root / PurePosixPath(ref.path), ref)
        self._identity.check()  # a share that went away meanwhile did not get them
        event = replace(item.draft.event, id=str(uuid7()))
        self._tell(replace(item.draft, event=event, settles=(item.part,)))
        self._staging.remove(item)
        self._delivered += 1

    def _give_up(self, item: StagedItem, error: EvidenceUnusable) -> None:
        """Report that these files will not come, since retrying cannot help."""
        log.error("evidence of event %s: %s", item.event_id, error)
        self._failures += 1
        event = replace(item.draft.event, id=str(uuid7()))
        self._tell(
            OutboxItem(
                event=event,
                evidence_error=str(error),
                evidence_only=True,
                settles=(item.part,),
            )
        )
        self._staging.remove(item)

    def _failed(self, item: StagedItem, error: AlertsError) -> None:
        text = str(error)
        self._failures += 1
        if text != self._error:  # a repeated failure is told once
            log.warning("evidence of event %s waits: %s", item.event_id, text)
        self._error = text
        self._why = _in_few_words(error)


def _in_few_words(error: AlertsError) -> str:
    match error:
        case EvidenceFull():
            return "disk full"
        case EvidenceStoreWrong():
            return "not the evidence store"
        case _:
            return str(error)
