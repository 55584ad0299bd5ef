"""Keys used in Redis or Valkey, and the rights on them that the queue's user needs."""

from collections.abc import Sequence
from typing import Any

import redis

from thapcanh.alerts.queue.redis_client import QueueAddress, RedisClient

EVENTS = "thapcanh:events:v1"  # stream: one flat entry a message, oldest first
EVENTS_USED_UP = "thapcanh:events:used-up"  # an earlier EVENTS while its entries are moved
EVENTS_REPLACED = "thapcanh:events:made-anew"  # JSON, with a time to live: that it was, and why
DEAD = "thapcanh:events:dead"  # stream: entries that could not be read, with the reason
GROUP = "centre"  # consumer group of EVENTS

WORKERS = "thapcanh:workers"  # sorted set: worker id by the UTC second of its last report
STORE = "thapcanh:evidence-store"  # id of the evidence store that the centre reads
PHONES = "thapcanh:phones"  # JSON list of the phones that send now, with a time to live
TURNED = "thapcanh:turned"  # hash: camera id to where it looks (JSON), of cameras that are turned
DEVICE_ACTIVITY_KEY = (
    "thapcanh:devices:heard"  # sorted set: device id by the UTC second of its last word
)
CALLED = "thapcanh:called"  # cameras that a call is near to (JSON), with a time to live
PHONES_OF_CENTRES = "thapcanh:phones:centres"  # hash: centre to its phones (JSON), and until when
HABITS = "thapcanh:habits:v1"  # hash: camera id to its habit map (`habit_record`)
HABITS_CHANGED = "thapcanh:habits:changed"  # set: cameras whose map is newer than the archive's
HABITS_RECORDED = "thapcanh:habits:recorded"  # hash: camera id to a map that its worker is to join
HABIT_LESSONS = "thapcanh:habits:lessons"  # stream: verdicts for the maps, by time in microseconds
FLEET_HEAD = "thapcanh:fleet:head"  # JSON, with a time to live: the head that serves now
FLEET_PLAN = (
    "thapcanh:fleet:plan"  # JSON: which worker watches which camera (`thapcanh.app.cluster.plan`)
)
FLEET_DRAINING = "thapcanh:fleet:draining"  # set: nodes that get no cameras
_WORKER = "thapcanh:worker:"
_OWNER = "thapcanh:owner:"
_WATCHED = "thapcanh:watched:"
_FIGURES = "thapcanh:figures:"


def worker(worker_id: str) -> str:
    """Return the key of a worker's status (JSON, expires)."""
    return f"{_WORKER}{worker_id}"


def watched(worker_id: str) -> str:
    """Return the key of a worker's camera states (JSON: `version`, `cameras`)."""
    return f"{_WATCHED}{worker_id}"


def figures(worker_id: str) -> str:
    """Key of what a worker's cameras count (JSON by camera id, with a time to live)."""
    return f"{_FIGURES}{worker_id}"


def owner(part: str) -> str:
    """Key of the process (JSON, with a time to live) that is worker N or the centre."""
    return f"{_OWNER}{part}"


_TIMEOUT_S = 5.0

_KEY, _OTHER, _GROUP = "thapcanh:check", "thapcanh:check:2", "centre"

COMMANDS: dict[str, tuple[str, ...]] = {
    "ping": (), "time": (), "wait": ("0", "1"), "info": ("replication",),
    "eval": ("return 1", "0"), "exists": (_KEY,), "get": (_KEY,), "mget": (_KEY,),
    "set": (_KEY, "1"), "del": (_KEY,), "rename": (_KEY, _OTHER),
    "hset": (_KEY, "a", "1"), "hsetnx": (_KEY, "a", "1"), "hdel": (_KEY, "a"),
    "hmget": (_KEY, "a"), "hgetall": (_KEY,),
    "sadd": (_KEY, "a"), "srem": (_KEY, "a"), "smembers": (_KEY,), "srandmember": (_KEY,),
    "zadd": (_KEY, "1", "a"), "zrem": (_KEY, "a"), "zrange": (_KEY, "0", "-1"),
    "zremrangebyscore": (_KEY, "0", "1"),
    "xadd": (_KEY, "*", "a", "1"), "xlen": (_KEY,), "xtrim": (_KEY, "MAXLEN", "1"),
    "xrange": (_KEY, "-", "+"), "xrevrange": (_KEY, "+", "-"), "xread": ("STREAMS", _KEY, "0"),
    "xreadgroup": ("GROUP", _GROUP, "a", "STREAMS", _KEY, ">"), "xack": (_KEY, _GROUP, "1-1"),
    "xautoclaim": (_KEY, _GROUP, "a", "0", "0"), "xpending": (_KEY, _GROUP),
    "xgroup|create": (_KEY, _GROUP, "$"), "xgroup|createconsumer": (_KEY, _GROUP, "a"),
    "xinfo|stream": (_KEY,), "xinfo|groups": (_KEY,), "xinfo|consumers": (_KEY, _GROUP),
}  # fmt: skip
"""What processes of a site ask of the queue, each with words by which it can be asked for."""


def missing_rights(address: QueueAddress) -> list[str]:
    """Return the commands that the queue's user may not use. Raise `QueueError`."""
    door = RedisClient(address, socket_timeout_s=_TIMEOUT_S)
    try:
        with door.named():
            connection: Any = door.client.connection_pool.get_connection()
            return _refused(connection)
    finally:
        door.client.close()


def _refused(connection: Any) -> list[str]:
    if not _is_allowed(connection, "multi", ()):
        return ["multi"]  # what is asked without it would be done
    refused = [name for name, words in COMMANDS.items() if not _is_allowed(connection, name, words)]
    if not _is_allowed(connection, "discard", ()):
        refused.append("discard")
    return refused


def _is_allowed(connection: Any, name: str, words: Sequence[str]) -> bool:
    """Send a command, and return whether the server allows it. Inside MULTI it is only queued."""
    connection.send_command(*name.split("|"), *words)
    try:
        connection.read_response()
    except redis.exceptions.NoPermissionError:
        return False
    except redis.ResponseError:  # no such command, or no such key: not a question of rights
        return True
    return True
