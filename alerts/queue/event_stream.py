"""Stream of events: its entries, room on a full server, a new one when its ids are used up.

Entries that every centre has stored are retained only in case an archive is lost, and must not
block new ones.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import RedisClient

FULL_AT = 0.99  # of the memory that the server may use; what is left takes no event's length
SHORT_AT = 0.7  # of the memory that the server may use; the rest is for a minute's storm


def drop_finished(client: redis.Redis, needed: tuple[int, int], now: float, keep_s: float) -> int:
    """Drop entries before the id `needed` older than `keep_s`; return how many.

    While memory is short, half of that age is enough, and so on. Raise what `client` raises.
    """
    dropped = _drop(client, needed, now - keep_s)
    while keep_s > 1 and _is_short(client):
        keep_s /= 2
        dropped += _drop(client, needed, now - keep_s)
    return dropped


def make_group(client: redis.Redis) -> None:
    """Create the centre's group from the first entry on, unless it exists.

    Works on a full server, too. Raise what `client` raises.
    """
    try:
        client.xgroup_create(redis_keys.EVENTS, redis_keys.GROUP, "0", mkstream=True)
    except redis.exceptions.OutOfMemoryError:
        groups = client.xinfo_groups(redis_keys.EVENTS)
        if not any(one["name"] == redis_keys.GROUP.encode() for one in groups):
            raise
    except redis.ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


def memory_trouble(client: redis.Redis) -> str | None:
    """Return why the server lacks memory for entries, or None.

    Raise what `client` raises.
    """
    memory = client.info("memory")
    allowed = memory.get("maxmemory", 0)  # 0: as much as there is
    if not allowed or memory.get("maxmemory_policy") != "noeviction":
        return None
    used = memory["used_memory"] - memory.get("mem_not_counted_for_evict", 0)
    if used < FULL_AT * allowed:
        return None
    megabytes = f"{used / 1e6:.0f} of {allowed / 1e6:.0f} MB (maxmemory)"
    return f"the queue's memory is full, it takes no event: {megabytes}"


def _drop(client: redis.Redis, needed: tuple[int, int], before: float) -> int:
    """Delete entries older than `before` (Unix time) and than `needed`; return how many."""
    milliseconds, number = min(needed, (max(0, int(before * 1000)), 0))
    minid = f"{milliseconds}-{number}"
    return int(client.xtrim(redis_keys.EVENTS, minid=minid, approximate=False))


def _is_short(client: redis.Redis) -> bool:
    memory = client.info("memory")
    allowed = memory.get("maxmemory", 0)  # 0: as much as there is
    return bool(allowed) and memory["used_memory"] > SHORT_AT * allowed


log = logging.getLogger(__name__)

AHEAD_MS = 60_000  # of the server's clock: a failover to a server whose clock is behind is less
LOOK_EVERY_S = 1.0
_AHEAD_S = 1.0  # a server's time may be read a moment before its newest entry
REPORTED_MS = 600_000  # how long it is told that a stream was made anew
_MOVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function field(facts, name)
  for i = 1, #facts, 2 do if facts[i] == name then return facts[i + 1] end end
end
local function millis(id) return tonumber(string.match(id, '^%d+')) end
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local last = field(redis.call('XINFO', 'STREAM', KEYS[1]), 'last-generated-id')
local sane = now + tonumber(ARGV[2])
if millis(last) <= sane then return false end
local first = '-'
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  if field(group, 'name') == ARGV[1] then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
    first = pending[1] > 0 and pending[2] or field(group, 'last-delivered-id')
  end
end
redis.call('RENAME', KEYS[1], KEYS[2])
local moved, dropped, source = 0, 0, nil
while true do
  local page = redis.call('XRANGE', KEYS[2], first, '+', 'COUNT', 500)
  for _, entry in ipairs(page) do
    local id = entry[1]
    if millis(id) > sane then
      id = '*'
      source = source or string.sub(field(entry[2], 'source') or '', 1, 64)
    end
    if #entry[2] <= 2000 then
      redis.call('XADD', KEYS[1], id, unpack(entry[2]))
      moved = moved + 1
    else
      dropped = dropped + 1
    end
  end
  if #page < 500 then break end
  first = '(' .. page[#page][1]
end
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
redis.call('DEL', KEYS[2])
local told = cjson.encode({last = last, source = source or '', moved = moved, dropped = dropped})
redis.call('SET', KEYS[3], told, 'PX', ARGV[3])
return told
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEntry:
    """Delivered stream entry; bytes that are not UTF-8 are escaped."""

    stream_id: str
    fields: Mapping[str, str]

    @property
    def queued_at(self) -> float:
        """UTC seconds at which the server took the entry: the first half of its id."""
        return int(self.stream_id.partition("-")[0]) / 1000


def deliveries(entries: Sequence[Any]) -> list[StreamEntry]:
    """Return the entries of a reply; a deleted one has no fields."""
    return [
        StreamEntry(
            stream_id=stream_id.decode(),
            fields={_text(name): _text(value) for name, value in (fields or {}).items()},
        )
        for stream_id, fields in entries
    ]


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")


def id_parts(stream_id: str) -> tuple[int, int]:
    """Return a stream id as numbers, in the stream's order."""
    millis, _, number = stream_id.partition("-")
    return int(millis), int(number or 0)


