"""Read loop of one source: open, read, wait after a failure, open again.

`ReadLoop.run` runs on its own thread. Packets go in camera time to a `PacketReceiver` on that
thread, in batches where possible, because each wake-up of a thread costs more than a quiet packet.
Sources never retry; this loop knows no protocol. `CameraTime` maps stream seconds of any connection
to one line that never runs ahead of wall time; `lag_s` is how far reading is behind.
"""

import logging
import random
import threading
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.lifecycle import (
    CameraEvent,
    CameraFailure,
    CameraLifecycle,
    Happening,
    LifecycleSettings,
    step,
)
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.errors import ConnectionBroken, SourceError
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.connection import Connection, OpenSource

TOGETHER_S = 0.3
"""The longest that a packet waits for others, counted from the first that waits."""
REST_S = 0.25
"""The longest that nothing is read while all can wait: the most by which a sleeping camera wakes
later. A sender by TCP holds so much without loss."""
log = logging.getLogger(__name__)
_DRIFT = 0.0005
"""Seconds per second that a camera's quartz may lose; ten times a bad one."""
_WAITED_S = 0.005
"""A read that waited this long found nothing queued: the packet is the newest there is."""
_SURE_FOR_S = 2.0
"""After a wait; then reading goes on until it has to wait again, however clocks drift."""
_SHIFT_S = 0.5
"""Lateness beyond network jitter, although nothing is queued: the camera's clock was moved."""
_JUMP_S = 30.0
"""More than any queue on the way can hold."""
_REORDERED = 17
"""Packets whose order is kept: H.264 and H.265 reorder at most 16 pictures."""
_CATCH_UP_S = 1.0
"""Later than this against the plan (or a jump in the stream): a new plan starts here."""


class PacketReceiver(Protocol):
    """Receiver of a camera's packets."""

    def new_connection(self) -> None:
        """Start a new connection; earlier state is not continued."""
        ...

    def can_wait(self, packet: Packet) -> bool:
        """Return whether a packet may be processed later, with others; its time is not set yet."""
        ...

    def rest_s(self) -> float:
        """Return for how long reading may rest, `REST_S` at most; called after `take`."""
        ...

    def take(self, packet: Packet, stream_s: float) -> SourceError | None:
        """Receive a packet; `stream_s` is its stream time. An error ends the connection."""
        ...

    def changed(self, life: CameraLifecycle) -> None:
        """Handle a state change, on any thread."""
        ...


_Read = tuple[Packet, float, float]  # when it was read (monotonic), how long that had to wait


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """Source and its read options."""

    name: str
    """For the log."""
    url: SecretUrl
    clock: Clock
    open_source: OpenSource
    rules: LifecycleSettings


class ReadLoop:
    """Reader of one source. `run` belongs to one thread, the rest is thread-safe."""

    def __init__(self, reading: ReadSettings, receiver: PacketReceiver) -> None:
        self._reading = reading
        self._taker = receiver
        self._clock = reading.clock
        self.began = reading.clock.monotonic()
        self.time = CameraTime(self.began)
        self.life = CameraLifecycle(since=self.began)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._stirred = threading.Event()

    def request_stop(self) -> None:
        """Request the stop; `run` ends after the current read, seconds at most."""
        self._stopping.set()
        self._stirred.set()

    def stir(self) -> None:
        """End the rest: packets are needed at once."""
        self._stirred.set()

    def run(self) -> None:
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
        """Apply an event and return the new state."""
        with self._lock:
            before = self.life
            now = self._clock.monotonic()
            self.life = after = step(before, happening, now, self._reading.rules)
        if after.state is not before.state:
            self._taker.changed(after)
        return after

    def _read_once(self) -> SourceError | None:
        """Read one connection until it fails; return None if it was stopped."""
        self.happened(CameraEvent.STARTED)
        self.time.new_connection()
        self._taker.new_connection()
        try:
            with self._reading.open_source(self._reading.url) as connection:
                return self._read(connection)
        except SourceError as error:
            return error.without_frames()

    def _read(self, connection: Connection) -> SourceError | None:
        pace = None if connection.live else RealtimePacer()
        queue = QueueWatch() if connection.transport is Transport.TCP else None
        waiting: list[_Read] = []
        requested = self._clock.monotonic()
        try:
            for packet in connection:
                now = self._clock.monotonic()
                wait_s = pace.wait_s(packet, now=now) if pace else 0.0
                if self._clock.wait(self._stopping, wait_s) if wait_s else self._stopping.is_set():
                    return None
                now += wait_s
                waiting.append((packet, now, now - requested))
                is_last = (
                    queue.is_last(packet.at_s, now=now, waited_s=now - requested)
                    if queue
                    else False
                )
                is_late = now - waiting[0][1] >= TOGETHER_S
                if is_last or is_late or not self._taker.can_wait(packet):
                    error = self._take(waiting)
                    if error is not None:
                        return error
                if is_last:
                    self._rest()
                requested = self._clock.monotonic()
        except SourceError:
            self._take(waiting)  # they came before it broke
            raise
        return None

    def _rest(self) -> None:
        self._stirred.clear()  # first: who stirs it from here on is heard
        rest_s = self._taker.rest_s()
        if rest_s > 0 and not self._stopping.is_set():
            self._clock.wait(self._stirred, rest_s)

    def _take(self, waiting: list[_Read]) -> SourceError | None:
        """Deliver the packets in order; those after an error are dropped."""
        if waiting:
            self.happened(CameraEvent.PACKET)
        for packet, now, waited_s in waiting:
            at_s = self.time.stamp(packet.at_s, now=now, waited_s=waited_s)
            error = self._taker.take(packet.at(at_s), packet.at_s)
            if error is not None:
                return error
        waiting.clear()
        return None


