"""How we connect to Redis or Valkey, and what its failures are called.

redis-py 8 resends a command whose reply was lost, up to ten times and without a word: here its
retries are off, so that the caller that waits for the queue also decides what is sent again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from alerts.errors import GroupMissing, QueueBusy, QueueError, QueueRefused, QueueUnreachable
from config.secret import mask_url

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


class RedisClient:
    """One server by URL: its client, its name without the password, and its failures named."""

    def __init__(self, url: str, *, socket_timeout_s: float) -> None:
        self.shown = mask_url(url)
        try:
            self.client = redis.Redis.from_url(
                url,
                protocol=2,
                decode_responses=False,  # one entry that is not UTF-8 must not fail a whole read
                socket_timeout=socket_timeout_s,
                socket_connect_timeout=_CONNECT_TIMEOUT_S,
                health_check_interval=_HEALTH_CHECK_S,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise QueueRefused(f"queue {self.shown}: not a redis:// URL") from error

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
        if isinstance(error, _BUSY) or words.startswith(_BUSY_WORDS):
            return QueueBusy(text)
        if isinstance(error, redis.ConnectionError | redis.TimeoutError):
            return QueueUnreachable(text)
        if any(mark in words for mark in _MISSING):
            return GroupMissing(text)
        return QueueRefused(text)