class NewestDeadLetter:
    """Age of the newest dead letter, independent of clock changes."""

    def __init__(self) -> None:
        self._id: tuple[int, int] | None = None  # none was looked for yet
        self._since = float("-inf")  # monotonic

    def age_s(self, newest: StreamEntry | None, server: float, monotonic: float) -> float | None:
        """Return seconds, or None without one. `server` is the queue's own time.

        For one from before the first call its id counts; a future id means that the queue's clock
        went back, and it is old.
        """
        found = (0, 0) if newest is None else id_parts(newest.stream_id)
        if newest is not None and (self._id is None or found > self._id):
            ahead_s = newest.queued_at - server
            was_there = self._id is None
            age_s = (float("inf") if ahead_s > _AHEAD_S else -ahead_s) if was_there else 0.0
            self._since = monotonic - max(0.0, age_s)
        self._id = max(found, self._id or (0, 0))
        return None if newest is None else monotonic - self._since


class StreamMender:
    """Monitor of the stream's last id; `mended` is for the consumer's thread alone."""

    def __init__(self, door: RedisClient) -> None:
        self._redis = door.client
        self._named = door.named
        self._look_at = float("-inf")

    def is_used_up(self) -> bool:
        """Return whether the stream's last id is in the future, so that adding fails.

        Raise `QueueError`.
        """
        with self._named():
            if not self._redis.exists(redis_keys.EVENTS):
                return False
            facts: Any = self._redis.xinfo_stream(redis_keys.EVENTS)
            seconds, micros = self._redis.time()
        last, _ = id_parts(facts["last-generated-id"].decode())
        return last > seconds * 1000 + micros // 1000 + AHEAD_MS

    def is_full(self) -> bool:
        """Return whether no entry can be added for lack of ids or memory. Raise `QueueError`."""
        return self.is_used_up() or self.memory_trouble() is not None

    def memory_trouble(self) -> str | None:
        """Return why the server lacks memory for entries, or None. Raise `QueueError`."""
        with self._named():
            return memory_trouble(self._redis)

    def mended(self, now: float) -> bool:
        """Replace the stream if its ids are used up; return whether that was done.

        Checks at most every `LOOK_EVERY_S` of the monotonic clock `now`. Unfinished entries move,
        with their ids if possible. Raise `QueueError`.
        """
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_EVERY_S
        if not self.is_used_up():
            return False
        keys = (redis_keys.EVENTS, redis_keys.EVENTS_USED_UP, redis_keys.EVENTS_REPLACED)
        with self._named():
            received: Any = self._redis.eval(
                _MOVE, len(keys), *keys, redis_keys.GROUP, str(AHEAD_MS), str(REPORTED_MS)
            )
        if received is None:  # another centre was first
            return False
        log.error(
            "the stream of events was used up by an id, and is made anew: %s", received.decode()
        )
        return True

    def last_trouble(self) -> str | None:
        """Return that ids are or were recently used up, in words, or None. Raise `QueueError`."""
        if self.is_used_up():
            return "an entry with an id of the far future: no event can be added"
        with self._named():
            received: Any = self._redis.get(redis_keys.EVENTS_REPLACED)
        if received is None:
            return None
        facts = json.loads(received)
        return (
            f"somebody used up the stream's ids (last {facts['last']}, its entry names the worker "
            f"{facts['source']!r}); it was made anew, {facts['moved']} entries moved"
        )
