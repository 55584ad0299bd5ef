"""State of a fleet in the queue: its head, its plan, and draining nodes."""

import json
from collections.abc import Mapping
from typing import Any, cast

import redis

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import QueueAddress, RedisClient
from thapcanh.alerts.queue.workers.worker_status import ClockReading, read_clock
from thapcanh.alerts.store.errors import PlanSuperseded

_TIMEOUT_S = 3.0


class FleetStore:
    """Fleet keys on one Redis or Valkey. Raises `QueueError` on failure."""

    def __init__(self, address: QueueAddress | str) -> None:
        """`address` may be a URL alone."""
        where = QueueAddress(url=address) if isinstance(address, str) else address
        self._door = RedisClient(where, socket_timeout_s=_TIMEOUT_S)
        self._redis = self._door.client
        self._named = self._door.named

    def close(self) -> None:
        """Close every connection; calling twice is fine."""
        self._redis.close()

    def clock(self) -> ClockReading:
        """Return this machine's clock beside the server's."""
        with self._named():
            return read_clock(self._redis)

    def publish_head(self, facts: Mapping[str, Any], ttl_s: float) -> None:
        """Publish the head; it expires after `ttl_s`."""
        with self._named():
            self._redis.set(redis_keys.FLEET_HEAD, json.dumps(facts), px=int(ttl_s * 1000))

    def head(self) -> dict[str, Any] | None:
        with self._named():
            return _document(self._redis.get(redis_keys.FLEET_HEAD))

    def plan(self) -> dict[str, Any] | None:
        """Return the plan in force; None before the first."""
        with self._named():
            return _document(self._redis.get(redis_keys.FLEET_PLAN))

    def store_plan(self, plan: Mapping[str, Any], *, after_epoch: int) -> None:
        """Store a plan. Raise `PlanSuperseded` if one later than `after_epoch` exists."""
        with self._named():
            pipe: Any = self._redis.pipeline(transaction=True)
            pipe.watch(redis_keys.FLEET_PLAN)
            there = _document(pipe.get(redis_keys.FLEET_PLAN))
            epoch = 0 if there is None else int(there["epoch"])
            if epoch > after_epoch:
                raise PlanSuperseded(f"the fleet's plan is of epoch {epoch} already")
            pipe.multi()
            pipe.set(redis_keys.FLEET_PLAN, json.dumps(plan))
            try:
                pipe.execute()
            except redis.WatchError as error:
                raise PlanSuperseded("the fleet's plan was written by another head") from error
            finally:
                pipe.reset()

    def draining(self) -> frozenset[str]:
        with self._named():
            names = cast(set[bytes], self._redis.smembers(redis_keys.FLEET_DRAINING))
        return frozenset(name.decode() for name in names)

    def drain(self, node: str, *, wanted: bool) -> None:
        """Drain a node, or use it again."""
        with self._named():
            change = self._redis.sadd if wanted else self._redis.srem
            change(redis_keys.FLEET_DRAINING, node)


def _document(text: Any) -> dict[str, Any] | None:
    found = None if text is None else json.loads(text)
    return found if isinstance(found, dict) else None
