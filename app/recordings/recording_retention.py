"""Retention in the shared recording store by the leader, and messages to recorders."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from thapcanh.app.process.feature_tasks import BuiltFeature, RetentionRule
from thapcanh.app.site.site_stores import limits_of, site_recording_disk, site_recordings
from thapcanh.config.site import Site
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.disk import RecordingDisk
from thapcanh.ingest.recording.period_retention import (
    DeletedRecordings,
    RecordingPeriod,
    deleted_of,
    write_period,
)
from thapcanh.ingest.recording.retention import HoldUnreadable, RecordingHold, local_holds
from thapcanh.ingest.recording.store.objects import ObjectStoreError
from thapcanh.ingest.recording.store.shared_records import SharedRecords
from thapcanh.ingest.recording.store.store_retention import StoreRetention

log = logging.getLogger(__name__)


class PeriodRecords(Protocol):
    """Retention periods of watch areas for recorders; and what was deleted of them."""

    def write_period(self, period: RecordingPeriod) -> None:
        """Set a period's retention."""
        ...

    def deleted_of(self, period_id: str) -> DeletedRecordings:
        """Return what was deleted of a period so far."""
        ...


@dataclass(frozen=True, slots=True)
class FolderRecords:
    """Records in the folder that recorders and centre share. Raises `OSError`."""

    disk: RecordingDisk

    def write_period(self, period: RecordingPeriod) -> None:
        self.disk.require()
        write_period(self.disk.folder, period)

    def deleted_of(self, period_id: str) -> DeletedRecordings:
        self.disk.require()
        return deleted_of(self.disk.folder, period_id)


def period_records(site: Site) -> PeriodRecords | None:
    """Return where recorders read; None if the centre reaches no recordings."""
    store, disk = site_recordings(site), site_recording_disk(site)
    if store is not None:
        return SharedRecords(store)
    return FolderRecords(disk) if disk is not None and disk.folder.is_dir() else None


def build(site: Callable[[], Site]) -> BuiltFeature:
    """Film of the store of all machines. A store may hang."""
    run = RecordingRetention(site, time.time).round
    rule = RetentionRule(name="recordings", every_s=60.0, run=run, may_hang=True)
    return BuiltFeature(rules=(rule,))


class RecordingRetention:
    """Deletes what is due of the store. One thread."""

    def __init__(self, site: Callable[[], Site], now: Callable[[], float]) -> None:
        self._site = site
        self._now = now
        self._opened: tuple[RecordingConfig, StoreRetention] | None = None

    def round(self) -> None:
        """Delete what expired; nothing if the site has no cameras, as that is an error."""
        site = self._site()
        retention = self._retention(site)
        if retention is None or not site.cameras:
            return
        try:
            days = {camera.id: site.recording.days for camera in site.cameras}
            freed = retention.turn(limits_of(site, days), self._now())
        except (ObjectStoreError, HoldUnreadable, OSError) as error:
            log.warning("recordings in the store are not deleted: %s", error)
            return
        if freed:
            log.info("recording: %.1f MB deleted from the store, oldest first", freed / 1e6)

    def _retention(self, site: Site) -> StoreRetention | None:
        if self._opened is None or self._opened[0] != site.recording:
            store = site_recordings(site)
            if store is None:
                return None
            records, disk = SharedRecords(store), site_recording_disk(site)

            def holds() -> list[RecordingHold]:
                if disk is None:
                    return records.holds()
                disk.require()  # an empty folder holds nothing, and the disk may
                return [*records.holds(), *local_holds(disk.folder)]

            made = StoreRetention(store, holds, records.periods, records.count)
            self._opened = site.recording, made
        return self._opened[1]
