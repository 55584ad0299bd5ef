"""One camera at work: a thread that connects, reads, decodes, and tries again until it is stopped.

What enters is the camera's specification and a way to open sources; what leaves are frames (to
`on_frame`, on this thread, and the newest one by `newest()`), packets (to `hub` and `preroll`) and
`health()`. A source's failure is waited out here; nothing it does reaches another camera.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from config.camera import Camera as CameraSpec
from ingest.adaptive_decoding import AdaptiveDecoding, SleepRules
from ingest.camera_life import CameraState, Fact, Failed, Happening, Life, LifeRules, gives_up, step
from ingest.camera_time import CameraTime
from ingest.clock import Clock
from ingest.decoder import Decoder
from ingest.decoding import Decoding, Slots
from ingest.decoding_policy import DecodingStatus, EverythingUnlessBehind
from ingest.errors import Broke, Garbled, SourceError
from ingest.frame import Frame
from ingest.hub import Hub
from ingest.pace import Pace
from ingest.packet import Packet, StreamInfo
from ingest.picture_watch import PictureCondition, PictureRules, PictureWatch
from ingest.preroll import PreRoll
from ingest.rate import Rate
from ingest.source import Connection, OpenSource

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """What is the same for all cameras of a worker."""

    preroll_s: float = 20.0
    preroll_max_bytes: int = 24_000_000
    stop_within_s: float = 10.0
    """Opening (8 s) and reading (5 s) cannot be interrupted inside libav."""
    life: LifeRules = field(default_factory=LifeRules)
    picture: PictureRules = field(default_factory=PictureRules)
    sleep: SleepRules | None = None
    """Lets a quiet camera sleep; without, everything is decoded."""
    decode_slots: Slots | None = None
    """Shared by the cameras of a worker: as many decode at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraHealth:
    """How a camera is, at one moment. Times are UTC unix seconds."""

    camera_id: str
    state: CameraState
    reason: str
    """A machine's name for why it is in this state."""
    detail: str
    """The same in one line for people, without secrets."""
    since: float
    picture: PictureCondition
    decoding: DecodingStatus
    fps: float
    """Measured: packets a second that came lately."""
    width: int
    height: int
    codec: str
    last_frame_at: float | None
    lag_s: float
    packets: int
    packets_skipped: int
    bad_packets: int
    frames_decoded: int
    decode_cpu_s: float
    frames_dropped: int
    reconnects: int


