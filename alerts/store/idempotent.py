"""Answers kept by key: what comes again with its key gets the answer of the first time.

A request is known again by its digest: `digest_of`, or one that its own feature makes. Everything
is done in the caller's transaction.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.errors import KeyReused
from thapcanh.alerts.store.log_tables import idempotency


def digest_of(request: Any) -> str:
    """Of a frozen request; who sends it and what they may see is not part of it."""
    facts = asdict(request)
    facts.pop("actor", None)
    return hashlib.sha256(json.dumps([type(request).__name__, facts]).encode()).hexdigest()


def earlier_answer(connection: sa.Connection, username: str, key: str, digest: str) -> str | None:
    """The answer that a key got before; raise `KeyReused` when it came with another request."""
    return earlier_answers(connection, username, {key: digest}).get(key)


def earlier_answers(
    connection: sa.Connection, username: str, digests: Mapping[str, str]
) -> dict[str, str]:
    """The answers that these keys got before; raise `KeyReused` as above."""
    if not digests:
        return {}
    query = sa.select(idempotency).where(
        idempotency.c.username == username, idempotency.c.key.in_(sorted(digests))
    )
    found = {}
    for row in connection.execute(query):
        if row.body_sha256 != digests[row.key]:
            raise KeyReused(f"idempotency key {row.key!r} came with another command")
        found[row.key] = str(row.result)
    return found


def remember(
    connection: sa.Connection, username: str, answers: Mapping[str, tuple[str, str]], now: float
) -> None:
    """Keep the answers (digest and answer by key) for when a key comes again."""
    rows = [
        {"username": username, "key": key, "body_sha256": digest, "result": answer, "at": now}
        for key, (digest, answer) in answers.items()
    ]
    if rows:
        connection.execute(sa.insert(idempotency), rows)


def forget_keys(connection: sa.Connection, before: float) -> int:
    """Drop keys that nobody will send again."""
    gone = sa.delete(idempotency).where(idempotency.c.at < before)
    return connection.execute(gone).rowcount
