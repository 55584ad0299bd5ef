"""Session of its own for advisory locks and notifications."""

import os
import socket
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.session_limits import CONNECT_S, TCP_LIMITS, limit_session

APPLICATION = "thapcanh centre "
_LONGEST_NAME = 40  # PostgreSQL cuts what is longer than 63 bytes in all


def centre_name(folder_id: str) -> str:
    """Return a centre's name: host with the id of its data folder, or its process."""
    host = socket.gethostname().partition(".")[0]
    return f"{host[: _LONGEST_NAME - 10]}-{folder_id or os.getpid()}"


def application_of(name: str) -> str:
    """Return a centre's application name in PostgreSQL."""
    return f"{APPLICATION}{name}"


def is_shared(url: str) -> bool:
    """Return whether several centres may use this archive: not with SQLite."""
    return sa.make_url(url).get_backend_name() != "sqlite"


class ArchiveSession:
    """PostgreSQL session outside the pool, for one thread. Raises `sa.exc.SQLAlchemyError`."""

    def __init__(self, url: str, name: str, *, idle_ms: int | None = None) -> None:
        """Create it; `name` is shown in `pg_stat_activity`, `idle_ms` of silence end it."""
        parsed = sa.make_url(url).set(drivername="postgresql+psycopg")
        limit = {} if idle_ms is None else {"options": f"-c idle_session_timeout={idle_ms}"}
        self._engine = sa.create_engine(
            parsed,
            poolclass=sa.pool.NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": CONNECT_S,
                "application_name": application_of(name),
                **TCP_LIMITS,
                **limit,
            },
        )
        sa.event.listen(self._engine, "connect", limit_session)
        self._connection = self._engine.connect()

    def scalar(self, query: sa.Executable) -> Any:
        return self._connection.execute(query).scalar_one()

    def first(self, query: sa.Executable) -> sa.Row[Any] | None:
        return self._connection.execute(query).first()

    @property
    def driver(self) -> Any:
        return self._connection.connection.driver_connection

    def close(self) -> None:
        """Close the session; idempotent, never raises."""
        if not self._connection.closed:
            self._connection.invalidate()  # nothing is asked of a server that may hang
            self._connection.close()
        self._engine.dispose()
