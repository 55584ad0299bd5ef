"""PostgreSQL's own bell: other processes hear that a transaction brought new changes.

Heard when the transaction commits, and never before. SQLite has no such bell, and one centre.
"""

import secrets

import sqlalchemy as sa

CHANNEL = "thapcanh_changes"
PROCESS = secrets.token_hex(8)  # who rang: its own changes a process knows already


def announce(connection: sa.Connection) -> None:
    """Let the other centres know when this transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, PROCESS)))
