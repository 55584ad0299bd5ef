"""Idempotency: answers stored by key, so that a repeated request gets the first one.

Everything runs in the caller's transaction.
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
    """Return the digest of a frozen request, without its actor."""
    facts = asdict(request)
    facts.pop("actor", None)
    return hashlib.sha256(json.dumps([type(request).__name__, facts]).encode()).hexdigest()


def earlier_answer(connection: sa.Connection, username: str, key: str, digest: str) -> str | None:
    """Return a key's earlier answer, or None. Raise `KeyReused` for another request."""
    return earlier_answers(connection, username, {key: digest}).get(key)


def earlier_answers(
    connection: sa.Connection, username: str, digests: Mapping[str, str]
) -> dict[str, str]:
    """Return the earlier answers of these keys. Raise `KeyReused` as above."""
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
    """Store answers (digest and answer by key) for repeated keys."""
    rows = [
        {"username": username, "key": key, "body_sha256": digest, "result": answer, "at": now}
        for key, (digest, answer) in answers.items()
    ]
    if rows:
        connection.execute(sa.insert(idempotency), rows)


def remember_newest(
    connection: sa.Connection, username: str, answers: Mapping[str, tuple[str, str]], now: float
) -> None:
    """Store answers, in place of earlier ones of these keys."""
    matching = (idempotency.c.username == username, idempotency.c.key.in_(sorted(answers)))
    connection.execute(sa.delete(idempotency).where(*matching))
    remember(connection, username, answers, now)


def delete_keys(connection: sa.Connection, before: float) -> int:
    """Delete keys from before a time; return how many."""
    removed = sa.delete(idempotency).where(idempotency.c.at < before)
    return connection.execute(removed).rowcount