class CameraTime:
    """Time of one camera, from `began` (monotonic seconds) on."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._offset_s: float | None = None
        self._last_now = began
        self._last_shown = (0.0, 0.0)
        self._stamped: deque[tuple[float, float]] = deque(maxlen=_REORDERED)
        self.lag_s = 0.0

    def new_connection(self) -> None:
        """Start a new connection, whose stream time has another origin."""
        self._offset_s = None
        self._stamped.clear()
        self.lag_s = 0.0

    def stamp(self, stream_s: float, *, now: float, waited_s: float) -> float:
        """Return the camera seconds of a packet with stream time `stream_s`.

        Packets come in decoding order: one displayed before the last ones gets a time between its
        neighbours.
        """
        arrival_s = now - self._began
        if self._offset_s is None:
            self._offset_s = arrival_s - stream_s
        late_s = arrival_s - (stream_s + self._offset_s)
        moved = late_s > _SHIFT_S and waited_s >= _WAITED_S
        if moved or late_s > _JUMP_S:
            self._stamped.clear()
        if late_s < 0 or moved or late_s > _JUMP_S:
            self._offset_s += late_s
            late_s = 0.0
        else:
            self._offset_s += min(late_s, _DRIFT * (now - self._last_now))
        self._last_now = now
        self.lag_s = late_s
        return self._in_order(stream_s, stream_s + self._offset_s)

    def _in_order(self, stream_s: float, at_s: float) -> float:
        """Limit the time to the order of display."""
        existing = self._stamped
        if not existing or stream_s >= self._last_shown[0]:  # without B-frames it always is
            at_s = max(at_s, self._last_shown[1]) if existing else at_s
            self._last_shown = (stream_s, at_s)
        else:
            at_s = max([at_s, *(at for stream, at in existing if stream <= stream_s)])
            at_s = min([at_s, *(at for stream, at in existing if stream > stream_s)])
        existing.append((stream_s, at_s))
        return at_s


class QueueWatch:
    """Detector of the last packet in the input queue.

    A packet that reading waited for was the newest, and so is one as far along its stream as the
    time since. On a busy machine reading also waits for the processor, so the furthest packet
    decides.
    """

    def __init__(self) -> None:
        self._lead_s = float("-inf")
        self._before_s = 0.0
        self._waited_at = float("-inf")

    def is_last(self, stream_s: float, *, now: float, waited_s: float) -> bool:
        """Return whether a packet is probably the last in the queue. Call it once for each."""
        lead_s = stream_s - now
        step_s, self._before_s = stream_s - self._before_s, stream_s
        if waited_s >= _WAITED_S:
            observed_s = self._lead_s - _DRIFT * (now - self._waited_at)
            self._lead_s, self._waited_at = max(lead_s, observed_s), now
        return now - self._waited_at < _SURE_FOR_S and lead_s + step_s > self._lead_s


class RealtimePacer:
    """Wait before a packet is due. Pure: `now` is passed in."""

    def __init__(self) -> None:
        self._offset_s: float | None = None

    def wait_s(self, packet: Packet, *, now: float) -> float:
        """Return the seconds until `packet` is due by decoding time; 0 if it is due."""
        encoded = packet.encoded
        ticks = encoded.dts if encoded.dts is not None else encoded.pts
        due_s = packet.at_s if ticks is None else float(ticks * encoded.time_base)
        if self._offset_s is None:
            self._offset_s = now - due_s
        early_s = due_s + self._offset_s - now
        if abs(early_s) > _CATCH_UP_S:
            self._offset_s = now - due_s
            return 0.0
        return max(0.0, early_s)
