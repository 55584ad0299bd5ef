"""Room in the stream of a server that is full, or soon will be.

Entries that every centre has stored are retained only in case an archive is lost, and must not
block new ones.
"""

import redis

from thapcanh.alerts.queue import redis_keys

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
    milliseconds, number = min(needed, (max(0, int(before * 1000)), 0))
    minid = f"{milliseconds}-{number}"
    return int(client.xtrim(redis_keys.EVENTS, minid=minid, approximate=False))


def _is_short(client: redis.Redis) -> bool:
    memory = client.info("memory")
    allowed = memory.get("maxmemory", 0)  # 0: as much as there is
    return bool(allowed) and memory["used_memory"] > SHORT_AT * allowed
