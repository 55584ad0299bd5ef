"""Database: SQLite in WAL with foreign keys, or PostgreSQL, and its upgrade.

Driver errors become `ArchiveError`s with a masked password.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from thapcanh.alerts.store.errors import ArchiveRefused, ArchiveUnreachable
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.schema_version import (
    REVISION,
    adopt,
    check_written_here,
    migrations,
    newest_revision,
    revision_of,
    revisions_after,
)
from thapcanh.alerts.store.seals.declared_seals import disagreements_before, seal_migrated
from thapcanh.alerts.store.seals.log_signing import LogKey, LogSigning
from thapcanh.alerts.store.seals.written_rows import note_writes, noting
from thapcanh.alerts.store.session_limits import (
    BUSY_S,
    WRITES,
    archive_engine,
    ledger_query,
    lock_limit,
    migration_limits,
    writer_limit,
)
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress
from thapcanh.config.secret import mask_url

log = logging.getLogger(__name__)
MOST_AT_ONCE = 200
"""Rows that a round of each second changes in one transaction, while no alert can be stored."""
_MIGRATION_TRIES = 10
_IN_THE_WAY = {"40P01", "55P03"}  # SQLSTATE: a deadlock; a lock that was waited for too long
_MIGRATION_LOCK = 0x7A9CA28  # any number, the same in every process: one migrates at a time


class Database:
    """Engine with its kinds of transaction."""

    def __init__(
        self, url: str, *, log_key: LogKey | None = None, application: str = "thapcanh"
    ) -> None:
        """`application` is how PostgreSQL's list of sessions calls this process."""
        self.shown = mask_url(url)
        self.log_key = log_key
        try:
            parsed = sa.make_url(url)
            self.is_sqlite = parsed.get_backend_name() == "sqlite"
            self._engine = archive_engine(
                _with_driver(parsed), application, is_sqlite=self.is_sqlite
            )
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            raise ArchiveRefused(f"archive {self.shown}: {error}") from error
        self._writer = self._engine.execution_options(**{WRITES: True})
        note_writes(self._writer)
        self._reader = self._engine
        self._one_writer = threading.Lock()
        if not self.is_sqlite:  # SQLite's readers always see one moment
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self._named(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction as the only writer until its commit.

        Its rows are sealed in the log and the log's end is signed. Raise `ArchiveTooNew` if another
        program has changed the tables.
        """
        signing = LogSigning(self.log_key)
        with self._turn(), self._named(), self._writer.begin() as connection:
            if not self.is_sqlite:  # SQLite's BEGIN IMMEDIATE is the same lock
                connection.execute(ledger_query())
            check_written_here(connection, self.shown)  # a migration ends with the ledger
            with noting(connection) as written:
                written.begin(signing.begin(connection))
                yield connection
                written.seal(connection)
                signing.end(connection)
        signing.committed()

    @contextmanager
    def unsealed(self) -> Iterator[sa.Connection]:
        """Open a transaction on unsealed rows, without the ledger."""
        with self._named(), self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(writer_limit()))
            yield connection

    @contextmanager
    def altering(self) -> Iterator[sa.Connection]:
        """Open a transaction on the tables themselves, for tools while no site runs."""
        with self._named(), self._writer.begin() as connection:
            yield connection

    def upgrade(self, revision: str = "head", progress: UpgradeProgress | None = None) -> None:
        """Upgrade the tables to a revision. Raise `ArchiveTooNew` or `ArchiveTooOld`.

        An older archive is compared with its log, then sealed. Conflicts with another centre's
        readers restart it. Raise `UpgradeStopped` on `progress`' request; the tables are then
        unchanged.
        """
        followed = progress or UpgradeProgress()
        for left in reversed(range(_MIGRATION_TRIES)):
            signing = LogSigning(self.log_key)
            try:
                with self._migrating(followed) as connection:
                    if (before := revision_of(connection)) != newest_revision():
                        followed.start(before, revisions_after(before, revision))
                        self._lock_ledger(connection, before)
                        signing.begin_migration(connection)
                        self._migrate(connection, command.upgrade, revision, followed)
                        signing.end_migration(connection)
                signing.committed()
                return
            except ArchiveUnreachable as error:
                if not left or not _was_in_the_way(error):
                    raise
                log.warning("migration: %s; it is tried again", error)

    def downgrade(self, revision: str) -> None:
        """Downgrade the tables to an earlier revision ("base": none)."""
        progress = UpgradeProgress()
        with self._migrating(progress) as connection:
            self._lock_ledger(connection, revision_of(connection))
            self._migrate(connection, command.downgrade, revision, progress)

    def is_written_here(self) -> bool:
        """Return whether the tables are this program's. Raises `ArchiveUnreachable`."""
        with self.reading() as connection:
            return bool(connection.execute(REVISION).scalar_one_or_none() == newest_revision())

    def upgrade_within(self, connection: sa.Connection, revision: str) -> None:
        """Upgrade the tables in the caller's transaction, without sealing."""
        self._begin_migration(connection)
        command.upgrade(self._config_on(connection), revision)

    def give_memory_back(self) -> None:
        """Close all idle connections but one, and empty its page cache.

        SQLite retains up to 2 MB each. Closing the last one would write the whole log into the
        file.
        """
        pool = self._engine.pool
        if not self.is_sqlite or not isinstance(pool, sa.QueuePool) or not pool.checkedin():
            return
        with (
            closing(self._engine.raw_connection()) as retained,
            closing(retained.cursor()) as cursor,
        ):
            cursor.execute("PRAGMA shrink_memory")
            pool.dispose()  # of what idles now alone: it is used on, and what is out comes back

    def close(self) -> None:
        """Close every connection; calling twice is fine."""
        self._engine.dispose()
        if self.log_key is not None:
            self.log_key.close()

    @contextmanager
    def _migrating(self, progress: UpgradeProgress) -> Iterator[sa.Connection]:
        """Open a transaction on the tables; an interruption raises `UpgradeStopped`."""
        try:
            with (
                self._named(),
                self._writer.begin() as connection,
                progress.following(connection, self._engine),
            ):
                self._begin_migration(connection)
                yield connection
        except ArchiveUnreachable:
            progress.advance()  # that a statement was interrupted reads as an error of the database
            raise

    def _begin_migration(self, connection: sa.Connection) -> None:
        if not self.is_sqlite:
            connection.execute(migration_limits())
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            connection.execute(lock_limit())
        adopt(connection, self.shown)

    def _lock_ledger(self, connection: sa.Connection, revision: str | None) -> None:
        """Lock all writers out, and let readers go on.

        The table and not its row: a writer that waited for the row would hold the table, which a
        migration of the ledger needs for itself.
        """
        if revision is not None and not self.is_sqlite:
            connection.execute(sa.text(f"LOCK TABLE {ledger.name} IN EXCLUSIVE MODE"))

    def _migrate(
        self,
        connection: sa.Connection,
        step: Callable[[Config, str], None],
        revision: str,
        progress: UpgradeProgress,
    ) -> None:
        before = revision_of(connection)
        disagreed = [] if before is None else disagreements_before(connection, before, progress)
        config = self._config_on(connection)
        config.attributes["applied"] = progress.migrated
        progress.start_migrations()
        step(config, revision)
        after = revision_of(connection)
        if before is not None and after is not None and after != before:
            seal_migrated(connection, before, after, disagreed, progress)

    @staticmethod
    def _config_on(connection: sa.Connection) -> Config:
        config = migrations()
        config.attributes["connection"] = connection
        return config

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Serialise the writers of this process.

        SQLite would only poll every 100 ms; PostgreSQL would give the ledger to sessions of a
        frozen process.
        """
        if not self._one_writer.acquire(timeout=BUSY_S):
            raise ArchiveUnreachable(f"archive {self.shown}: another thread writes for too long")
        try:
            yield
        finally:
            self._one_writer.release()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            words = f"archive {self.shown}: {' '.join(str(error.orig).split())}"
            # Only these speak of what was to be written; all else is the database's own state,
            # and an event must wait for it rather than become a dead letter.
            refused = isinstance(error, sa.exc.IntegrityError | sa.exc.DataError)
            raise (ArchiveRefused if refused else ArchiveUnreachable)(words) from error
        except sa.exc.TimeoutError as error:
            raise ArchiveUnreachable(f"archive {self.shown}: {error}") from error


def _was_in_the_way(error: ArchiveUnreachable) -> bool:
    """Return whether another session's locks ended a transaction, so that a retry may pass."""
    cause = error.__cause__
    raised = cause.orig if isinstance(cause, sa.exc.DBAPIError) else None
    return getattr(raised, "sqlstate", None) in _IN_THE_WAY


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path.resolve()}"


def read_only_url(path: Path) -> str:
    """Return the URL of an SQLite file, opened read-only."""
    return f"sqlite:///{path.resolve().as_uri()}?mode=ro&uri=true"


def _with_driver(url: sa.URL) -> sa.URL:
    """`postgresql://` and `postgres://` mean the driver that we ship with."""
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url
