"""Progress of an archive upgrade: its steps, the server's activity, and an orderly stop.

Reported by the work itself: parts, pages of rows, SQLite's instruction count, or PostgreSQL's
activity (`server_activity`), never by elapsed time. An upgrade is one transaction; stopping leaves
the archive as it was.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from thapcanh.alerts.store.errors import UpgradeStopped
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
_REQUEST_EVERY_S = 1.0
_ACTIVITY = sa.text(
    "SELECT pid, state, wait_event_type, query_start, state_change FROM pg_stat_activity"
    " WHERE pid = :pid OR pid = ANY(pg_blocking_pids(:pid)) ORDER BY pid"
)


class ServerActivity:
    """Check each second of the server's work for one connection."""

    def __init__(
        self,
        connection: sa.Connection,
        engine: sa.Engine,
        report: Callable[[], None],
        is_stopping: Callable[[], bool],
    ) -> None:
        raw: Any = connection.connection.dbapi_connection
        self._raw, self._pid = raw, int(raw.info.backend_pid)
        self._engine = engine
        self._report = report
        self._is_stopping = is_stopping
        self._last: Sequence[Any] = ()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Watch while the block runs."""
        thread = StoppableThread(lambda: self._follow(thread), "server-activity")
        thread.start()
        try:
            yield
        finally:
            thread.stop()

    def _follow(self, thread: StoppableThread) -> None:
        while not thread.pause(_REQUEST_EVERY_S):
            if self._is_stopping():
                with suppress(Exception):  # the statement ended by itself
                    self._raw.cancel()
                continue
            try:
                if self._has_worked():
                    self._report()
            except sa.exc.SQLAlchemyError as error:
                log.debug("what PostgreSQL does cannot be read: %s", error)

    def _has_worked(self) -> bool:
        """Return whether a statement is running, or changed within a second."""
        with self._engine.connect() as connection:
            now = connection.execute(_ACTIVITY, {"pid": self._pid}).all()
        changed, self._last = now != self._last, now
        return changed or any(
            row.state == "active" and row.wait_event_type not in ("Lock", "Client") for row in now
        )


_INSTRUCTIONS = 200_000  # of SQLite's machine: some milliseconds
_ROWS = 500
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeState:
    """Part in work: `done` of `total` are finished, and `rows` of its own are read."""

    before: str
    after: str
    done: int
    total: int
    part: str
    rows: int


class UpgradeProgress:
    """Progress of one upgrade; without arguments it reports nothing and never stops."""

    def __init__(
        self,
        report: Callable[[UpgradeState], None] = lambda _: None,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.is_stopping = is_stopping
        self._report = report
        self._before = self._after = self._part = ""
        self._done = self._total = self._rows = 0
        self._migrations: list[str] = []

    def start(self, before: str | None, migrations: Sequence[str]) -> None:
        """Name the tables' revision and the migrations that are to run."""
        self._before, self._after = before or "", migrations[-1] if migrations else ""
        self._migrations = list(migrations)
        self._part, self._done = "", 0
        self.expect(0)

    def expect(self, parts: int) -> None:
        """Set how many parts follow, beside the migrations."""
        self._total = self._done + bool(self._part) + len(self._migrations) + parts

    def start_migrations(self) -> None:
        """Start the first migration, if any."""
        if self._migrations:
            self.start_part(self._migrations.pop(0))

    def migrated(self, **_: object) -> None:
        """Start the next migration; called after each."""
        self.start_migrations()

    def start_part(self, name: str) -> None:
        self._done += bool(self._part)
        self._part, self._rows = name, 0
        self.advance()

    def parts(self, tables: Iterable[sa.Table]) -> Iterator[sa.Table]:
        for table in tables:
            self.start_part(table.name)
            yield table

    def rows(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield a part's rows and report every few hundred."""
        for item in items:
            self._rows += 1
            if self._rows % _ROWS == 0:
                self.advance()
            yield item

    def advance(self) -> None:
        """Report; raises `UpgradeStopped` where the process is to end."""
        if self.is_stopping():
            raise UpgradeStopped(
                f"the upgrade of the archive from {self._before} to {self._after} was stopped; "
                "the archive is as before, and the next start begins again"
            )
        self.report()

    def report(self) -> None:
        """Report the part in work. Any thread may call it."""
        self._report(
            UpgradeState(
                before=self._before,
                after=self._after,
                done=self._done,
                total=self._total,
                part=self._part,
                rows=self._rows,
            )
        )

    @contextmanager
    def following(self, connection: sa.Connection, engine: sa.Engine) -> Iterator[None]:
        """Report, and end, also within a single statement of this connection."""
        raw = connection.connection.dbapi_connection
        if raw is None or connection.dialect.name != "sqlite":
            with ServerActivity(connection, engine, self.report, self.is_stopping).following():
                yield
            return
        raw.set_progress_handler(self._passes, _INSTRUCTIONS)
        try:
            yield
        finally:
            raw.set_progress_handler(None, 0)

    def _passes(self) -> bool:
        """Report from inside a statement of SQLite; true where it is to be interrupted."""
        self.report()
        return self.is_stopping()
