"""Connection of the archive: engine, session limits, lock timeouts."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.schema_version import newest_revision

CONNECT_S = 5
WRITES = "thapcanh_writes"
"""The execution option of a connection whose transactions write."""
_AGAIN_S = 0.02
BUSY_S = 30.0
TCP_LIMITS = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""By which PostgreSQL's other end is noticed when it is gone; else a commit waits for hours."""
_IDLE = "idle_in_transaction_session_timeout"
_LOCK_WAIT = "lock_timeout"
_WRITER_IDLE = "8s"
"""A process that stands still with the ledger in hand: less than a standby waits for the lead."""
_MIGRATION_IDLE = "60s"  # it holds the ledger for minutes, and counts rows between two statements
_LIMITS = {
    "tcp_keepalives_idle": str(TCP_LIMITS["keepalives_idle"]),
    "tcp_keepalives_interval": str(TCP_LIMITS["keepalives_interval"]),
    "tcp_keepalives_count": str(TCP_LIMITS["keepalives_count"]),
    "tcp_user_timeout": str(TCP_LIMITS["tcp_user_timeout"]),
    "client_connection_check_interval": "2s",
    _LOCK_WAIT: f"{BUSY_S:.0f}s",
    _IDLE: "10min",  # of who reads; writers have their own
}
_SCHEMA = "thapcanh.schema"  # asked by the trigger of migration 0029
_ANY_SCHEMA = "*"


def archive_engine(url: sa.URL, application: str, *, is_sqlite: bool) -> sa.Engine:
    """Return the engine of an archive; `application` names PostgreSQL's sessions."""
    if not is_sqlite:
        named = {"application_name": application}
        engine = sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=10,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": CONNECT_S, **named, **TCP_LIMITS},
        )
        sa.event.listen(engine, "connect", limit_session)
        sa.event.listen(engine, "connect", _check_encoding, insert=True)  # before the dialect reads
        return engine
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_S},
        pool_size=10,
        pool_use_lifo=True,  # what few use is prepared and held in memory for few
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _start_sqlite)
    if url.query.get("mode") != "ro":
        sa.event.listen(engine, "connect", _write_ahead)
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return engine


def limit_session(raw: Any, _record: object) -> None:
    """Set a new session's limits and schema, by a query that every pool passes."""
    provided = {**_LIMITS, _SCHEMA: newest_revision()}
    marks = ", ".join(["set_config(%s, %s, false)"] * len(provided))
    raw.execute(f"SELECT {marks}", [word for setting in provided.items() for word in setting])
    raw.commit()


def ledger_query() -> sa.Select[Any]:
    """Wait for the ledger, to hold it until the commit."""
    return sa.select(ledger.c.id, writer_limit()).with_for_update(of=ledger)


def writer_limit() -> sa.Function[Any]:
    """Return the query that limits idle time within this transaction."""
    return sa.func.set_config(_IDLE, _WRITER_IDLE, sa.true())


def migration_limits() -> sa.Select[Any]:
    """Allow this transaction long pauses and any schema.

    It waits for another's migration.
    """
    return sa.select(
        sa.func.set_config(_IDLE, _MIGRATION_IDLE, sa.true()),
        sa.func.set_config(_SCHEMA, _ANY_SCHEMA, sa.true()),
        sa.func.set_config(_LOCK_WAIT, "0", sa.true()),
    )


def lock_limit() -> sa.Select[Any]:
    """Wait no longer for any table: who reads it meanwhile waits behind."""
    return sa.select(sa.func.set_config(_LOCK_WAIT, _LIMITS[_LOCK_WAIT], sa.true()))


def _check_encoding(raw: Any, _record: object) -> None:
    """Raise `ArchiveRefused` if the database does not use UTF-8."""
    encoding = raw.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ArchiveRefused(
            f"archive {raw.info.host}/{raw.info.dbname}: its encoding is {encoding}; make it anew "
            "with CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'"
        )


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves: the driver would begin too late
    raw.execute("PRAGMA synchronous = FULL")  # what is confirmed to the queue is on the disk
    raw.execute("PRAGMA foreign_keys = ON")


def _write_ahead(raw: sqlite3.Connection, _record: object) -> None:
    """Turn on the write-ahead log.

    Repeated while others open the same new file, which SQLite refuses at once.
    """
    until = time.monotonic() + BUSY_S
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(_AGAIN_S)


def _start_sqlite(connection: sa.Connection) -> None:
    """Start a transaction; a writer locks at once, to avoid deadlocks."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
