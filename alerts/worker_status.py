"""The workers' last words in the queue: what each watches, and which of them fell silent.

A status is a key with a time to live; the sorted set remembers who ever reported, so that a worker
that died is shown as lost instead of vanishing. Times are the server's, workers' clocks may differ.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

import redis

from alerts import keys

_LOST_SHOWN_S = 7 * 24 * 3600.0  # a worker silent for longer was taken away, or renamed


def report(client: redis.Redis, worker_id: str, status: Mapping[str, Any], ttl_s: float) -> None:
    """Write a status that expires."""
    seconds, micros = client.time()
    now = seconds + micros / 1e6
    text = json.dumps({**status, "worker": worker_id, "reported_at": now}, ensure_ascii=False)
    pipe = client.pipeline(transaction=True)
    pipe.set(keys.worker(worker_id), text, px=int(ttl_s * 1000))
    pipe.zadd(keys.WORKERS, {worker_id: now})
    pipe.zremrangebyscore(keys.WORKERS, 0, now - _LOST_SHOWN_S)
    pipe.execute()


def forget(client: redis.Redis, worker_id: str) -> None:
    """Remove a worker that stopped on purpose."""
    pipe = client.pipeline(transaction=True)
    pipe.delete(keys.worker(worker_id))
    pipe.zrem(keys.WORKERS, worker_id)
    pipe.execute()


def all_workers(client: redis.Redis) -> list[dict[str, Any]]:
    """Living workers' statuses, and `{worker, lost: True, reported_at}` for silent ones."""
    scored = cast(list[tuple[bytes, float]], client.zrange(keys.WORKERS, 0, -1, withscores=True))
    if not scored:
        return []
    known = [(name.decode(), float(score)) for name, score in scored]
    texts = cast(list[bytes | None], client.mget([keys.worker(name) for name, _ in known]))
    return [
        {"worker": name, "lost": True, "reported_at": reported_at}
        if text is None
        else {**json.loads(text), "lost": False}
        for (name, reported_at), text in zip(known, texts, strict=True)
    ]
