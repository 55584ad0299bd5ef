"""Devices heard by each centre: one sorted set by the server's second."""

from collections.abc import Mapping
from typing import Any

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import RedisClient

_STORED_S = 8 * 24 * 3600.0  # longer than any device may be silent before its loss is told


class DeviceExchange:
    """Any thread may use it. Raises `QueueError`s."""

    def __init__(self, door: RedisClient) -> None:
        self._redis = door.client
        self._named = door.named

    def share_activity(self, silent_s: Mapping[str, float]) -> dict[str, float]:
        """Publish for how long devices were silent; return that of all centres."""
        with self._named():
            seconds, micros = self._redis.time()
            now = seconds + micros / 1e6
            pipe: Any = self._redis.pipeline(transaction=True)
            if silent_s:
                received = {name: now - silence for name, silence in silent_s.items()}
                pipe.zadd(redis_keys.DEVICE_ACTIVITY_KEY, received, gt=True)
            pipe.zremrangebyscore(redis_keys.DEVICE_ACTIVITY_KEY, 0, now - _STORED_S)
            pipe.zrange(redis_keys.DEVICE_ACTIVITY_KEY, 0, -1, withscores=True)
            found = pipe.execute()[-1]
        return {name.decode(errors="replace"): now - heard_at for name, heard_at in found}
