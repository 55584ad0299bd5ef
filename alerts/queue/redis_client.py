"""Connection to Redis or Valkey, and names of its failures.

`PrimaryFinder` asks the Sentinels for the primary at each connection and names the cause: none
answers, wrong password, or unknown service.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedSSLConnection

from thapcanh.alerts.store.errors import (
    GroupMissing,
    QueueBusy,
    QueueError,
    QueueRefused,
    QueueUnreachable,
)
from thapcanh.config.secret import mask_url

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
REPLICA_WAIT_MS = 1000  # a healthy replica confirms within a few milliseconds
SENTINEL_PORT = 26379
_REQUEST_TIMEOUT_S = 1.0  # a Sentinel has nothing to do but to answer


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAddress:
    """Address of the queue. With Sentinels, the host of `url` is the name of their service."""

    url: str = field(repr=False)
    sentinels: tuple[str, ...] = field(default=(), repr=False)

    @property
    def service(self) -> str:
        """Name of the service in its own spelling: a host's would be in lower case."""
        return unquote(urlsplit(self.url).netloc.rpartition("@")[2])

    def __str__(self) -> str:
        return mask_url(self.url)


class RedisClient:
    """Client of one queue, with its masked name and its named failures."""

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
        """Convert redis-py's errors into `QueueError`s with the masked URL."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePrimary:
    """Server that accepts events, and its number of replicas."""

    address: str
    replicas: int


class ReplicaCheck:
    """Remembers whether replicas were missing. Any thread may use it."""

    def __init__(self, door: RedisClient, requested: int) -> None:
        self._door = door
        self._wanted = requested
        self._is_short = False

    def require(self) -> None:
        """Before adding: raise `QueueBusy` while replicas that were missing still are."""
        if not self._is_short:
            return
        with self._door.named():
            there: Any = self._door.client.wait(self._wanted, REPLICA_WAIT_MS)
        self.confirm(there)

    def confirm(self, there: int) -> None:
        """Raise `QueueBusy` unless so many replicas are enough."""
        self._is_short = there < self._wanted
        if self._is_short:
            raise QueueBusy(f"queue {self._door.shown}: {there} of {self._wanted} replicas")

    def primary(self) -> QueuePrimary:
        """Query the primary itself. Raise a `QueueError`."""
        with self._door.named():
            received: Any = self._door.client.info("replication")
        replicas = (
            received.get(f"slave{number}", {}) for number in range(received["connected_slaves"])
        )
        in_step = sum(one.get("state") == "online" for one in replicas)
        return QueuePrimary(address=self._door.primary, replicas=in_step)


class PrimaryFinder(Sentinel):
    """Sentinel client that returns the primary's address; thread-safe."""

    def __init__(self, urls: Sequence[str], options: Mapping[str, Any]) -> None:
        """Create it; `options` are those of every connection."""
        super().__init__([])  # type: ignore[no-untyped-call]
        quick = {"socket_timeout": _REQUEST_TIMEOUT_S, "socket_connect_timeout": _REQUEST_TIMEOUT_S}
        self.sentinels = [
            redis.Redis.from_url(url, **{"port": SENTINEL_PORT, **options, **quick}) for url in urls
        ]
        self._lock = threading.Lock()
        self._shown = {
            id(client): mask_url(url) for client, url in zip(self.sentinels, urls, strict=True)
        }

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """Return the primary's host and port. Raise a `QueueError`."""
        refused: list[str] = []
        silent: list[str] = []
        clients: tuple[Any, ...] = tuple(self.sentinels)
        for client in clients:
            try:
                found = client.execute_command("SENTINEL", "get-master-addr-by-name", service_name)
            except (redis.AuthenticationError, redis.ResponseError) as error:
                refused.append(f"the sentinel {self._shown[id(client)]} refuses us: {error}")
            except (redis.RedisError, OSError) as error:
                silent.append(f"{self._shown[id(client)]}: {error}")
            else:
                if found is not None:
                    self._prefer(client)
                    return found[0].decode(), int(found[1])
                refused.append(
                    f"the sentinel {self._shown[id(client)]} knows no service {service_name!r}"
                    f"{_known(client)}; the host in [queue] url names it"
                )
        if refused:
            raise QueueRefused(f"queue {service_name}: {refused[0]}")
        raise QueueUnreachable(
            f"queue {service_name}: none of its {len(silent)} sentinels answers ({silent[0]})"
        )

    def _prefer(self, client: redis.Redis) -> None:
        with self._lock:
            others = [each for each in self.sentinels if each is not client]
            self.sentinels = [client, *others]


def _watched_client(address: QueueAddress, options: dict[str, Any]) -> redis.Redis:
    builtin = parse_url(address.url)  # type: ignore[no-untyped-call]
    builtin.pop("host", None)
    if builtin.get("connection_class") is SSLConnection:
        builtin["connection_class"] = SentinelManagedSSLConnection
    finder = PrimaryFinder(address.sentinels, options)
    pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
        address.service, finder, **{**options, **builtin}
    )
    return redis.Redis.from_pool(pool)


def _known(client: Any) -> str:
    """Return the services of a Sentinel, for a mistyped name."""
    try:
        masters = client.execute_command("SENTINEL", "MASTERS")
    except redis.RedisError:
        return ""
    names = ", ".join(sorted(repr(_name(one)) for one in masters))
    return f", but {names}" if names else ", nor any other"


def _name(master: Any) -> str:
    fields = (
        master if isinstance(master, dict) else dict(zip(master[::2], master[1::2], strict=True))
    )
    name = fields.get("name", fields.get(b"name", b""))
    return name.decode() if isinstance(name, bytes) else str(name)
