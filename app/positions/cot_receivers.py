"""Receivers of TAK positions: a TCP or UDP port each, on one thread with one event loop."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from thapcanh.alerts.positions.position_check import KEPT
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.positions.cot_events import CotCutter, CotEvent, CotInvalid, read_event
from thapcanh.app.positions.position_service import (
    PositionService,
    TooManyPositions,
    UnitUnregistered,
)
from thapcanh.app.process.admission import network_of
from thapcanh.app.process.listening_ports import (
    DeviceConnection,
    ListeningPort,
    ListeningPorts,
    Sender,
)
from thapcanh.app.process.loop_thread import ServingThread
from thapcanh.config.devices import CotReceiverConfig
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressRefused, senders

log = logging.getLogger(__name__)

MOST_EVENTS_S = 1000  # of one address
MOST_JUNK = 20  # in a row, then a connection is ended
SILENT_S = 300.0  # a connection that says nothing is ended
_MOST_SENDERS = 4096
_READ_BYTES = 16_384
_ANSWERED_WITHIN_S = 10.0
UNKNOWN = "of no unit"

InThread = Callable[..., Awaitable[Any]]


@dataclass(slots=True, kw_only=True)
class CotResult:
    """Result of some events. `unknown` is the last name that is no unit's."""

    read: int = 0
    placed: int = 0  # a unit's position that was believed
    pings: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unknown: str | None = None


def receive_events(
    events: Sequence[bytes], units: Mapping[str, str], desk: PositionService, now: float
) -> CotResult:
    """Store the positions of these events; a bad event affects no other."""
    result = CotResult()
    for body in events:
        try:
            event = read_event(body, now)
        except CotInvalid as error:
            result.refused[str(error)] += 1
            continue
        result.read += 1
        result.pings += event.is_ping
        why = None if event.place is None else _reported(desk, event, event.place, units)
        result.placed += event.place is not None and why is None
        if why is not None:
            result.refused[why] += 1
        if why == UNKNOWN:
            result.unknown = f"{event.uid} ({event.callsign})"
    return result


def _reported(
    desk: PositionService, event: CotEvent, place: Position, units: Mapping[str, str]
) -> str | None:
    """Return why a position is refused, or None."""
    for unit_id in _unit_ids(event, units):
        try:
            found = desk.receive(unit_id, place, event.at)
        except UnitUnregistered:
            continue
        except (TooManyPositions, ArchiveError):
            return "not taken by the archive"
        is_accepted = found.verdict in KEPT
        return None if is_accepted else f"a position that cannot be right: {found.verdict.value}"
    return UNKNOWN


def _unit_ids(event: CotEvent, units: Mapping[str, str]) -> Iterator[str]:
    """Yield the listed units of a device; without a list, its own names."""
    for name in (event.uid, event.callsign):
        if not units:
            yield name
        elif name in units:
            yield units[name]


