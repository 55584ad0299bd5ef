"""Turned cameras, shared by centres and workers: one hash, JSON by camera."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import RedisClient


class TurnedExchange:
    """Any thread may use it. Raises `QueueError`s."""

    def __init__(self, door: RedisClient) -> None:
        self._redis = door.client
        self._named = door.named

    def publish_turned(self, turned: Mapping[str, Mapping[str, Any]], home: Iterable[str]) -> None:
        """Store the state of turned cameras, and remove those back at home."""
        stored = {camera_id: json.dumps(dict(facts)) for camera_id, facts in turned.items()}
        removed = list(home)
        with self._named():
            pipe = self._redis.pipeline(transaction=True)
            if removed:
                pipe.hdel(redis_keys.TURNED, *removed)
            if stored:
                pipe.hset(redis_keys.TURNED, mapping=cast(Any, stored))
            pipe.execute()

    def turned(self) -> dict[str, dict[str, Any]]:
        """Return the stored states by camera; unreadable ones are left out."""
        with self._named():
            found = cast(dict[bytes, bytes], self._redis.hgetall(redis_keys.TURNED))
        read = {name.decode(errors="replace"): _facts(text) for name, text in found.items()}
        return {name: facts for name, facts in read.items() if facts is not None}


def _facts(text: bytes) -> dict[str, Any] | None:
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) else None
