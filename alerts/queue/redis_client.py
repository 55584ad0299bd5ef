"""How we connect to Redis or Valkey, and what its failures are called.

redis-py 8 resends a command whose reply was lost, up to ten times and without a word: here its
retries are off, so that the caller that waits for the queue also decides what is sent again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import SentinelConnectionPool, SentinelManagedSSLConnection

from alerts.queue.sentinels import PrimaryFinder, QueueAddress
from alerts.store.errors import GroupMissing, QueueBusy, QueueError, QueueRefused, QueueUnreachable

_CONNECT_TIMEOUT_S = 3.0
_HEALTH_CHECK_S = 15
_BUSY = (
    exceptions.BusyLoadingError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.MasterDownError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
)
_BUSY_WORDS = ("MISCONF", "BUSY", "NOREPLICAS")  # redis-py has no types for these
_PIPELINED = "caused error: "  # what redis-py puts before it repeats the whole command
_MISSING = ("NOGROUP", "no such key")
_DEMOTED = "The previous master is now a slave"  # redis-py, of a primary that is read only


class RedisClient:
    """One queue: its client, its name without the password, and its failures named."""

    def __init__(self, address: QueueAddress, *, socket_timeout_s: float) -> None:
        self.shown = str(address)
        options: dict[str, Any] = {
            "protocol": 2,
            "decode_responses": False,  # one entry that is not UTF-8 must not fail a whole read
            "socket_timeout": socket_timeout_s,
            "socket_connect_timeout": _CONNECT_TIMEOUT_S,
            "health_check_interval": _HEALTH_CHECK_S,
            "retry": Retry(NoBackoff(), 0),
        }
        try:
            if address.sentinels:
                self.client = _watched_client(address, options)
            else:
                self.client = redis.Redis.from_url(address.url, **options)
        except ValueError as error:
            raise QueueRefused(f"queue {self.shown}: not a redis:// URL") from error

    @property
    def primary(self) -> str:
        """Host and port of the server that we last connected to."""
        pool: Any = self.client.connection_pool
        if isinstance(pool, SentinelConnectionPool):
            host, port = pool.master_address or ("", "")
        else:
            host, port = (pool.connection_kwargs.get(key, "") for key in ("host", "port"))
        return f"{host}:{port}".strip(":")

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn redis-py's errors into ours, with the masked URL and one clear line."""
        try:
            yield
        except redis.RedisError as error:
            raise self._named(error) from error

    def _named(self, error: redis.RedisError) -> QueueError:
        words = str(error).rpartition(_PIPELINED)[2]
        text = f"queue {self.shown}: {words}"
        if isinstance(error, redis.AuthenticationError | exceptions.NoPermissionError):
            return QueueRefused(text)
        if _DEMOTED in words:
            return QueueBusy(f"queue {self.shown}: its primary {self.primary} is read only")
        if isinstance(error, _BUSY) or words.startswith(_BUSY_WORDS):
            return QueueBusy(text)
        if isinstance(error, redis.ConnectionError | redis.TimeoutError):
            return QueueUnreachable(text)
        if any(mark in words for mark in _MISSING):
            return GroupMissing(text)
        return QueueRefused(text)


def _watched_client(address: QueueAddress, options: dict[str, Any]) -> redis.Redis:
    """The client of whichever server the Sentinels call the primary."""
    ours = parse_url(address.url)  # type: ignore[no-untyped-call]
    ours.pop("host", None)
    if ours.get("connection_class") is SSLConnection:
        ours["connection_class"] = SentinelManagedSSLConnection
    finder = PrimaryFinder(address.sentinels, options)
    pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
        address.service, finder, **{**options, **ours}
    )
    return redis.Redis.from_pool(pool)
