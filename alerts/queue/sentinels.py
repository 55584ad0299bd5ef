"""Which server is the queue's primary now: asked of the Sentinels whenever a connection is made.

They are asked in turn, the one that answered last first. redis-py's pool does the rest: it closes
what leads to a primary that was replaced. Nothing is retried here. Where nobody can say, the error
tells which of the four it is: none answers, our password is refused, or the service is unknown.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.sentinel import Sentinel

from alerts.store.errors import QueueRefused, QueueUnreachable
from config.secret import mask_url

SENTINEL_PORT = 26379
_ASK_TIMEOUT_S = 1.0  # a Sentinel has nothing to do but to answer


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAddress:
    """Where the queue answers. With Sentinels, the host of `url` is the name of their service."""

    url: str = field(repr=False)
    sentinels: tuple[str, ...] = field(default=(), repr=False)

    @property
    def service(self) -> str:
        """The service's name as it was written: a host's would be in lower case."""
        return unquote(urlsplit(self.url).netloc.rpartition("@")[2])

    def __str__(self) -> str:
        return mask_url(self.url)


class PrimaryFinder(Sentinel):
    """What redis-py's pool asks for the primary's address. Any thread may ask."""

    def __init__(self, urls: Sequence[str], options: Mapping[str, Any]) -> None:
        """`options` are those of every connection of ours."""
        super().__init__([])  # type: ignore[no-untyped-call]
        quick = {"socket_timeout": _ASK_TIMEOUT_S, "socket_connect_timeout": _ASK_TIMEOUT_S}
        self.sentinels = [
            redis.Redis.from_url(url, **{"port": SENTINEL_PORT, **options, **quick}) for url in urls
        ]
        self._lock = threading.Lock()
        self._shown = {
            id(client): mask_url(url) for client, url in zip(self.sentinels, urls, strict=True)
        }

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """The primary's host and port. Raises a `QueueError`."""
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


def _known(client: Any) -> str:
    """The services that a Sentinel watches, for who mistyped one."""
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