class CotReceiver:
    """Receiver of one port, owned by one loop; `refused` counts refusals by reason."""

    def __init__(
        self,
        config: CotReceiverConfig,
        desk: PositionService,
        utc: Callable[[], float],
        in_thread: InThread,
        refused: Counter[str],
    ) -> None:
        self._config = config
        self._desk = desk
        self._utc = utc
        self._in_thread = in_thread
        self._refused = refused
        self._guard = senders(config.networks)
        self._second = 0
        self._received: Counter[str] = Counter()  # in this second, by sender
        self._port = ListeningPort(
            config,
            converse=self._converse,
            heard=self._datagram,
            count=self._count,
            may_speak=self._may_speak,
        )
        self.unknown: str | None = None

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        return await self._port.open()

    async def close(self) -> None:
        """End every connection."""
        await self._port.close()

    def _count(self, why: str, times: int = 1) -> None:
        if times:
            self._refused[f"{self._config.id}: {why}"] += times

    def _may_speak(self, address: str) -> bool:
        try:
            self._guard.judged(address)
        except AddressRefused:
            self._count("sent from outside its networks")
            return False
        return True

    def _admit(self, address: str, events: int) -> bool:
        """Count a sender's events; return False beyond its rate limit."""
        second = int(asyncio.get_running_loop().time())
        if second != self._second or len(self._received) > _MOST_SENDERS:
            self._second = second
            self._received.clear()
        self._received[address] += events
        if self._received[address] <= MOST_EVENTS_S:
            return True
        self._count(f"beyond {MOST_EVENTS_S} a second of one sender", events)
        return False

    async def _receive(self, events: list[bytes]) -> CotResult:
        result: CotResult = await self._in_thread(
            receive_events, events, self._config.units, self._desk, self._utc()
        )
        for why, times in result.refused.items():
            self._count(why, times)
        self.unknown = result.unknown or self.unknown
        return result

    async def _converse(self, connection: DeviceConnection) -> None:
        cutter, junk, writer = CotCutter(), 0, connection.writer
        while junk < MOST_JUNK:
            async with asyncio.timeout(SILENT_S):
                piece = await connection.reader.read(_READ_BYTES)
            if not piece:
                return
            events, dropped = cutter.cut(piece)
            self._count("is no event, or too long", dropped)
            junk += dropped
            if not events or not self._admit(connection.network, len(events)):
                continue
            result = await self._receive(events)
            junk = 0 if result.read else junk + len(events)
            if result.placed:
                self._port.proved(connection)
            if result.pings:
                writer.write(_pong(self._utc()))
                async with asyncio.timeout(_ANSWERED_WITHIN_S):
                    await writer.drain()

    async def _datagram(self, body: bytes, sender: Sender) -> None:
        """Handle a datagram, which holds whole events."""
        events, dropped = CotCutter().cut(body)
        self._count("is no event, or too long", dropped or not events)
        if self._admit(network_of(sender[0]), max(1, len(events))) and events:
            await self._receive(events)


def _pong(now: float) -> bytes:
    """Return the answer of TAK servers to a ping."""
    at = datetime.fromtimestamp(now, UTC)
    time, stale = (
        item.strftime("%Y-%m-%dT%H:%M:%SZ") for item in (at, at + timedelta(seconds=20.0))
    )
    facts = f'time="{time}" start="{time}" stale="{stale}"'
    return f'<event version="2.0" uid="takPong" type="t-x-c-t-r" how="h-g-i-g-o" {facts}/>'.encode()


_LOOK_S = 2.0
_STOP_S = 5.0


class CotReceivers:
    """Receivers that own one thread between `start` and `stop`."""

    def __init__(
        self,
        site: Callable[[], Site],
        desk: PositionService,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._desk = desk
        self._utc = utc
        self._thread = ServingThread(self._serve, "cot")
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="cot-desk")
        self._ports = ListeningPorts("CoT", lambda: site().cot_receivers, self._receiver)

    @property
    def ports(self) -> Mapping[str, int]:
        return self._ports.ports

    @property
    def refused(self) -> Mapping[str, int]:
        """Refused events since the last log line, by receiver and reason."""
        return self._ports.refused

    def start(self) -> None:
        """Begin; on return the receivers of the site listen, as far as their ports are free."""
        self._thread.start(_STOP_S)

    def stop(self) -> None:
        """Stop; idempotent. Devices send their next position to another centre."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _serve(self) -> None:
        try:
            while not self._thread.is_stopping:
                await self._ports.follow()
                self._thread.ready()
                await asyncio.sleep(_LOOK_S)
                self._report()
        finally:
            await self._ports.close()

    def _receiver(self, config: CotReceiverConfig) -> CotReceiver:
        return CotReceiver(config, self._desk, self._utc, self._in_thread, self._ports.refused)

    def _report(self) -> None:
        """Log refused events and unregistered names once a minute."""
        if not self._ports.tell("events"):
            return
        for name, receiver in self._ports.receivers():
            if receiver.unknown is not None:
                log.warning("CoT: %s: the last %s: %r", name, UNKNOWN, receiver.unknown)
                receiver.unknown = None

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)
