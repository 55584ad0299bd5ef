"""Reading one source for as long as somebody wants it: open, read, wait a failure out, open again.

`ReadLoop.run` is the work of a thread of its own and returns when it is told to stop. Packets leave
in camera time, to a `PacketReceiver`, on that thread; what they are good for is the taker's
business. Those that can wait are taken together: with many cameras each awakening of a thread finds
cold caches, and that is most of what a quiet packet costs. A source speaks a protocol and never
retries; here is who retries and speaks none.
"""

import logging
import random
import threading
from dataclasses import dataclass
from typing import Protocol

from config.secret import SecretUrl
from ingest.camera.camera_time import CameraTime
from ingest.camera.lifecycle import (
    CameraEvent,
    CameraFailure,
    CameraLifecycle,
    Happening,
    LifecycleSettings,
    step,
)
from ingest.clock import Clock
from ingest.errors import ConnectionBroken, SourceError
from ingest.packets.packet import Packet
from ingest.sources.connection import Connection, OpenSource
from ingest.sources.realtime_pacer import RealtimePacer

TOGETHER_S = 0.3
"""The longest that a packet waits for others, counted from the first that waits."""

log = logging.getLogger(__name__)


class PacketReceiver(Protocol):
    """Whose packets they are."""

    def new_connection(self) -> None:
        """What follows is of another connection than what came before."""
        ...

    def can_wait(self, packet: Packet) -> bool:
        """Whether it may be taken a moment later, with others; its time is not known yet."""
        ...

    def take(self, packet: Packet, stream_s: float) -> SourceError | None:
        """One packet in camera time, `stream_s` in the stream's; an error ends the connection."""
        ...

    def changed(self, life: CameraLifecycle) -> None:
        """The source's state is another one; on any thread that asked."""
        ...


_Read = tuple[Packet, float, float]  # when it was read (monotonic), how long that had to wait


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """What is read, and how."""

    name: str
    """For the log."""
    url: SecretUrl
    clock: Clock
    open_source: OpenSource
    rules: LifecycleSettings


class ReadLoop:
    """One source's life. `run` belongs to one thread, the rest may be called from any."""

    def __init__(self, reading: ReadSettings, taker: PacketReceiver) -> None:
        self._reading = reading
        self._taker = taker
        self._clock = reading.clock
        self.began = reading.clock.monotonic()
        self.time = CameraTime(self.began)
        self.life = CameraLifecycle(since=self.began)
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def ask_to_stop(self) -> None:
        """Say that it should stop; `run` ends with the read in hand, seconds at most."""
        self._stopping.set()

    def run(self) -> None:
        """Read until it is told to stop."""
        while not self._stopping.is_set():
            try:
                error = self._read_once()
            except Exception:  # the outermost line of this thread
                log.exception("%s: a fault of ours while reading", self._reading.name)
                problem, way_out = "reading failed", "see the log"
                error = ConnectionBroken(str(self._reading.url), problem=problem, way_out=way_out)
            if error is not None:
                life = self.happened(CameraFailure(error=error, jitter=random.random()))  # noqa: S311
                self._clock.wait(self._stopping, life.retry_at - self._clock.monotonic())

    def happened(self, happening: Happening) -> CameraLifecycle:
        """The life after something that happened."""
        with self._lock:
            before = self.life
            now = self._clock.monotonic()
            self.life = after = step(before, happening, now, self._reading.rules)
        if after.state is not before.state:
            self._taker.changed(after)
        return after

    def _read_once(self) -> SourceError | None:
        """One connection, from opening to its failure; None when it was told to stop."""
        self.happened(CameraEvent.STARTED)
        self.time.new_connection()
        self._taker.new_connection()
        try:
            with self._reading.open_source(self._reading.url) as connection:
                return self._read(connection)
        except SourceError as error:
            return error

    def _read(self, connection: Connection) -> SourceError | None:
        pace = None if connection.live else RealtimePacer()
        waiting: list[_Read] = []
        asked = self._clock.monotonic()
        try:
            for packet in connection:
                now = self._clock.monotonic()
                wait_s = pace.wait_s(packet, now=now) if pace else 0.0
                if self._clock.wait(self._stopping, wait_s) if wait_s else self._stopping.is_set():
                    return None
                now += wait_s
                waiting.append((packet, now, now - asked))
                if now - waiting[0][1] >= TOGETHER_S or not self._taker.can_wait(packet):
                    error = self._take(waiting)
                    if error is not None:
                        return error
                asked = self._clock.monotonic()
        except SourceError:
            self._take(waiting)  # they came before it broke
            raise
        return None

    def _take(self, waiting: list[_Read]) -> SourceError | None:
        """Have all of them taken, in order; those after an error are of no use."""
        if waiting:
            self.happened(CameraEvent.PACKET)
        for packet, now, waited_s in waiting:
            at_s = self.time.stamp(packet.at_s, now=now, waited_s=waited_s)
            error = self._taker.take(packet.at(at_s), packet.at_s)
            if error is not None:
                return error
        waiting.clear()
        return None
