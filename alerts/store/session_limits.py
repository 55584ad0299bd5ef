"""What every PostgreSQL session of the product is given, and what its writers wait for.

The server ends what a dead, frozen or cut-off process left behind, and from 0033 on it lets no
program change the ledger whose schema is not the archive's.
"""

from typing import Any

import sqlalchemy as sa

from alerts.store.log_tables import ledger
from alerts.store.schema_version import newest_revision

CONNECT_S = 5
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
_SCHEMA = "thapcanh.schema"  # asked by the trigger of migration 0033
_ANY_SCHEMA = "*"


def limit_session(raw: Any, _record: object) -> None:
    """Give a new session its limits and its schema; by a query, which every pool lets through."""
    given = {**_LIMITS, _SCHEMA: newest_revision()}
    marks = ", ".join(["set_config(%s, %s, false)"] * len(given))
    raw.execute(f"SELECT {marks}", [word for setting in given.items() for word in setting])
    raw.commit()


def ledger_query() -> sa.Select[Any]:
    """Wait for the ledger, to hold it until the commit."""
    return sa.select(ledger.c.id, writer_limit()).with_for_update(of=ledger)


def writer_limit() -> sa.Function[Any]:
    """Let the server end this transaction where its process stands still in the middle of it."""
    return sa.func.set_config(_IDLE, _WRITER_IDLE, sa.true())


def migration_limits() -> sa.Select[Any]:
    """Let this transaction take its time between two statements, and write any schema.

    It waits for another's migration as long as that takes.
    """
    return sa.select(
        sa.func.set_config(_IDLE, _MIGRATION_IDLE, sa.true()),
        sa.func.set_config(_SCHEMA, _ANY_SCHEMA, sa.true()),
        sa.func.set_config(_LOCK_WAIT, "0", sa.true()),
    )


def lock_limit() -> sa.Select[Any]:
    """Wait no longer for any table: who reads it meanwhile waits behind."""
    return sa.select(sa.func.set_config(_LOCK_WAIT, _LIMITS[_LOCK_WAIT], sa.true()))
