"""Deletion of evidence: by age after closing, then the oldest closed for space.

Evidence of open alerts, open incidents and legal holds is never deleted; what is then still too
much is reported for an alarm.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.records import ClosedCase, OwnRetention
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.store.errors import AlertsError, ArchiveUnreachable

log = logging.getLogger(__name__)

_DAY_S = 86_400.0
_AT_ONCE = 500
_STORE_IS_DEAD_S = 2.0  # a failure that took longer comes with every further file
_FULL_BYTES = 64_000_000  # with less an archive on that disk may be unable to write


class DeleteReason(StrEnum):
    """Reason of a deletion."""

    AGE = "age"  # its class is kept so long and no longer
    BUDGET = "budget"  # all evidence together is more than was allowed
    DISK = "disk"  # the disk itself is nearly full


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """Retention of each class after closing, and the space limits."""

    confirmed_days: float = 365.0
    rejected_days: float = 30.0
    budget_bytes: int = 200_000_000_000
    min_free_bytes: int = 2_000_000_000  # so that the archive and the queue can still write
    own: tuple[OwnRetention, ...] = ()
    """Of temporary watch areas: after their end, in place of the days of a class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskRoom:
    """Space of the disk."""

    used_bytes: int  # by all evidence
    free_bytes: int | None  # None: the store cannot tell, and its budget alone counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Case to delete, and why."""

    case: ClosedCase
    reason: DeleteReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionPlan:
    """Plan of deletions, and the bytes still too many afterwards."""

    deletions: tuple[Deletion, ...]
    short_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionReport:
    """Result of a run. `short_bytes` above 0 is an alarm: everything left is needed."""

    deleted: int
    freed_bytes: int
    short_bytes: int
    failures: tuple[str, ...] = field(default=())


class RetentionArchive(Protocol):
    """Required interface of the archive; see `KeptCases`."""

    def note_day(self, now: float) -> None: ...

    def evidence_bytes(self) -> int: ...

    def closed_cases(
        self, limit: int, own: Sequence[OwnRetention] = (), now: float = 0.0
    ) -> list[ClosedCase]: ...

    def going_bytes(self) -> int: ...

    def delete_case(self, case: ClosedCase, reason: str, now: float) -> bool:
        """Write down that a case's files go; False where it must stay after all."""
        ...

    def may_go(self, alert_id: str) -> bool: ...

    def going_paths(self, limit: int) -> list[str]: ...

    def note_deleted(self, paths: Sequence[str], now: float) -> None: ...


def what_to_delete(
    cases: Sequence[ClosedCase], room: DiskRoom, settings: RetentionSettings, now: float
) -> DeletionPlan:
    closed = sorted(
        (case for case in cases if case.closed_at is not None),
        key=lambda case: (case.closed_at or 0.0, case.alert_id),
    )
    deletions: list[Deletion] = []
    used, free = room.used_bytes, room.free_bytes
    for case in sorted(closed, key=lambda case: not _is_too_old(case, settings, now)):
        reason = _reason(case, used, free, settings, now)
        if reason is None:
            break
        deletions.append(Deletion(case=case, reason=reason))
        used -= case.bytes
        free = None if free is None else free + case.bytes
    lacking = 0 if free is None else settings.min_free_bytes - free
    short = max(0, used - settings.budget_bytes, lacking)
    return DeletionPlan(deletions=tuple(deletions), short_bytes=short)


class EvidenceRetention:
    """Retention run; on any thread, not twice at once."""

    def __init__(
        self, archive: RetentionArchive, store: EvidenceStore, settings: RetentionSettings
    ) -> None:
        self._archive = archive
        self._store = store
        self._settings = settings

    def run(self, now: float) -> RetentionReport:
        """Delete what is due; it is recorded first, so a crash is repaired by the next run."""
        try:
            self._archive.note_day(now)
        except AlertsError as error:  # on a full disk: what goes now makes room for it
            log.warning("today is not written down yet: %s", error)
        freed, failures, is_dead = self._delete(self._archive.going_paths(_AT_ONCE), now)
        if is_dead:
            return RetentionReport(deleted=0, freed_bytes=freed, short_bytes=0, failures=failures)
        room = DiskRoom(
            used_bytes=self._archive.evidence_bytes(), free_bytes=self._store.free_bytes()
        )
        cases = self._archive.closed_cases(_AT_ONCE, self._settings.own, now)
        plan = what_to_delete(cases, self._room_to_be(room), self._settings, now)
        deleted = 0
        for deletion in plan.deletions:
            try:
                marked = self._mark(deletion, room, now)
            except AlertsError as error:
                failures = (*failures, str(error))
                log.error("evidence of %s stays: %s", deletion.case.alert_id, error)
                break
            if not marked:
                continue
            deleted += 1
            removed, failed, is_dead = self._delete(deletion.case.paths, now)
            freed, failures = freed + removed, (*failures, *failed)
            if is_dead:
                break
        return RetentionReport(
            deleted=deleted, freed_bytes=freed, short_bytes=plan.short_bytes, failures=failures
        )

    def _room_to_be(self, room: DiskRoom) -> DiskRoom:
        """Return the space after all pending deletions, also those that failed."""
        going = self._archive.going_bytes()
        free = None if room.free_bytes is None else room.free_bytes + going
        return DiskRoom(used_bytes=room.used_bytes - going, free_bytes=free)

    def _mark(self, deletion: Deletion, room: DiskRoom, now: float) -> bool:
        """Record the deletion; on a full disk a file is deleted first to make room."""
        case, reason = deletion.case, deletion.reason.value
        try:
            return self._archive.delete_case(case, reason, now)
        except ArchiveUnreachable:
            is_full = room.free_bytes is not None and room.free_bytes < _FULL_BYTES
            if not is_full or not self._archive.may_go(case.alert_id):
                raise
            for path in case.paths:
                self._store.delete(path)
            return self._archive.delete_case(case, reason, now)

    def _delete(self, paths: Sequence[str], now: float) -> tuple[int, tuple[str, ...], bool]:
        """Delete files that are recorded as deleted, without an open transaction.

        Return the bytes freed, the failures, and whether the store is too slow to be asked again in
        this run.
        """
        freed, removed, failures, is_dead = 0, [], [], False
        for path in paths:
            started = time.monotonic()
            try:
                freed += self._store.delete(path)
                removed.append(path)
            except AlertsError as error:
                failures.append(str(error))
                log.error("evidence %s is to be deleted and stays: %s", path, error)
                if is_dead := time.monotonic() - started >= _STORE_IS_DEAD_S:
                    break
        if removed:
            self._archive.note_deleted(removed, now)
        return freed, tuple(failures), is_dead


def _reason(
    case: ClosedCase, used: int, free: int | None, settings: RetentionSettings, now: float
) -> DeleteReason | None:
    if _is_too_old(case, settings, now):
        return DeleteReason.AGE
    if used > settings.budget_bytes:
        return DeleteReason.BUDGET
    is_low = free is not None and free < settings.min_free_bytes
    return DeleteReason.DISK if is_low else None


def _is_too_old(case: ClosedCase, settings: RetentionSettings, now: float) -> bool:
    if case.closed_at is not None and case.own is not None:
        opened = max(case.closed_at, case.own.ends_at)
        return case.lived_days >= int(case.own.days) and now - opened >= case.own.days * _DAY_S
    rejected = case.verdict is AlertState.REJECTED or case.exercise
    days = settings.rejected_days if rejected else settings.confirmed_days
    if case.closed_at is None or case.lived_days < int(days):
        return False
    return now - case.closed_at >= days * _DAY_S
