"""Sending phones, published to workers by the centre that each sends to."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import RedisClient

PHONE_PREFIX = "phone-"  # of the camera that a phone is for a while; it stands in no configuration


class PhoneList:
    """Raises `QueueError`. Any thread may use it."""

    def __init__(self, door: RedisClient) -> None:
        self._redis = door.client
        self._named = door.named

    def publish_phones(
        self, centre: str, phones: Sequence[Mapping[str, Any]], ttl_s: float
    ) -> None:
        """Publish the phones that send to a centre; expires after `ttl_s`."""
        with self._named():
            seconds, _ = self._redis.time()
            matching = json.dumps({"until": seconds + ttl_s, "phones": list(phones)})
            self._redis.hset(redis_keys.PHONES_OF_CENTRES, centre, matching)
            received: Any = self._redis.hgetall(redis_keys.PHONES_OF_CENTRES)
            by_centre = {name: json.loads(text) for name, text in sorted(received.items())}
            over = [name for name, one in by_centre.items() if one["until"] <= seconds]
            if over:
                self._redis.hdel(redis_keys.PHONES_OF_CENTRES, *over)
            living = [one for name, one in by_centre.items() if name not in over]
            everywhere = json.dumps([phone for one in living for phone in one["phones"]])
            self._redis.set(redis_keys.PHONES, everywhere, px=int(ttl_s * 1000))

    def phones(self) -> list[dict[str, Any]]:
        with self._named():
            received: Any = self._redis.get(redis_keys.PHONES)
        return cast(list[dict[str, Any]], json.loads(received)) if received else []
