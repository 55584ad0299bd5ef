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


def report(
    client: redis.Redis, worker_id: str, status: Mapping[str, Any], ttl_s: float
) -> str | None:
    """Write a status that expires; return the evidence store that the centre reads, if known."""
    clock = read_clock(client)
    now = clock.server
    said = {**status, "worker": worker_id, "reported_at": now, "clock": asdict(clock)}
    text = json.dumps(said, ensure_ascii=False)
    pipe = client.pipeline(transaction=True)
    pipe.set(redis_keys.worker(worker_id), text, px=int(ttl_s * 1000))
    watched = json.dumps([camera["id"] for camera in status.get("cameras", ())])
    pipe.set(redis_keys.watched(worker_id), watched, ex=int(_LOST_SHOWN_S))
    pipe.zadd(redis_keys.WORKERS, {worker_id: now})
    pipe.zremrangebyscore(redis_keys.WORKERS, 0, now - _LOST_SHOWN_S)
    pipe.get(redis_keys.STORE)
    store = pipe.execute()[-1]
    return None if store is None else str(store.decode())


def forget(client: redis.Redis, worker_id: str) -> None:
    """Remove a worker that stopped on purpose."""
    pipe = client.pipeline(transaction=True)
    pipe.delete(redis_keys.worker(worker_id), redis_keys.watched(worker_id))
    pipe.zrem(redis_keys.WORKERS, worker_id)
    pipe.execute()


def all_workers(client: redis.Redis) -> list[dict[str, Any]]:
    """Living workers' statuses, and a short one for each silent worker.

    That is `{worker, lost: True, reported_at, watched}`; `watched` holds the ids of the cameras it
    watched last.
    """
    scored = cast(
        list[tuple[bytes, float]], client.zrange(redis_keys.WORKERS, 0, -1, withscores=True)
    )
    if not scored:
        return []
    known = [(name.decode(), float(score)) for name, score in scored]
    asked = [redis_keys.worker(name) for name, _ in known] + [
        redis_keys.watched(name) for name, _ in known
    ]
    texts = cast(list[bytes | None], client.mget(asked))
    return [
        {
            "worker": name,
            "lost": True,
            "reported_at": reported_at,
            "watched": json.loads(watched or b"[]"),
        }
        if text is None
        else {**json.loads(text), "lost": False}
        for (name, reported_at), text, watched in zip(
            known, texts[: len(known)], texts[len(known) :], strict=True
        )
    ]
