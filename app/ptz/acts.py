"""Log of PTZ actions, written in order by one thread."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import anyio.to_thread
from anyio import CapacityLimiter

from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import SYSTEM
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.ptz.lease import Holder
from thapcanh.config.camera import CameraConfig

log = logging.getLogger(__name__)

MOST_WAITING = 2000
TRY_AGAIN_S = 2.0


class PtzActKind(StrEnum):
    """The action's name in the log."""

    ACQUIRED = "ptz_taken"
    ENDED = "ptz_ended"
    MOVED = "ptz_moved"
    SENT = "ptz_preset"
    CALLED = "ptz_called"  # to look where another camera's alert is
    SENT_HOME = "ptz_home"
    WENT_HOME = "ptz_went_home"  # by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class PtzAct:
    """One action; `holder` is who did it, or None."""

    kind: PtzActKind
    camera: CameraConfig
    holder: Holder | None
    details: Mapping[str, str | float | None]


class PtzActLog:
    """Takes acts on the event loop, and writes them down behind it."""

    def __init__(self, database: Database, utc: Callable[[], float]) -> None:
        self._database = database
        self._utc = utc
        self._waiting: deque[AuditEntry] = deque()
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._thread = CapacityLimiter(1)

    def note(self, act: PtzAct) -> None:
        """Have an act written down."""
        entry = _entry(act, self._utc())
        if len(self._waiting) >= MOST_WAITING:
            log.error("not written down: %s of %s by %s", act.kind, act.camera.id, entry.actor)
            return
        self._waiting.append(entry)
        self._more.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._write(), name="ptz log")

    async def close(self, within_s: float = 3.0) -> None:
        """Write the pending actions if the archive accepts them, and stop."""
        if self._task is None:
            return
        for _ in range(int(within_s / 0.05)):
            if not self._waiting:
                break
            await asyncio.sleep(0.05)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                try:
                    await anyio.to_thread.run_sync(
                        note_in_log,
                        self._database,
                        self._waiting[0],
                        abandon_on_cancel=True,
                        limiter=self._thread,
                    )
                    self._waiting.popleft()
                except ArchiveError as error:
                    log.warning("ptz: %d acts wait for the archive: %s", len(self._waiting), error)
                    await asyncio.sleep(TRY_AGAIN_S)


def _entry(act: PtzAct, now: float) -> AuditEntry:
    holder = act.holder
    facts = {"agency": act.camera.agency, "area": act.camera.area, **act.details}
    return AuditEntry(
        at=now,
        actor=holder.username if holder else SYSTEM,
        role=holder.role if holder else SYSTEM,
        action=act.kind.value,
        object_id=act.camera.id,
        details={key: value for key, value in facts.items() if value is not None},
    )
