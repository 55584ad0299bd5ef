"""Queue on Redis or Valkey: events stream, consumer group, workers' status.

Never retries; every failure is a `QueueError` whose type tells whether waiting helps. Thread-safe;
a blocking read uses its own connection.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.event_stream import (
    StreamEntry,
    StreamMender,
    deliveries,
    drop_finished,
    id_parts,
    make_group,
)
from thapcanh.alerts.queue.exchanges.call_exchange import CallExchange
from thapcanh.alerts.queue.exchanges.device_exchange import DeviceExchange
from thapcanh.alerts.queue.exchanges.habit_exchange import HabitExchange
from thapcanh.alerts.queue.exchanges.phone_list import PhoneList
from thapcanh.alerts.queue.exchanges.turned_exchange import TurnedExchange
from thapcanh.alerts.queue.message import Entry
from thapcanh.alerts.queue.redis_client import (
    REPLICA_WAIT_MS,
    QueueAddress,
    RedisClient,
    ReplicaCheck,
)
from thapcanh.alerts.queue.workers import worker_reports, worker_status
from thapcanh.alerts.queue.workers.worker_report import CameraFigures, CountedByWorker, WorkerReport
from thapcanh.alerts.queue.workers.worker_reports import WorkerReports
from thapcanh.alerts.queue.workers.worker_status import ClockReading, StatusWriter
from thapcanh.alerts.store.errors import GroupMissing

_CLAIM_COUNT = 100
_DEAD_STORED = 10_000  # dead letters; each raised an alarm when it came, the oldest go first


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """Timeouts, and retention of entries."""

    socket_timeout_s: float = 5.0
    keep_s: float = 48 * 3600.0  # younger entries are kept, even when all read, while there is room
    replicas: int = 0  # how many replicas must have an entry before it counts as queued

    @property
    def block_ms(self) -> int:
        """Longest blocking read: below half the socket timeout, or it looks like a loss."""
        return int(self.socket_timeout_s * 1000 * 0.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """Entries that the group has not read, or not confirmed."""

    length: int
    unread: int | None  # None when the server cannot tell
    pending: int


class EventQueue:
    """Events stream of one Redis or Valkey server, or of the primary of several."""

    def __init__(
        self, address: QueueAddress | str, *, settings: QueueSettings | None = None
    ) -> None:
        """Create it; a text address is the URL of one server."""
        self.settings = settings or QueueSettings()
        existing = QueueAddress(url=address) if isinstance(address, str) else address
        self._door = RedisClient(existing, socket_timeout_s=self.settings.socket_timeout_s)
        self._redis = self._door.client
        self._named = self._door.named
        self.replication = ReplicaCheck(self._door, self.settings.replicas)
        self._statuses = StatusWriter()
        self._reports = WorkerReports()
        self.stream = StreamMender(self._door)
        self.habits = HabitExchange(self._door)
        self.turned = TurnedExchange(self._door)
        self.phone_list = PhoneList(self._door)
        self.calls = CallExchange(self._door)
        self.devices = DeviceExchange(self._door)

    def __repr__(self) -> str:
        return f"Queue({self._door.shown!r})"

    def ping(self) -> None:
        """Raise a `QueueError` unless the server serves us."""
        with self._named():
            self._redis.ping()

    def add(self, entry: Entry) -> str:
        """Append an entry and return its stream id once the server (and replicas) have it."""
        return self.add_all([entry])[0]

    def add_all(self, entries: Sequence[Entry]) -> list[str]:
        """Append entries in order, all or none; return their stream ids.

        One transaction, so that no entry passes a refused one.
        """
        replicas = self.settings.replicas
        self.replication.require()
        with self._named():
            pipe: Any = self._redis.pipeline(transaction=False)  # WAIT counts for its connection
            pipe.execute_command("MULTI")
            for entry in entries:
                pipe.xadd(redis_keys.EVENTS, entry)
            pipe.execute_command("EXEC")
            if replicas:
                pipe.wait(replicas, REPLICA_WAIT_MS)
            replies = pipe.execute(raise_on_error=False)
            _raise_first(replies)
            _raise_first(replies[len(entries) + 1])
        if replicas:
            self.replication.confirm(replies[-1])
        stream_ids: list[bytes] = replies[len(entries) + 1]
        return [stream_id.decode() for stream_id in stream_ids]

    def has(self, stream_ids: Sequence[str]) -> list[bool]:
        if not stream_ids:
            return []
        with self._named():
            pipe = self._redis.pipeline(transaction=False)
            for stream_id in stream_ids:
                pipe.xrange(redis_keys.EVENTS, stream_id, stream_id, count=1)
            return [bool(found) for found in pipe.execute()]

    def ensure_group(self) -> None:
        """Make the group where it does not exist, from the first entry on, so none is skipped."""
        with self._named():
            make_group(self._redis)

    def read_new(self, consumer: str, count: int, *, waits: bool = True) -> list[StreamEntry]:
        """Return entries not delivered yet; wait up to `block_ms` if there are none."""
        block_ms = self.settings.block_ms if waits else None
        return self._read_group(consumer, count, ">", block_ms=block_ms)

    def read_after(self, after: str, count: int = 100, *, waits: bool = True) -> list[StreamEntry]:
        """Return entries after a stream id, outside every group; wait as `read_new` does."""
        block_ms = self.settings.block_ms if waits else None
        with self._named():
            reply: Any = self._redis.xread({redis_keys.EVENTS: after}, count=count, block=block_ms)
            return [each for _, entries in reply or () for each in deliveries(entries)]

    def last_id(self) -> str:
        """Return the id of the newest entry; "0" while there is none."""
        with self._named():
            newest = deliveries(cast(Any, self._redis.xrevrange(redis_keys.EVENTS, count=1)))
        return newest[0].stream_id if newest else "0"

    def read_own(self, consumer: str, count: int, after: str) -> list[StreamEntry]:
        """Return entries of this consumer that are not confirmed, after a stream id."""
        return self._read_group(consumer, count, after, block_ms=None)

    def claim(self, consumer: str, idle_ms: int, start: str) -> tuple[str, list[StreamEntry]]:
        """Claim entries that any consumer left unconfirmed; return where to continue."""
        with self._named():
            reply: Any = self._redis.xautoclaim(
                redis_keys.EVENTS,
                redis_keys.GROUP,
                consumer,
                idle_ms,
                start_id=start,
                count=_CLAIM_COUNT,
            )
            return reply[0].decode(), deliveries(reply[1])

    def ack(self, stream_ids: Sequence[str]) -> None:
        """Confirm entries: they are in the archive."""
        if stream_ids:
            with self._named():
                self._redis.xack(redis_keys.EVENTS, redis_keys.GROUP, *stream_ids)

    def bury(self, delivery: StreamEntry, reason: str) -> None:
        """Copy an entry that cannot be used to the dead-letter stream, if it fits; confirm it."""
        fields = {**delivery.fields, "dead_id": delivery.stream_id, "dead_reason": reason}
        with self._named():
            pipe = self._redis.pipeline(transaction=True)
            pipe.xadd(redis_keys.DEAD, cast(Any, fields), maxlen=_DEAD_STORED)
            pipe.xack(redis_keys.EVENTS, redis_keys.GROUP, delivery.stream_id)
            try:
                pipe.execute()
            except redis.exceptions.OutOfMemoryError:  # no copy, or nothing behind it would come
                self._redis.xack(redis_keys.EVENTS, redis_keys.GROUP, delivery.stream_id)

    def dead(self, count: int = 100) -> list[StreamEntry]:
        with self._named():
            return deliveries(cast(Any, self._redis.xrevrange(redis_keys.DEAD, count=count)))

    def depth(self) -> QueueDepth:
        """Return what the group has not finished. Raise `GroupMissing`."""
        for group in self._groups():
            if group["name"] == redis_keys.GROUP.encode():
                with self._named():
                    length = self._redis.xlen(redis_keys.EVENTS)
                return QueueDepth(length=length, unread=group.get("lag"), pending=group["pending"])
        raise GroupMissing(f"queue {self._door.shown}: no group {redis_keys.GROUP}")

    def unasked_for_s(self) -> float | None:
        """Return the seconds since a reader of our group last asked, or None."""
        try:
            with self._named():
                readers = self._redis.xinfo_consumers(redis_keys.EVENTS, redis_keys.GROUP)
        except GroupMissing:
            return None
        return min((reader["idle"] / 1000 for reader in readers), default=None)

    def finished_before(self) -> tuple[int, int] | None:
        """Return the stream id below which every group has confirmed every entry.

        None without a group. `has` tells whether an entry is in the stream at all.
        """
        try:
            return self._oldest_needed()
        except GroupMissing:
            return None

    def trim(self, now: float) -> int:
        """Drop old entries that every group has finished (`stream_room`); returns how many."""
        needed = self._oldest_needed()
        if needed is None:
            return 0
        with self._named():
            return drop_finished(self._redis, needed, now, self.settings.keep_s)

    def close(self) -> None:
        """Close every connection; calling twice is fine."""
        self._redis.close()

    def clock(self) -> ClockReading:
        """Return this machine's clock beside the server's."""
        with self._named():
            return worker_status.read_clock(self._redis)

    def report_worker(self, worker_id: str, status: Mapping[str, Any], ttl_s: float) -> str | None:
        """Store a worker's status for `ttl_s`; return the centre's evidence store id, or None."""
        with self._named():
            return self._statuses.write(self._redis, worker_id, status, ttl_s)

    def remove_worker(self, worker_id: str) -> None:
        """Remove a worker that stops on purpose, so that it is not reported as lost."""
        with self._named():
            worker_status.forget(self._redis, worker_id)

    def workers(self) -> list[WorkerReport]:
        """Return each worker's last report; a short one for a lost worker."""
        with self._named():
            return worker_reports.all_workers(self._redis)

    def worker_states(self) -> list[WorkerReport]:
        """Return the reports without cameras' metrics; only changed states are read. One thread."""
        with self._named():
            return self._reports.read(self._redis)

    def camera_figures(self, worker_ids: Iterable[str]) -> dict[str, CameraFigures]:
        with self._named():
            return worker_reports.camera_figures(self._redis, worker_ids)

    def listed_figures(self, worker_ids: Iterable[str]) -> Iterator[CountedByWorker]:
        """Yield the metrics that camera lists show, by worker."""
        with self._named():
            return worker_reports.listed_figures(self._redis, worker_ids)

    def publish_store(self, store_id: str) -> None:
        """Publish which evidence store the centre reads."""
        with self._named():
            self._redis.set(redis_keys.STORE, store_id)

    def _read_group(
        self, consumer: str, count: int, after: str, *, block_ms: int | None
    ) -> list[StreamEntry]:
        with self._named():
            reply: Any = self._redis.xreadgroup(
                redis_keys.GROUP, consumer, {redis_keys.EVENTS: after}, count=count, block=block_ms
            )
            return [each for _, entries in reply or () for each in deliveries(entries)]

    def _groups(self) -> list[dict[str, Any]]:
        with self._named():
            return self._redis.xinfo_groups(redis_keys.EVENTS)

    def _oldest_needed(self) -> tuple[int, int] | None:
        """Return the smallest id that a group still needs; None without a group."""
        needed = []
        for group in self._groups():
            first: bytes = group["last-delivered-id"]
            if group["pending"]:
                with self._named():
                    first = self._redis.xpending(redis_keys.EVENTS, group["name"])["min"] or first
            needed.append(id_parts(first.decode()))
        return min(needed, default=None)


def _raise_first(replies: Sequence[Any]) -> None:
    """Raise the first error; EXEC's own only says that there was one."""
    for reply in replies:  # of a transaction that was carried out, each command has its own
        if isinstance(reply, Exception):
            raise reply
