"""One camera at work: a thread that connects, reads, decodes, and tries again until it is stopped.

What enters is the camera's specification and a way to open sources; what leaves are frames (to
`on_frame`, on this thread, and the newest one by `newest()`), packets (to `hub`, `preroll` and
`on_packet`, which must not wait) and `health()`. A source's failure is waited out here; nothing it
does reaches another camera.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.camera.lifecycle import (
    CameraEvent,
    CameraLifecycle,
    CameraState,
    LifecycleSettings,
    gives_up,
)
from thapcanh.ingest.camera.picture_health import (
    PictureCondition,
    PictureHealth,
    PictureHealthSettings,
)
from thapcanh.ingest.camera.read_loop import REST_S, ReadLoop, ReadSettings
from thapcanh.ingest.camera.state_log import StateLog
from thapcanh.ingest.camera.tamper_detector import KnownView
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.hardware import ON_THE_CPU, HardwareDecoding
from thapcanh.ingest.decoding.policy import AlwaysDecodingPolicy, DecodingMode, DecodingStatus
from thapcanh.ingest.decoding.policy_decoder import PolicyDecoder, Slots
from thapcanh.ingest.decoding.rate import PictureRate
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.held_packets import PreRoll
from thapcanh.ingest.packets.hub import Hub
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.sources.connection import OpenSource
from thapcanh.ingest.stoppable_thread import StoppableThread


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """What is the same for all cameras of a worker."""

    preroll_s: float = 20.0
    preroll_max_bytes: int = 24_000_000
    stop_within_s: float = 10.0
    """Opening (8 s) and reading (5 s) cannot be interrupted inside libav."""
    life: LifecycleSettings = field(default_factory=LifecycleSettings)
    picture: PictureHealthSettings = field(default_factory=PictureHealthSettings)
    sleep: AdaptiveDecodingSettings | None = None
    """Lets a quiet camera sleep; without, everything is decoded."""
    decode_slots: Slots | None = None
    """Shared by the cameras of a worker: as many decode at the same time."""
    hardware: HardwareDecoding = ON_THE_CPU
    """Shared by them too: where their decoders are made."""


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
    """Since when pictures come, none does, or those that come are worth nothing (`picture`)."""
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
    damaged_pictures: int
    """Decoded, but not whole."""
    groups_given_up: int
    """Held groups of pictures that grew too large to be decoded when something changed."""
    prerolls_cut: int
    """Groups of pictures before an event for which there was no room."""
    frames_decoded: int
    decode_cpu_s: float
    frames_dropped: int
    reconnects: int


class Camera:
    """Watches one source while it is started. All methods may be called from any thread."""

    def __init__(
        self,
        spec: CameraConfig,
        *,
        clock: Clock,
        open_source: OpenSource,
        on_frame: Callable[[Frame], None] | None = None,
        on_packet: Callable[[Packet, float], None] | None = None,
        settings: CameraSettings | None = None,
    ) -> None:
        chosen = settings or CameraSettings()
        self.spec = spec
        self.privacy_mask = PrivacyMask(spec.privacy_masks)
        self.hub = Hub()
        self.preroll = PreRoll(chosen.preroll_s, chosen.preroll_max_bytes)
        self._settings = chosen
        self._clock = clock
        self._on_frame = on_frame
        self._on_packet = on_packet
        reading = ReadSettings(
            name=f"camera {spec.id}",
            url=spec.source,
            clock=clock,
            open_source=open_source,
            rules=chosen.life,
        )
        self._reader = ReadLoop(reading, self)
        self._decoder = Decoder(spec.id, self._utc_of, chosen.hardware)
        self._decoding = PolicyDecoder(
            self._decoder,
            AdaptiveDecodingPolicy(chosen.sleep) if chosen.sleep else AlwaysDecodingPolicy(),
            max_held_bytes=chosen.preroll_max_bytes,
            slots=chosen.decode_slots,
        )
        self._watch = PictureHealth(chosen.picture)
        self._slot = NewestFrame()
        self._rate = PictureRate()
        self._log = StateLog(spec.id)
        self._stream: StreamInfo | None = None
        self._packets = 0
        self._thread = StoppableThread(
            self._reader.run, f"camera-{spec.id}", clock, interrupt=self._reader.ask_to_stop
        )

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Say that it should stop, without waiting; for stopping many at once."""
        self._thread.ask_to_stop()

    def stop(self) -> bool:
        """Stop and wait for it, within bounds. True when the thread has ended. May be repeated."""
        has_ended = self._thread.stop(self._settings.stop_within_s)
        self._reader.happened(CameraEvent.STOPPED)
        self.hub.close()
        return has_ended

    def newest(self) -> Frame | None:
        """The newest frame, or None before the first; it stays the newest until the next."""
        return self._slot.take()

    def look_at(self, position: str | None) -> None:
        """Say where the camera was turned to; None while it turns, when no view is judged."""
        self._watch.position = position

    def known_views(self) -> tuple[KnownView, ...]:
        """How its place usually looks, the view that was seen last first; nothing while unknown."""
        return self._watch.known_views()

    def recall(self, views: Sequence[KnownView]) -> None:
        """Before it is started: judge by what was known of it when it was stopped."""
        self._watch.recall(views)

    def wake(self, reason: str, *, is_sure: bool = True) -> None:
        """Something was seen on this camera: decode it as often as it is looked at, for a while.

        What is not sure wakes it now and then only: a chair that might be smoke is there all day.
        """
        self._decoding.policy.wake(reason, is_sure=is_sure)
        self._reader.stir()

    @property
    def is_calm(self) -> bool:
        """It sleeps, and its newest frame shows nothing new, as far as it knows."""
        return self._decoding.policy.is_calm

    @property
    def is_idle(self) -> bool:
        """Only a keyframe now and then is decoded, because nothing moves in the picture."""
        return self._decoding.policy.status.mode is DecodingMode.IDLE

    def health(self) -> CameraHealth:
        """How the camera is now."""
        self._reader.happened(CameraEvent.TICK)
        life, stream, newest = self._reader.life, self._stream, self._slot.newest
        return CameraHealth(
            camera_id=self.spec.id,
            state=life.state,
            reason=life.reason,
            detail=life.detail,
            since=self._since(life, newest),
            picture=self._watch.condition,
            decoding=self._decoding.policy.status,
            fps=round(self._rate.per_second(self._clock.monotonic()), 1),
            width=newest.width if newest else 0,
            height=newest.height if newest else 0,
            codec=stream.codec if stream else "",
            last_frame_at=newest.captured_at if newest else None,
            lag_s=self._reader.time.lag_s,
            packets=self._packets,
            packets_skipped=self._packets - self._decoder.packets,
            bad_packets=self._decoder.bad_packets,
            damaged_pictures=self._decoder.damaged_pictures,
            groups_given_up=self._decoding.groups_given_up,
            prerolls_cut=self.preroll.overflows,
            frames_decoded=self._decoder.frames,
            decode_cpu_s=self._decoder.cpu_s,
            frames_dropped=self._slot.dropped,
            reconnects=life.reconnects,
        )

    def new_connection(self) -> None:
        """Of the reader: what was held of the last connection cannot be gone on with."""
        self._decoding.new_connection()

    def can_wait(self, packet: Packet) -> bool:
        """Of the reader: while it sleeps and nobody watches, what shows nothing new can."""
        return not self.hub.subscribers and self._decoding.policy.can_wait(packet)

    def rest_s(self) -> float:
        """Of the reader: so long too, and until the next keyframe at the longest."""
        return 0.0 if self.hub.subscribers else min(REST_S, self._decoding.policy.rest_s)

    def take(self, packet: Packet, _: float) -> SourceError | None:
        """Of the reader: keep, hand on and decode one packet."""
        self._packets += 1
        self._rate.count(self._clock.monotonic())
        self._stream = packet.stream
        self.preroll.add(packet)
        self.hub.publish(packet)
        if self._on_packet is not None:
            self._on_packet(packet, self._utc_of(packet.at_s))
        for frame in self._decoding.take(packet, self._reader.time.lag_s, now=self._clock.utc()):
            self._show(frame, packet.stream.codec)
        missing = self._decoding.needs_keyframe
        self._reader.happened(CameraEvent.KEYFRAME_MISSING if missing else CameraEvent.DECODABLE)
        life = self._reader.happened(CameraEvent.TICK)
        why = gives_up(life, self._clock.monotonic(), self._settings.life)
        return None if why is None else why(str(self.spec.source))

    def changed(self, life: CameraLifecycle) -> None:
        """Of the reader: tell it, once."""
        self._log.tell(life, self._clock.monotonic())

    def _show(self, frame: Frame, codec: str) -> None:
        self._reader.happened(CameraEvent.PICTURE)
        self._watch.observe(frame, codec)
        self._slot.put(frame)
        if self._on_frame is not None:
            self._on_frame(frame)

    def _since(self, life: CameraLifecycle, newest: Frame | None) -> float:
        """Since when pictures come, none does, or those that come are worth nothing."""
        is_faulty = self._watch.condition is not PictureCondition.OK
        if newest is not None and is_faulty and life.state is CameraState.ONLINE:
            return newest.captured_at - (newest.at_s - self._watch.since_s)
        return self._utc_of(life.since - self._reader.began)

    def _utc_of(self, at_s: float) -> float:
        return self._clock.utc() - (self._clock.monotonic() - self._reader.began) + at_s


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
