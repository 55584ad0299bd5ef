"""Periodic task of temporary watch areas: log their start and end, and retention."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from thapcanh.alerts.alert.records import OwnRetention
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.registry.records import WATCH_AREAS
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.audit_log import AuditEntry, add_log_once
from thapcanh.alerts.store.database import Database
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.app.recordings.recording_retention import period_records
from thapcanh.app.watch_areas.watch_areas import RegisteredArea, registered_areas
from thapcanh.config.registry.watch_area import WatchArea, WatchAreaStatus
from thapcanh.config.site import Site
from thapcanh.ingest.recording.period_retention import RecordingPeriod
from thapcanh.ingest.recording.store.objects import ObjectStoreError

log = logging.getLogger(__name__)

STARTED = "watch_area_began"
RECORDING_DELETED = "watch_area_film_deleted"
AREAS_EVERY_S = 10.0
_REPORT_EVERY_S = 60.0
_MARGIN_S = 300.0  # of what an open case shows, before and after
ENDED = "watch_area_ended"
_Step = tuple[str, str]  # the area, and what it did


class WatchAreaTask:
    """Watch-area task, owned by one thread."""

    def __init__(
        self, database: Database, site: Callable[[], Site], now: Callable[[], float]
    ) -> None:
        self._database = database
        self._rows = RegistryRepository(database)
        self._cases = RetentionRepository(database)
        self._site = site
        self._now = now
        self._noted: set[_Step] = set()
        self._retention_published_at = float("-inf")

    def round(self) -> None:
        """Log the areas that started and ended since the last run."""
        if self._site().registry.source == "files":
            return
        now = self._now()
        areas = registered_areas(self._rows)
        self._film(areas, now)
        for found in areas:
            for action, at in _steps(found, now):
                if (found.area.id, action) not in self._noted:
                    self._note(found, action, at, now)
                    self._noted.add((found.area.id, action))

    def built(self) -> BuiltFeature:
        """Return the task, on the thread for recording disks."""
        return BuiltFeature(
            rounds=(
                CentreTask(
                    name="watch areas",
                    every_s=AREAS_EVERY_S,
                    run=self.round,
                    thread=TaskThread.REGISTRY,
                ),
            )
        )

    def retentions(self) -> list[OwnRetention]:
        """Return the retention of each approved area's alerts after its end; on any thread."""
        if self._site().registry.source == "files":
            return []
        return [
            OwnRetention(
                rules=frozenset(found.area.rule_ids()),
                ends_at=found.area.ends_at.timestamp(),
                days=found.area.retention_days,
            )
            for found in registered_areas(self._rows)
            if found.area.decided_by is not None
        ]

    def _film(self, areas: Sequence[RegisteredArea], now: float) -> None:
        """Publish the areas' retention to recorders, and log what was deleted.

        Only for areas with recording; otherwise the camera's own retention holds.
        """
        records = period_records(self._site())
        if records is None or 0 <= now - self._retention_published_at < _REPORT_EVERY_S:
            return
        self._retention_published_at = now
        for found in areas:
            area, step = found.area, (found.area.id, RECORDING_DELETED)
            if not area.record or area.decided_by is None or step in self._noted:
                continue
            if area.status(now) not in (WatchAreaStatus.RUNNING, WatchAreaStatus.ENDED):
                continue
            try:
                deleted = records.deleted_of(area.id)
                if deleted.is_all:
                    details = {"segments": deleted.segments, "bytes": deleted.bytes}
                    self._note(found, RECORDING_DELETED, now, now, details)
                    self._noted.add(step)
                else:
                    records.write_period(self._period(area, now))
            except ObjectStoreError as error:
                log.warning("the film of watch areas: %s", error)
                return
            except OSError as error:
                log.warning("the film of watch area %s: %s", area.id, error)

    def _period(self, area: WatchArea, now: float) -> RecordingPeriod:
        from_s, to_s = area.starts_at.timestamp(), area.ends_at.timestamp()
        protected = self._cases.retained_moments(area.cameras, from_s - _MARGIN_S, to_s + _MARGIN_S)
        return RecordingPeriod(
            period_id=area.id,
            cameras=area.cameras,
            from_s=from_s,
            to_s=to_s,
            days=area.retention_days,
            told_at_s=now,
            spared=tuple(
                (camera, start - _MARGIN_S, ends + _MARGIN_S) for camera, start, ends in protected
            ),
        )

    def _note(
        self,
        found: RegisteredArea,
        action: str,
        at: float,
        now: float,
        more: Mapping[str, object] | None = None,
    ) -> None:
        """Once, also where another process was it that wrote it."""
        name = f"{WATCH_AREAS}/{found.area.id}"  # as the changes of the registry name it
        cameras = list(found.area.cameras)
        details = {"name": found.area.name, "at": at, "cameras": cameras, **(more or {})}
        line = AuditEntry(at=now, action=action, object_id=name, details=details)
        with self._database.writing() as connection:
            add_log_once(connection, line)


def _steps(found: RegisteredArea, now: float) -> Iterator[tuple[str, float]]:
    status = found.area.status(now)
    if status in (WatchAreaStatus.RUNNING, WatchAreaStatus.ENDED):
        yield STARTED, found.area.starts_at.timestamp()
    if status is WatchAreaStatus.ENDED:
        yield ENDED, found.area.ends_at.timestamp()
