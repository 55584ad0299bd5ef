"""Leadership of one of several centres, by a PostgreSQL advisory lock."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from thapcanh.alerts.store.coordination.session import APPLICATION, ArchiveSession
from thapcanh.alerts.store.schema_version import REVISION
from thapcanh.config.secret import mask_url
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

LOCK = 0x7A9CA11  # any number, the same in every centre
_HOLDER = sa.text(
    "SELECT a.application_name AS application, a.pid, clock_timestamp() AS at"
    " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted"
    " AND l.database = a.datid AND l.classid = 0 AND l.objid = :lock"
).bindparams(lock=LOCK)
_SCHEMA_OF = sa.text("SELECT schema FROM centre WHERE name = :name")
_END_S = 1.0  # within which PostgreSQL ends a session
_END_WRITERS = sa.text(
    "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a"
    " WHERE a.datname = current_database() AND a.application_name = :application"
    " AND a.backend_start <= :at AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid"
    " AND l.relation = to_regclass('ledger') AND l.mode IN ('RowShareLock', 'RowExclusiveLock'))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderTimes:
    """Query interval and validity of the lock, in seconds."""

    ask_every_s: float = 0.5
    lease_s: float = 3.0
    settle_s: float = 3.5  # more than the lease that another may still have
    idle_ms: int = 8000


class Leadership(Protocol):
    """Interface of leadership; thread-safe."""

    @property
    def leads(self) -> bool: ...

    @property
    def term(self) -> int:
        """Number of times it became leader: a change means that another may have acted."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None:
        """Release the leadership; idempotent."""
        ...


class SoleLeader:
    """Leadership of the only centre of an SQLite archive."""

    leads = True
    term = 1

    def start(self) -> None:
        """Do nothing: there is no election."""

    def stop(self) -> None:
        """Do nothing: there is no election."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lease:
    begins: float  # monotonic seconds
    ends: float


_NO_LEASE = _Lease(begins=0.0, ends=0.0)


class LeaderElection:
    """Election with one thread between `start` and `stop`, and one session."""

    def __init__(
        self,
        url: str,
        name: str,
        *,
        schema: str | None = None,
        times: LeaderTimes | None = None,
        clock: Clock | None = None,
        on_change: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """Create it; `on_change` is called on the thread whenever the lock is won or lost.

        With `schema` it leads only while the archive has that schema, and replaces a leader of
        another schema.
        """
        self._url = url
        self._name = name
        self._schema = schema
        self._times = times or LeaderTimes()
        self._clock = clock or SystemClock()
        self._on_change = on_change
        self._thread = StoppableThread(self._run, "leader", self._clock)
        self._session: ArchiveSession | None = None
        self._backend: int | None = None  # the session's process on the server, while it holds
        self._lease = _NO_LEASE
        self._failure = ""
        self._term = 0
        self._before: sa.Row[Any] | None = None  # who led when this centre last asked, and when

    @property
    def leads(self) -> bool:
        lease = self._lease
        return lease.begins <= self._clock.monotonic() < lease.ends

    @property
    def term(self) -> int:
        return self._term

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Release the lock at once; the leader's work must have ended before."""
        self._thread.stop()
        self._let_go()

    def turn(self) -> None:
        """Try the lock once, or check that it is still held."""
        requested_at = self._clock.monotonic()
        try:
            if self._session is None:
                self._session = ArchiveSession(self._url, self._name, idle_ms=self._times.idle_ms)
            begins = self._ask(self._session)
        except sa.exc.SQLAlchemyError as error:
            self._failed(" ".join(str(getattr(error, "orig", error)).split()))
            return
        self._failure = ""
        if begins is not None:
            self._lease = _Lease(begins=begins, ends=requested_at + self._times.lease_s)

    def _ask(self, session: ArchiveSession) -> float | None:
        """Return from when this centre may lead; None if another one does."""
        self._check_schema(session)
        if self._backend is None:
            if not self._obtains(session):
                return None
            self._backend = int(session.scalar(sa.select(sa.func.pg_backend_pid())))
            self._term += 1
            log.warning("this centre (%s) leads", self._name)
            self._on_change(True)
            self._end_writers_before(session)
            return self._clock.monotonic() + self._times.settle_s
        if session.scalar(sa.select(sa.func.pg_backend_pid())) != self._backend:
            raise sa.exc.InvalidRequestError(
                "the archive's address leads through a pool that shares sessions: "
                "give [archive] url PostgreSQL's own address"
            )
        if self._clock.monotonic() < self._lease.begins:
            self._end_writers_before(session)
        return self._lease.begins

    def _check_schema(self, session: ArchiveSession) -> None:
        if self._schema is None:
            return
        found = session.scalar(REVISION)
        if found != self._schema:
            raise sa.exc.InvalidRequestError(
                f"it has schema {found}, and this program writes {self._schema}: this centre takes "
                "nothing in and leaves the lead to another; start the program of that schema here"
            )

    def _obtains(self, session: ArchiveSession) -> bool:
        """Return whether the lock is ours now, and remember its holder otherwise."""
        lock = sa.select(sa.func.pg_try_advisory_lock(LOCK))
        if session.scalar(lock):
            return True
        holder = session.first(_HOLDER)
        if holder is None:
            return False
        self._before = holder
        name = holder.application.removeprefix(APPLICATION)
        if self._schema is None or name == holder.application:
            return False
        found = session.first(_SCHEMA_OF.bindparams(name=name))
        if found is not None and found.schema == self._schema:
            return False
        log.warning("%s leads with a program that does not write %s", name, self._schema)
        session.scalar(sa.select(sa.func.pg_terminate_backend(holder.pid, int(_END_S * 1000))))
        return bool(session.scalar(lock))

    def _end_writers_before(self, session: ArchiveSession) -> None:
        """End transactions of the former leader that hold the ledger or wait for it.

        Sessions opened later belong to a running process and are left.
        """
        before = self._before
        if before is None or not before.application.startswith(APPLICATION):
            return
        ended = session.scalar(
            _END_WRITERS.bindparams(application=before.application, at=before.at)
        )
        if ended:
            name = before.application.removeprefix(APPLICATION)
            log.warning("ended %d unfinished transactions of %s, which led before", ended, name)

    def _failed(self, why: str) -> None:
        """Stop acting as the leader until the lock is confirmed again."""
        self._let_go()
        if why != self._failure:  # a repeated failure is told once
            log.warning("leader: archive %s: %s", mask_url(self._url), why)
            self._failure = why

    def _let_go(self) -> None:
        self._lease = _NO_LEASE
        session, self._session = self._session, None
        if session is not None:
            session.close()
        if self._backend is not None:
            self._backend = None
            log.warning("this centre (%s) leads no more", self._name)
            self._on_change(False)

    def _run(self) -> None:
        while not self._thread.is_stopping:
            try:
                self.turn()
            except Exception:  # outermost line of the thread
                log.exception("leader: unexpected")
                self._let_go()
            self._thread.pause(self._times.ask_every_s)
