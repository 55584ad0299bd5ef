"""One camera on air: one connection, whose packets go to all viewers in the browser's form.

A thread of its own reads, reopens after failures with growing waits, and never touches an event
loop but to ring its bell. Viewers join with the newest group of pictures and go on live; one who is
too slow loses until the next keyframe, counted.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.live.forms import Forms, TranscodingRoom
from app.live.group import Group
from app.live.passthrough import Transcoding
from app.live.settings import LiveSettings
from config.secret import SecretUrl
from ingest.camera_life import CameraState, Fact, Failed, Happening, Life, LifeRules, step
from ingest.camera_time import CameraTime
from ingest.clock import Clock
from ingest.errors import Broke, SourceError
from ingest.hub import Hub, Subscriber
from ingest.pace import Pace
from ingest.packet import Packet
from ingest.source import Connection, OpenSource

log = logging.getLogger(__name__)

_RULES = LifeRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """What a feed is opened for; `url` is the camera's stream for live view."""

    camera_id: str
    url: SecretUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedGear:
    """What all feeds share."""

    clock: Clock
    open_source: OpenSource
    room: TranscodingRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """How a feed is, at one moment."""

    state: CameraState
    reason: str
    transcoding: Transcoding | None
    packets: int
    openings: int


class Feed:
    """Started and stopped by whoever counts the viewers. Methods may be called from any thread."""

    def __init__(
        self,
        plan: FeedPlan,
        settings: LiveSettings,
        gear: FeedGear,
        ring: Callable[[], None],
    ) -> None:
        self.plan = plan
        self._settings = settings
        self._clock = clock = gear.clock
        self._open_source = gear.open_source
        self._ring = ring
        self._hub = Hub()
        self._group = Group(settings.group_max_packets, settings.group_max_bytes)
        self._joining = threading.Lock()
        began = clock.monotonic()
        self._time = CameraTime(began)
        self._life = Life(since=began)
        self._life_lock = threading.Lock()
        self._forms = Forms(plan.camera_id, gear.room, settings.behind_s)
        self._packets = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"live-{plan.camera_id}", daemon=True
        )

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Say that it should stop; its thread ends with the read in hand, seconds at most."""
        self._stopping.set()

    def stop(self, within_s: float) -> bool:
        """Stop, close all readers and wait; true when the thread has ended. Idempotent."""
        self.ask_to_stop()
        self._hub.close()
        self._ring()
        if self._thread.is_alive():
            self._thread.join(within_s)
        return not self._thread.is_alive()

    @property
    def is_alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread.is_alive()

    @property
    def has_no_room(self) -> bool:
        """Whether it is not sent because too many cameras are transcoded."""
        return self._forms.has_no_room

    def join(self, name: str) -> tuple[Subscriber, int]:
        """A new reader, and how many of its first packets are the group that is replayed."""
        with self._joining:
            replayed = self._group.replay(self._clock.utc())
            reader = self._hub.subscribe(name, len(replayed) + self._settings.slack_packets)
            for packet in replayed:
                reader.offer(packet)
        return reader, len(replayed)

    def newest_group(self) -> tuple[Packet, ...]:
        """What the newest picture can be decoded from; empty when there is none yet."""
        with self._joining:
            return self._group.decodable

    def status(self) -> FeedStatus:
        """How it is now."""
        self._happened(Fact.TICK)
        life = self._life
        return FeedStatus(
            state=life.state,
            reason="no_room_to_transcode" if self.has_no_room else life.reason,
            transcoding=self._forms.transcoding,
            packets=self._packets,
            openings=life.reconnects + (life.attempt_began is not None),
        )

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._read_on()
        finally:
            self._forms.close()

    def _read_on(self) -> None:
        """One connection, and the wait after its failure."""
        try:
            error = self._read_once()
        except Exception:
            log.exception("live %s: a fault of ours while reading", self.plan.camera_id)
            error = Broke(str(self.plan.url), problem="reading failed", way_out="see the log")
        if error is not None:
            life = self._happened(Failed(error=error, jitter=random.random()))  # noqa: S311
            self._ring()
            self._clock.wait(self._stopping, life.retry_at - self._clock.monotonic())

    def _read_once(self) -> SourceError | None:
        """One connection to its failure; nothing when it was told to stop."""
        self._happened(Fact.STARTED)
        self._time.new_connection()
        self._forms.new_connection()
        try:
            with self._open_source(self.plan.url) as connection:
                return self._read(connection)
        except SourceError as error:
            return error

    def _read(self, connection: Connection) -> SourceError | None:
        pace = None if connection.live else Pace()
        asked = self._clock.monotonic()
        for packet in connection:
            now = self._clock.monotonic()
            wait_s = pace.wait_s(packet, now=now) if pace else 0.0
            if self._clock.wait(self._stopping, wait_s) if wait_s else self._stopping.is_set():
                return None
            now += wait_s
            at_s = self._time.stamp(packet.at_s, now=now, waited_s=now - asked)
            self._packets += 1
            self._happened(Fact.PACKET)
            timed = replace(packet, at_s=at_s)
            for sent in self._forms.take(timed, stream_s=packet.at_s, lag_s=self._time.lag_s):
                self._publish(sent)
            asked = self._clock.monotonic()
        return None

    def _publish(self, packet: Packet) -> None:
        self._happened(Fact.PICTURE)
        with self._joining:
            self._group.add(packet)
            self._hub.publish(packet)
        self._ring()

    def _happened(self, happening: Happening) -> Life:
        with self._life_lock:
            before = self._life
            self._life = after = step(before, happening, self._clock.monotonic(), _RULES)
        if after.state is not before.state:
            log.info("live %s: %s: %s", self.plan.camera_id, after.state, after.detail)
        return after
