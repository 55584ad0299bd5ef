"""What the centre does for temporary watch areas: begin and end into the log, and retention.

They begin and end in the workers by the time alone. A centre that was down at the end writes it
down when it is back, with the time at which the area did end.
"""

from collections.abc import Callable, Iterator

from alerts.archive.audit_log import AuditEntry, add_log_once
from alerts.archive.database import Database
from alerts.records import OwnRetention
from alerts.registry.records import WATCH_AREAS
from alerts.registry.repository import RegistryRepository
from app.registry.watch_areas import RegisteredArea, registered_areas
from config.registry.watch_area import WatchAreaStatus
from config.site import Site

BEGAN = "watch_area_began"
ENDED = "watch_area_ended"
_Step = tuple[str, str]  # the area, and what it did


class WatchAreaRounds:
    """Owned by one thread."""

    def __init__(
        self, database: Database, site: Callable[[], Site], now: Callable[[], float]
    ) -> None:
        self._database = database
        self._rows = RegistryRepository(database)
        self._site = site
        self._now = now
        self._noted: set[_Step] = set()

    def round(self) -> None:
        """Write down which areas began and ended since the last round."""
        if self._site().registry.source == "files":
            return
        now = self._now()
        for found in registered_areas(self._rows):
            for action, at in _steps(found, now):
                if (found.area.id, action) not in self._noted:
                    self._note(found, action, at, now)
                    self._noted.add((found.area.id, action))

    def retentions(self) -> list[OwnRetention]:
        """How long what each approved area raised is kept after its end; on any thread."""
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

    def _note(self, found: RegisteredArea, action: str, at: float, now: float) -> None:
        """Once, also where another process was it that wrote it."""
        name = f"{WATCH_AREAS}/{found.area.id}"  # as the changes of the registry name it
        details = {"name": found.area.name, "at": at, "cameras": list(found.area.cameras)}
        line = AuditEntry(at=now, action=action, object_id=name, details=details)
        with self._database.writing() as connection:
            add_log_once(connection, line)


def _steps(found: RegisteredArea, now: float) -> Iterator[tuple[str, float]]:
    status = found.area.status(now)
    if status in (WatchAreaStatus.RUNNING, WatchAreaStatus.ENDED):
        yield BEGAN, found.area.starts_at.timestamp()
    if status is WatchAreaStatus.ENDED:
        yield ENDED, found.area.ends_at.timestamp()
