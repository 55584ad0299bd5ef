"""Status of the watch: troubles, waiting alerts, last self-test, alarms that cannot be stored."""

import json
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert, episode_event, event
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.database import Database
from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event

log = logging.getLogger(__name__)

_MOST_TROUBLES = 50
_FILE_BYTES = 16_384
_MOST_ALARMS, _LONGEST_REASON = 20, 200  # of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSystemAlert:
    """Open trouble of the system itself."""

    kind: str
    rule_id: str
    subject: str
    raised_at: float  # the first message of what is wrong now
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """Troubles newest first, unanswered P1 alerts, and the last proof of the whole path."""

    troubles: tuple[OpenSystemAlert, ...]
    unanswered_p1: int
    last_proven: float | None


def open_system_alerts(database: Database) -> dict[str, int]:
    """Return how many troubles of each kind are not over. Raises `ArchiveError`."""
    active = (
        sa.select(alert.c.kind, sa.func.count())
        .where(
            alert.c.kind.in_(sorted(SYSTEM_KINDS)), alert.c.condition == AlertCondition.ACTIVE.value
        )
        .group_by(alert.c.kind)
    )
    with database.reading() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(active)}


def system_status(database: Database) -> SystemStatus:
    """Read the status. Raise `ArchiveError`, also for tables older than the program."""
    started = (
        sa.select(sa.func.min(event.c.captured_at))
        .join(episode_event, episode_event.c.event_id == event.c.event_id)
        .where(episode_event.c.alert_id == alert.c.id, episode_event.c.active)
        .scalar_subquery()
    )  # an unanswered alert takes in what comes again: it began now, not at the first time
    since = sa.func.coalesce(started, alert.c.raised_at).label("since")
    active = sa.select(alert, since).where(
        alert.c.kind.in_(sorted(SYSTEM_KINDS)), alert.c.condition == AlertCondition.ACTIVE.value
    )
    waiting = sa.select(sa.func.count()).where(
        alert.c.state == AlertState.NEW.value,
        alert.c.priority == Priority.P1,
        alert.c.exercise.is_(False),
        alert.c.kind.not_in(sorted(SYSTEM_KINDS)),
    )
    proven = sa.select(sa.func.max(event.c.stored_at)).where(event.c.kind == SELF_TEST)
    with database.reading() as connection:
        rows = connection.execute(active.order_by(since.desc()).limit(_MOST_TROUBLES)).all()
        return SystemStatus(
            troubles=tuple(
                OpenSystemAlert(
                    kind=row.kind,
                    rule_id=row.rule_id,
                    subject=row.camera_id,
                    raised_at=row.since,
                    reason=row.reason,
                )
                for row in rows
            ),
            unanswered_p1=int(connection.execute(waiting).scalar_one()),
            last_proven=connection.execute(proven).scalar_one(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlistedAlarm:
    """A system alarm that the archive does not list; `raised_at` is UTC unix seconds."""

    event: Event
    raised_at: float

    def as_open(self) -> OpenSystemAlert:
        event = self.event
        return OpenSystemAlert(
            kind=event.kind, rule_id=event.rule_id, subject=event.camera_id,
            raised_at=self.raised_at, reason=event.reason,
        )  # fmt: skip


class UnlistedAlarms:
    """System alarms that are raised and cannot be stored, as on a full disk. Thread-safe.

    One thread publishes. `read_alarms` reads them in another process, from a file that is made
    while there is room and then written in place.
    """

    def __init__(self, path: Path | None = None, leads: Callable[[], bool] = lambda: True) -> None:
        """Create it; without `path` no other process reads it. `leads` tells if this one judges."""
        self._path = path
        self._leads = leads
        self._current: tuple[UnlistedAlarm, ...] = ()
        self._written: str | None = None

    def __call__(self) -> tuple[UnlistedAlarm, ...]:
        """Return the alarms; those of a former leader are dropped."""
        if self._current and not self._leads():
            self.publish(())
        return self._current

    def publish(self, events: Iterable[Event]) -> None:
        """Replace the alarms; each keeps the time at which it was first published."""
        since = {alarm.event.event_id: alarm.raised_at for alarm in self._current}
        self._current = tuple(
            UnlistedAlarm(event=event, raised_at=since.get(event.event_id, event.captured_at))
            for event in events
        )
        self._write()

    def _write(self) -> None:
        shown = [asdict(alarm.as_open()) for alarm in self._current[:_MOST_ALARMS]]
        for alarm in shown:
            alarm["reason"] = alarm["reason"][:_LONGEST_REASON]
        text = json.dumps({"pid": os.getpid(), "alarms": shown})
        if self._path is None or text == self._written:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(text.encode()[:_FILE_BYTES].ljust(_FILE_BYTES))
            self._written = text
        except OSError as error:
            log.debug("the file of alarms %s: %s", self._path, error)


def read_alarms(path: Path) -> list[OpenSystemAlert]:
    """Return what a living centre published to this file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not Path(f"/proc/{found['pid']}").exists():
            return []
        return [OpenSystemAlert(**alarm) for alarm in found["alarms"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
