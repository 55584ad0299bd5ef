"""Ports on which devices speak to the centre, by TCP or UDP, as the configuration names them.

All of it is owned by one event loop. What a device says, and whether it may, is the receiver's.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from app.process.stop_accepting import stop_accepting
from config.devices import ListeningPortConfig

log = logging.getLogger(__name__)

Sender = tuple[str, int]
"""Address and port."""
_TOLD_EVERY_S = 60.0
_MOST_TOLD = 10


class PortReceiver(Protocol):
    """What stands behind a port."""

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...


C = TypeVar("C", bound=ListeningPortConfig)
R = TypeVar("R", bound=PortReceiver)


class ListeningPort:
    """One port, and the tasks of what came by it.

    `admits` says whether one more connection may speak, `converse` speaks with it until it is over,
    `heard` is called with each datagram. A connection that hangs up or falls silent just ends.
    """

    def __init__(
        self,
        config: ListeningPortConfig,
        *,
        admits: Callable[[str], bool],
        converse: Callable[[Sender, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
        heard: Callable[[bytes, Sender], None],
        limit: int = 65_536,
        backlog: int = 100,
    ) -> None:
        self._config = config
        self._admits = admits
        self._converse = converse
        self._heard = heard
        self._limit = limit
        self._backlog = backlog
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    @property
    def busy(self) -> int:
        """How many connections and tasks it has."""
        return len(self._tasks)

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        host, port = self._config.host, self._config.port
        if self._config.protocol == "udp":
            loop = asyncio.get_running_loop()
            self._datagrams, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self._heard), local_addr=(host, port)
            )
            return int(self._datagrams.get_extra_info("sockname")[1])
        self._server = await asyncio.start_server(
            self._connected, host, port, limit=self._limit, backlog=self._backlog
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End every connection and task."""
        if self._server is not None:
            await stop_accepting(self._server)
        if self._datagrams is not None:
            self._datagrams.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside, at most until the port is closed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def send(self, body: bytes, sender: Sender) -> None:
        """Answer a datagram, while the port is open."""
        if self._datagrams is not None and not self._datagrams.is_closing():
            self._datagrams.sendto(body, sender)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        sender: Sender = (writer.get_extra_info("peername") or ("", 0))[:2]
        if task is None or not self._admits(sender[0]):
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._converse(sender, reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # it hung up, or fell silent
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


class ListeningPorts(Generic[C, R]):
    """The ports of one kind: they follow the configuration; what is refused is told once a minute.

    `make` makes what stands behind a port; None where nothing can: it says so by `tell_deaf`.
    """

    def __init__(
        self,
        said: str,
        wanted: Callable[[], Iterable[C]],
        make: Callable[[C], R | None],
    ) -> None:
        """`said` begins each line of the log, e.g. `panels`."""
        self._said = said
        self._wanted = wanted
        self._make = make
        self._running: dict[str, tuple[C, R]] = {}
        self._deaf: dict[str, C] = {}  # told of once
        self._told_at = 0.0
        self.refused: Counter[str] = Counter()
        self.ports: dict[str, int] = {}
        """The port of each receiver that listens, by its id."""

    def receivers(self) -> list[tuple[str, R]]:
        """Those that listen now, with their ids."""
        return [(name, receiver) for name, (_, receiver) in self._running.items()]

    async def follow(self) -> None:
        """Begin, end and restart receivers as the configuration says."""
        wanted, running = {one.id: one for one in self._wanted()}, self._running
        for name in [name for name, (config, _) in running.items() if wanted.get(name) != config]:
            await running.pop(name)[1].close()
            self.ports.pop(name, None)
        for name, config in wanted.items():
            if name not in running and (receiver := await self._opened(config)) is not None:
                running[name] = (config, receiver)

    async def close(self) -> None:
        """End all of them."""
        for _, receiver in self.receivers():
            await receiver.close()

    def tell(self, what: str) -> bool:
        """Say how many of `what` were refused and why, once a minute; whether it was said now."""
        if not self.refused or time.monotonic() - self._told_at < _TOLD_EVERY_S:
            return False
        self._told_at = time.monotonic()
        for why, count in self.refused.most_common(_MOST_TOLD):
            log.warning("%s: %d %s were refused: %s", self._said, count, what, why)
        self.refused.clear()
        return True

    def tell_deaf(self, config: C, why: str) -> None:
        """Say once that a receiver cannot listen: the configuration is looked at every moment."""
        if self._deaf.get(config.id) != config:
            log.error("%s: receiver %s cannot listen: %s", self._said, config.id, why)
        self._deaf[config.id] = config

    async def _opened(self, config: C) -> R | None:
        receiver = self._make(config)
        if receiver is None:
            return None
        try:
            self.ports[config.id] = await receiver.open()
        except OSError as error:
            self.tell_deaf(config, str(error.strerror))
            return None
        self._deaf.pop(config.id, None)
        return receiver


class _Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams on."""

    def __init__(self, heard: Callable[[bytes, Sender], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: Sender) -> None:
        """One came."""
        self._heard(data, (addr[0], addr[1]))