class Camera:
    """Watches one source while it is started. All methods may be called from any thread."""

    def __init__(
        self,
        spec: CameraSpec,
        *,
        clock: Clock,
        open_source: OpenSource,
        on_frame: Callable[[Frame], None] | None = None,
        settings: CameraSettings | None = None,
    ) -> None:
        chosen = settings or CameraSettings()
        self.spec = spec
        self.hub = Hub()
        self.preroll = PreRoll(chosen.preroll_s, chosen.preroll_max_bytes)
        self._settings = chosen
        self._clock = clock
        self._open_source = open_source
        self._on_frame = on_frame
        self._began = clock.monotonic()
        self._time = CameraTime(self._began)
        self._decoder = Decoder(spec.id, self._utc_of)
        self._decoding = Decoding(
            self._decoder,
            AdaptiveDecoding(chosen.sleep) if chosen.sleep else EverythingUnlessBehind(),
            max_held_bytes=chosen.preroll_max_bytes,
            slots=chosen.decode_slots,
        )
        self._watch = PictureWatch(chosen.picture)
        self._slot = NewestFrame()
        self._rate = Rate()
        self._life = Life(since=self._began)
        self._life_lock = threading.Lock()
        self._told_trouble: str | None = None
        self._stream: StreamInfo | None = None
        self._packets = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{spec.id}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Say that it should stop, without waiting; for stopping many at once."""
        self._stopping.set()

    def stop(self) -> bool:
        """Stop and wait for it, within bounds. True when the thread has ended. May be repeated."""
        self.ask_to_stop()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(self._settings.stop_within_s)
        self._happened(Fact.STOPPED)
        self.hub.close()
        return not self._thread.is_alive()

    def newest(self) -> Frame | None:
        """The newest frame, or nothing before the first; it stays the newest until the next."""
        return self._slot.take()

    def wake(self, reason: str, *, is_sure: bool = True) -> None:
        """Something was seen on this camera: decode it as often as it is looked at, for a while.

        What is not sure wakes it now and then only: a chair that might be smoke is there all day.
        """
        self._decoding.policy.wake(reason, is_sure=is_sure)

    def health(self) -> CameraHealth:
        """How the camera is now."""
        self._happened(Fact.TICK)
        life, stream, newest = self._life, self._stream, self._slot.newest
        return CameraHealth(
            camera_id=self.spec.id,
            state=life.state,
            reason=life.reason,
            detail=life.detail,
            since=self._utc_of(life.since - self._began),
            picture=self._watch.condition,
            decoding=self._decoding.policy.status,
            fps=round(self._rate.per_second(self._clock.monotonic()), 1),
            width=newest.width if newest else 0,
            height=newest.height if newest else 0,
            codec=stream.codec if stream else "",
            last_frame_at=newest.captured_at if newest else None,
            lag_s=self._time.lag_s,
            packets=self._packets,
            packets_skipped=self._packets - self._decoder.packets,
            bad_packets=self._decoder.bad_packets,
            frames_decoded=self._decoder.frames,
            decode_cpu_s=self._decoder.cpu_s,
            frames_dropped=self._slot.dropped,
            reconnects=life.reconnects,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                error = self._watch_once()
            except Exception:  # noqa: BLE001 - the outermost line of this thread
                _log.exception("camera %s: a fault of ours while watching", self.spec.id)
                error = Broke(
                    str(self.spec.source), problem="watching failed", way_out="see the log"
                )
            if error is not None:
                self._wait_out(error)

    def _wait_out(self, error: SourceError) -> None:
        life = self._happened(Failed(error=error, jitter=random.random()))  # noqa: S311
        self._clock.wait(self._stopping, life.retry_at - self._clock.monotonic())

    def _watch_once(self) -> SourceError | None:
        """One connection, from opening to its failure; nothing when it was told to stop."""
        self._happened(Fact.STARTED)
        self._time.new_connection()
        self._decoding.new_connection()
        try:
            with self._open_source(self.spec.source) as connection:
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
            life = self._take(replace(packet, at_s=at_s))
            if gives_up(life, now, self._settings.life):
                return Garbled(str(self.spec.source))
            asked = self._clock.monotonic()
        return None

    def _take(self, packet: Packet) -> Life:
        self._packets += 1
        self._rate.count(self._clock.monotonic())
        self._stream = packet.stream
        self._happened(Fact.PACKET)
        self.preroll.add(packet)
        self.hub.publish(packet)
        for frame in self._decoding.take(packet, self._time.lag_s, now=self._clock.utc()):
            self._show(frame)
        return self._happened(Fact.TICK)

    def _show(self, frame: Frame) -> None:
        self._happened(Fact.PICTURE)
        self._watch.look(frame)
        self._slot.put(frame)
        if self._on_frame is not None:
            self._on_frame(frame)

    def _happened(self, happening: Happening) -> Life:
        with self._life_lock:
            before = self._life
            self._life = after = step(
                before, happening, self._clock.monotonic(), self._settings.life
            )
        if after.state is not before.state:
            level = logging.DEBUG if self._is_old_news(after) else logging.INFO
            _log.log(level, "camera %s: %s: %s", self.spec.id, after.state, after.detail)
        return after

    def _is_old_news(self, life: Life) -> bool:
        """A camera that fails again and again in one way is told once, not with every try."""
        if life.state is CameraState.CONNECTING:
            return self._told_trouble is not None
        known, self._told_trouble = self._told_trouble, None
        if life.state is CameraState.BACKOFF:
            self._told_trouble = life.detail
        return life.state is CameraState.BACKOFF and known == life.detail

    def _utc_of(self, at_s: float) -> float:
        return self._clock.utc() - (self._clock.monotonic() - self._began) + at_s


class NewestFrame:
    """Room for one frame: a newer one replaces the older, and what nobody saw is counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = True
        self.newest: Frame | None = None
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Put a newer frame in."""
        with self._lock:
            if not self._seen:
                self.dropped += 1
            self.newest, self._seen = frame, False

    def take(self) -> Frame | None:
        """The newest frame, which counts as seen from now on."""
        with self._lock:
            self._seen = True
            return self.newest
