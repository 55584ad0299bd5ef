"""The workers' last words in the queue: what each watches, and which of them fell silent.

A status is a key with a time to live; the sorted set remembers who ever reported, so that a worker
that died is shown as lost instead of vanishing. Times are the server's, workers' clocks may differ.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

import redis

from alerts.events import redis_keys

_LOST_SHOWN_S = 7 * 24 * 3600.0  # a worker silent for longer was taken away, or renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """This machine's clock beside the server's, read together."""

    server: float  # UTC seconds
    ahead_s: float  # of the server's
    within_s: float  # half the way there and back: so much the difference may be wrong


def read_clock(client: redis.Redis) -> ClockReading:
    """Ask the server for its time."""
    before = time.time()
    seconds, micros = client.time()
    after = time.time()
    server = seconds + micros / 1e6
    within_s = abs(after - before) / 2
    return ClockReading(server=server, ahead_s=(before + after) / 2 - server, within_s=within_s)


def report(client: redis.Redis, worker_id: str, status: Mapping[str, Any], ttl_s: float) -> None:
    """Write a status that expires."""
    clock = read_clock(client)
    now = clock.server
    said = {**status, "worker": worker_id, "reported_at": now, "clock": asdict(clock)}
    text = json.dumps(said, ensure_ascii=False)
    pipe = client.pipeline(transaction=True)
    pipe.set(redis_keys.worker(worker_id), text, px=int(ttl_s * 1000))
    pipe.zadd(redis_keys.WORKERS, {worker_id: now})
    pipe.zremrangebyscore(redis_keys.WORKERS, 0, now - _LOST_SHOWN_S)
    pipe.execute()


def forget(client: redis.Redis, worker_id: str) -> None:
    """Remove a worker that stopped on purpose."""
    pipe = client.pipeline(transaction=True)
    pipe.delete(redis_keys.worker(worker_id))
    pipe.zrem(redis_keys.WORKERS, worker_id)
    pipe.execute()


def all_workers(client: redis.Redis) -> list[dict[str, Any]]:
    """Living workers' statuses, and `{worker, lost: True, reported_at}` for silent ones."""
    scored = cast(
        list[tuple[bytes, float]], client.zrange(redis_keys.WORKERS, 0, -1, withscores=True)
    )
    if not scored:
        return []
    known = [(name.decode(), float(score)) for name, score in scored]
    texts = cast(list[bytes | None], client.mget([redis_keys.worker(name) for name, _ in known]))
    return [
        {"worker": name, "lost": True, "reported_at": reported_at}
        if text is None
        else {**json.loads(text), "lost": False}
        for (name, reported_at), text in zip(known, texts, strict=True)
    ]
