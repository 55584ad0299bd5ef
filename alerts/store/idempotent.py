"""Answers kept by key: what comes again with its key gets the answer of the first time."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from alerts.store.errors import KeyReused
from alerts.store.log_tables import idempotency


def earlier_result(connection: sa.Connection, username: str, key: str, body: Any) -> str | None:
    """The answer that a key got before; raise `KeyReused` when it came with another body."""
    query = sa.select(idempotency).where(
        idempotency.c.username == username, idempotency.c.key == key
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.body_sha256 != _body_sha256(body):
        raise KeyReused(f"idempotency key {key!r} came with another command")
    return str(row.result)


def remember(
    connection: sa.Connection, username: str, key: str, answered: tuple[Any, str, float]
) -> None:
    """Keep an answer (body, answer, time) for when its key comes again."""
    body, answer, now = answered
    connection.execute(
        sa.insert(idempotency).values(
            username=username, key=key, body_sha256=_body_sha256(body), result=answer, at=now
        )
    )


def _body_sha256(body: Any) -> str:
    """Of a frozen request; who sends it and what they may see is not part of it."""
    facts = asdict(body)
    facts.pop("actor", None)
    return hashlib.sha256(json.dumps([type(body).__name__, facts]).encode()).hexdigest()
