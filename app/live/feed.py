"""Live feed of one camera: one connection whose packets go to all viewers.

A thread reads and reopens with growing waits; it touches an event loop only to wake it.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from thapcanh.app.live.feed_plan import FeedPlan
from thapcanh.app.live.format_choice import FormatChoice, Transcoding, TranscodingRoom
from thapcanh.app.live.settings import LiveSettings
from thapcanh.ingest.camera.lifecycle import (
    CameraEvent,
    CameraLifecycle,
    CameraState,
    LifecycleSettings,
)
from thapcanh.ingest.camera.read_loop import ReadLoop, ReadSettings
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.packets.hub import Hub, Subscriber
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.sources.connection import OpenSource
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_RULES = LifecycleSettings()
_FRESH_S = 2.0


class NewestGop:
    """Packets since the newest keyframe."""

    def __init__(self, max_packets: int, max_bytes: int) -> None:
        self._max_packets = max_packets
        self._max_bytes = max_bytes
        self._packets: list[Packet] = []
        self._bytes = 0
        self._keyframe: Packet | None = None

    def add(self, packet: Packet) -> None:
        """Add the next packet; a keyframe starts a new group."""
        if packet.is_keyframe:
            self._packets, self._bytes, self._keyframe = [], 0, packet
        elif not self._packets:
            return
        self._packets.append(packet)
        self._bytes += packet.size_bytes
        if len(self._packets) > self._max_packets or self._bytes > self._max_bytes:
            self._packets, self._bytes = [], 0

    def replay(self, now: float) -> tuple[Packet, ...]:
        """Return the whole group so far.

        Empty before the first keyframe, when it grew too long, or when its newest packet is old
        (`now` is UTC), so that no old picture looks live.
        """
        if not self._packets or now - self._packets[-1].received_at > _FRESH_S:
            return ()
        return tuple(self._packets)

    @property
    def decodable(self) -> tuple[Packet, ...]:
        """Packets that decode to the newest picture; at least the keyframe."""
        if self._packets:
            return tuple(self._packets)
        return (self._keyframe,) if self._keyframe is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedGear:
    """Dependencies that all feeds share. `opener_of` returns the opener of a plan's address."""

    clock: Clock
    opener_of: Callable[[FeedPlan], OpenSource]
    room: TranscodingRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    state: CameraState
    reason: str
    transcoding: Transcoding | None
    packets: int
    openings: int


class StreamFeed:
    """Started and stopped by the counter of viewers. Methods may be called from any thread."""

    def __init__(
        self,
        plan: FeedPlan,
        settings: LiveSettings,
        gear: FeedGear,
        ring: Callable[[], None],
    ) -> None:
        self.plan = plan
        self._settings = settings
        self._clock = gear.clock
        self._ring = ring
        self._hub = Hub()
        self._group = NewestGop(settings.group_max_packets, settings.group_max_bytes)
        self._joining = threading.Lock()
        reading = ReadSettings(
            name=f"live {plan.camera_id}",
            url=plan.url,
            clock=gear.clock,
            open_source=gear.opener_of(plan),
            rules=_RULES,
        )
        self._reader = ReadLoop(reading, self)
        mask = PrivacyMask(plan.privacy_masks)
        self._forms = FormatChoice(plan.camera_id, gear.room, settings.behind_s, mask)
        self._packets = 0
        self._thread = StoppableThread(
            self._run, f"live-{plan.camera_id}", gear.clock, interrupt=self._reader.request_stop
        )

    def start(self) -> None:
        self._thread.start()

    def request_stop(self) -> None:
        """Say that it should stop; its thread ends with the read in hand, seconds at most."""
        self._thread.request_stop()

    def stop(self, within_s: float) -> bool:
        """Stop, close all readers and wait; true when the thread has ended. Idempotent."""
        self.request_stop()
        self._hub.close()
        self._ring()
        return self._thread.stop(within_s)

    @property
    def is_alive(self) -> bool:
        """True while its thread runs."""
        return self._thread.is_alive

    @property
    def has_no_room(self) -> bool:
        """True if it is not sent because too many cameras are transcoded."""
        return self._forms.has_no_room

    def join(self, name: str) -> tuple[Subscriber, int]:
        """Return a new reader, and how many of its first packets are replayed."""
        with self._joining:
            replayed = self._group.replay(self._clock.utc())
            reader = self._hub.subscribe(name, len(replayed) + self._settings.slack_packets)
            for packet in replayed:
                reader.offer(packet)
        return reader, len(replayed)

    def newest_group(self) -> tuple[Packet, ...]:
        """Return packets that decode to the newest picture; empty if there is none."""
        with self._joining:
            return self._group.decodable

    def status(self) -> FeedStatus:
        self._reader.happened(CameraEvent.TICK)
        life = self._reader.life
        return FeedStatus(
            state=life.state,
            reason="no_room_to_transcode" if self.has_no_room else life.reason,
            transcoding=self._forms.transcoding,
            packets=self._packets,
            openings=life.reconnects + (life.attempt_began is not None),
        )

    def _run(self) -> None:
        try:
            self._reader.run()
        finally:
            self._forms.close()

    def new_connection(self) -> None:
        self._forms.new_connection()

    def can_wait(self, packet: Packet) -> bool:  # noqa: ARG002 - the door's shape
        return False

    def rest_s(self) -> float:
        """Return 0: the reader never pauses."""
        return 0.0

    def take(self, packet: Packet, stream_s: float) -> None:
        self._packets += 1
        for sent in self._forms.take(packet, stream_s=stream_s, lag_s=self._reader.time.lag_s):
            self._publish(sent)

    def changed(self, life: CameraLifecycle) -> None:
        """Log the reader's new state, and wake the viewers when pictures stop."""
        log.info("live %s: %s: %s", self.plan.camera_id, life.state, life.detail)
        if life.state is CameraState.BACKOFF:
            self._ring()

    def _publish(self, packet: Packet) -> None:
        self._reader.happened(CameraEvent.PICTURE)
        with self._joining:
            self._group.add(packet)
            self._hub.publish(packet)
        self._ring()
