"""Ports on which devices connect to the centre, by TCP or UDP.

All is owned by one event loop. Parsing and authorisation belong to the receivers.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from thapcanh.app.process.admission import (
    DATAGRAMS,
    DEVICE_CONNECTIONS,
    NEW_CONNECTIONS,
    Admission,
    DoorPlace,
    network_of,
)
from thapcanh.app.process.stop_accepting import stop_accepting
from thapcanh.config.devices import ListeningPortConfig

log = logging.getLogger(__name__)

Sender = tuple[str, int]
"""Address and port."""
_REPORT_EVERY_S = 60.0
_MOST_REPORTED = 10


class PortReceiver(Protocol):
    """Receiver behind a port."""

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...


C = TypeVar("C", bound=ListeningPortConfig)
R = TypeVar("R", bound=PortReceiver)


class DeviceConnection:
    """A connection with its place; it counts as new until it sent something valid."""

    def __init__(
        self, sender: Sender, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.sender, self.reader, self.writer = sender, reader, writer
        self.network = network_of(sender[0])
        self.place: DoorPlace | None = None
        self.is_proved = False

    def enter(self, admission: Admission) -> bool:
        """Exchange the place for one of another admission; return False if there is none."""
        place = admission.enter((self.network,), self.writer.transport.abort)
        if place is None:
            return False
        self.leave()
        self.place = place
        return True

    def leave(self) -> None:
        """Give its place back; again is fine."""
        if self.place is not None:
            self.place.leave()
            self.place = None


class ListeningPort:
    """One port with the tasks of its connections.

    `may_speak` checks an address, `converse` serves a connection, `heard` handles a datagram,
    `count` gets the reason of a refusal. Silent connections just end; those without valid data give
    way to others.
    """

    def __init__(
        self,
        config: ListeningPortConfig,
        *,
        converse: Callable[[DeviceConnection], Awaitable[None]],
        heard: Callable[[bytes, Sender], Awaitable[None]],
        count: Callable[[str], None],
        may_speak: Callable[[str], bool] = lambda _: True,
        limit: int = 65_536,
        backlog: int = 100,
    ) -> None:
        self._config = config
        self._converse = converse
        self._received = heard
        self._count = count
        self._may_speak = may_speak
        self._newcomers = Admission(NEW_CONNECTIONS)
        self._devices = Admission(DEVICE_CONNECTIONS)
        self._datagram_places = Admission(DATAGRAMS)
        self._limit = limit
        self._backlog = backlog
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        host, port = self._config.host, self._config.port
        if self._config.protocol == "udp":
            loop = asyncio.get_running_loop()
            self._datagrams, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self._datagram), local_addr=(host, port)
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

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def send(self, body: bytes, sender: Sender) -> None:
        """Answer a datagram, while the port is open."""
        if self._datagrams is not None and not self._datagrams.is_closing():
            self._datagrams.sendto(body, sender)

    def proved(self, connection: DeviceConnection) -> None:
        """Mark a connection as valid, so that it no longer gives way."""
        if connection.place is not None and not connection.is_proved:
            connection.is_proved = connection.enter(self._devices)

    def _admits(self, connection: DeviceConnection) -> bool:
        if not self._may_speak(connection.sender[0]):
            return False
        if connection.enter(self._newcomers):
            return True
        self._count("more connections than may come at once")
        return False

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        sender: Sender = (writer.get_extra_info("peername") or ("", 0))[:2]
        connection = DeviceConnection(sender, reader, writer)
        if task is None or not self._admits(connection):
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._converse(connection)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # it hung up, or fell silent
        finally:
            self._tasks.discard(task)
            connection.leave()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _datagram(self, body: bytes, sender: Sender) -> None:
        if not self._may_speak(sender[0]):
            return
        place = self._datagram_places.enter((network_of(sender[0]),))
        if place is None:
            self._count("more datagrams than can be read")
            return
        self._start(self._read(body, sender, place))

    async def _read(self, body: bytes, sender: Sender, place: DoorPlace) -> None:
        try:
            await self._received(body, sender)
        except Exception:  # the outermost line of a datagram: the next ones are read
            log.exception("receiver %s: unexpected", self._config.id)
        finally:
            place.leave()


class ListeningPorts(Generic[C, R]):
    """Ports of one kind, following the configuration; refusals are logged once a minute.

    `make` creates a receiver, or calls `report_deaf` and returns None.
    """

    def __init__(
        self,
        log_prefix: str,
        desired: Callable[[], Iterable[C]],
        make: Callable[[C], R | None],
    ) -> None:
        """Create the ports; `log_prefix` starts each line of the log, e.g. `panels`."""
        self._stated = log_prefix
        self._desired = desired
        self._make = make
        self._running: dict[str, tuple[C, R]] = {}
        self._deaf: dict[str, C] = {}  # told of once
        self._reported_at = 0.0
        self.refused: Counter[str] = Counter()
        self.ports: dict[str, int] = {}
        """The port of each receiver that listens, by its id."""

    def receivers(self) -> list[tuple[str, R]]:
        """Return the active receivers with their ids."""
        return [(name, receiver) for name, (_, receiver) in self._running.items()]

    async def follow(self) -> None:
        """Start, stop and restart receivers by the configuration."""
        desired, running = {item.id: item for item in self._desired()}, self._running
        for name in [name for name, (config, _) in running.items() if desired.get(name) != config]:
            await running.pop(name)[1].close()
            self.ports.pop(name, None)
        for name, config in desired.items():
            if name not in running and (receiver := await self._opened(config)) is not None:
                running[name] = (config, receiver)

    async def close(self) -> None:
        """End all of them."""
        for _, receiver in self.receivers():
            await receiver.close()

    def tell(self, what: str) -> bool:
        """Log how many of `what` were refused, once a minute; return True if logged now."""
        if not self.refused or time.monotonic() - self._reported_at < _REPORT_EVERY_S:
            return False
        self._reported_at = time.monotonic()
        for why, count in self.refused.most_common(_MOST_REPORTED):
            log.warning("%s: %d %s were refused: %s", self._stated, count, what, why)
        self.refused.clear()
        return True

    def report_deaf(self, config: C, why: str) -> None:
        """Log once that a receiver cannot listen."""
        if self._deaf.get(config.id) != config:
            log.error("%s: receiver %s cannot listen: %s", self._stated, config.id, why)
        self._deaf[config.id] = config

    async def _opened(self, config: C) -> R | None:
        receiver = self._make(config)
        if receiver is None:
            return None
        try:
            self.ports[config.id] = await receiver.open()
        except OSError as error:
            self.report_deaf(config, str(error.strerror))
            return None
        self._deaf.pop(config.id, None)
        return receiver


class _Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams on."""

    def __init__(self, heard: Callable[[bytes, Sender], None]) -> None:
        self._received = heard

    def datagram_received(self, data: bytes, addr: Sender) -> None:
        self._received(data, (addr[0], addr[1]))
