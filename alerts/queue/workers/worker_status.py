"""Status of workers in the queue: life sign, camera states, and counters.

Times are the server's.
"""

import json
import logging
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import redis

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.workers.worker_report import VERSION

log = logging.getLogger(__name__)

STATE_FACTS = frozenset({"id", "state", "reason", "detail", "picture", "since", "moving"})
STATES_VERSION = "states_version"
"""Key of a status: which version of its cameras' states belongs to it."""
_LOST_SHOWN_S = 7 * 24 * 3600.0  # a worker silent for longer was taken away, or renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """This machine's clock beside the server's, read together."""

    server: float  # UTC seconds
    ahead_s: float  # of the server's
    within_s: float  # half the way there and back: so much the difference may be wrong


def read_clock(client: redis.Redis) -> ClockReading:
    """Query the server's time."""
    before = time.time()
    seconds, micros = client.time()
    after = time.time()
    server = seconds + micros / 1e6
    within_s = abs(after - before) / 2
    return ClockReading(server=server, ahead_s=(before + after) / 2 - server, within_s=within_s)


class StatusWriter:
    """Writer of workers' statuses; camera states only if changed, or lost by the server.

    `STATE_FACTS` are a camera's state; everything else is metrics.
    """

    def __init__(self) -> None:
        self._sent: dict[str, _SentStates] = {}
        self._may_tell_figures = True

    def write(
        self, client: redis.Redis, worker_id: str, status: Mapping[str, Any], ttl_s: float
    ) -> str | None:
        """Write a status that expires; return the centre's evidence store id, or None.

        Raise what `client` raises.
        """
        clock = read_clock(client)
        cameras = status.get("cameras", ())
        states = [{key: one[key] for key in STATE_FACTS if key in one} for one in cameras]
        sent, is_new = self._to_send(worker_id, json.dumps(states, ensure_ascii=False))
        head = {
            **{key: value for key, value in status.items() if key != "cameras"},
            "v": VERSION,
            "worker": worker_id,
            "reported_at": clock.server,
            "clock": asdict(clock),
            STATES_VERSION: sent.version,
        }
        pipe = client.pipeline(transaction=True)
        text, ttl_ms = json.dumps(head, ensure_ascii=False), int(ttl_s * 1000)
        pipe.set(redis_keys.worker(worker_id), text, px=ttl_ms, get=True)
        if is_new:
            pipe.set(redis_keys.watched(worker_id), sent.document(), ex=int(_LOST_SHOWN_S))
        pipe.zadd(redis_keys.WORKERS, {worker_id: clock.server})
        pipe.zremrangebyscore(redis_keys.WORKERS, 0, clock.server - _LOST_SHOWN_S)
        pipe.get(redis_keys.STORE)
        before, *_, store = pipe.execute()
        self._sent[worker_id] = sent
        if not is_new and sent.version.encode() not in (before or b""):
            del self._sent[worker_id]  # a replica took over that lacks them: all of it next time
        self._tell_figures(client, worker_id, cameras, ttl_ms)
        return None if store is None else str(store.decode())

    def _to_send(self, worker_id: str, states: str) -> tuple["_SentStates", bool]:
        sent = self._sent.get(worker_id)
        if sent is not None and sent.states == states:
            return sent, False
        return _SentStates(states=states, version=secrets.token_hex(8)), True

    def _tell_figures(
        self,
        client: redis.Redis,
        worker_id: str,
        cameras: Iterable[Mapping[str, Any]],
        ttl_ms: int,
    ) -> None:
        """Write the metrics separately: earlier enrolments have no right to this key."""
        if not self._may_tell_figures:
            return
        figures = {
            one["id"]: {key: value for key, value in one.items() if key not in STATE_FACTS}
            for one in cameras
        }
        key = redis_keys.figures(worker_id)
        try:
            client.set(key, json.dumps(figures, ensure_ascii=False), px=ttl_ms)
        except redis.exceptions.NoPermissionError:
            self._may_tell_figures = False
            log.warning("the queue's user may not write %s: add ~%s to its rights", key, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SentStates:
    """States as JSON, and the name of this version of them."""

    states: str
    version: str

    def document(self) -> str:
        return f'{{"version": "{self.version}", "cameras": {self.states}}}'


def forget(client: redis.Redis, worker_id: str) -> None:
    pipe = client.pipeline(transaction=True)
    pipe.delete(redis_keys.worker(worker_id), redis_keys.watched(worker_id))
    pipe.zrem(redis_keys.WORKERS, worker_id)
    pipe.execute()
