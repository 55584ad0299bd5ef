"""One camera: a thread that connects, reads and decodes until it is stopped.

Frames go to `on_frame` on this thread and to `newest()`, packets to `hub`, `preroll` and
`on_packet`, which must not block. A failing source never affects another camera.
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
from thapcanh.ingest.camera.tamper_detector import ReferenceView
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.hardware import ON_THE_CPU, HardwareDecoding
from thapcanh.ingest.decoding.policy import (
    AlwaysDecodingPolicy,
    DecodingMode,
    DecodingStatus,
    PolicyDecoder,
    Slots,
)
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.held_packets import PreRoll
from thapcanh.ingest.packets.hub import Hub
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.packets.stream_timing import PictureRate
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.sources.connection import OpenSource
from thapcanh.ingest.stoppable_thread import StoppableThread


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """Settings common to all cameras of a worker."""

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
    """Health of a camera at one moment. Times are UTC unix seconds."""

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
    """Reader and decoder of one source while started. All methods are thread-safe."""

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
            self._reader.run, f"camera-{spec.id}", clock, interrupt=self._reader.request_stop
        )

    def start(self) -> None:
        self._thread.start()

    def request_stop(self) -> None:
        """Request the stop without waiting."""
        self._thread.request_stop()

    def stop(self) -> bool:
        """Stop and wait for it, within bounds. True when the thread has ended. May be repeated."""
        has_ended = self._thread.stop(self._settings.stop_within_s)
        self._reader.happened(CameraEvent.STOPPED)
        self.hub.close()
        return has_ended

    def newest(self) -> Frame | None:
        """Return the newest frame, or None before the first."""
        return self._slot.take()

    def look_at(self, position: str | None) -> None:
        """Set the PTZ position; None while turning, when the view is not evaluated."""
        self._watch.position = position

    def known_views(self) -> tuple[ReferenceView, ...]:
        """Return the usual views of the camera, the latest first; empty while unknown."""
        return self._watch.known_views()

    def recall(self, views: Sequence[ReferenceView]) -> None:
        """Restore the views of an earlier run; call it before `start`."""
        self._watch.recall(views)

    def wake(self, reason: str, *, is_sure: bool = True) -> None:
        """Decode this camera as often as it is analysed, for a while.

        An uncertain reason (`is_sure` false) wakes it only now and then: a chair that resembles
        smoke stays all day.
        """
        self._decoding.policy.wake(reason, is_sure=is_sure)
        self._reader.stir()

    @property
    def is_calm(self) -> bool:
        """True if the camera sleeps and its newest frame shows nothing new."""
        return self._decoding.policy.is_calm

    @property
    def is_idle(self) -> bool:
        """True if only occasional keyframes are decoded, since nothing moves."""
        return self._decoding.policy.status.mode is DecodingMode.IDLE

    def health(self) -> CameraHealth:
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
        """Discard decoding state of the last connection; called by the reader."""
        self._decoding.new_connection()

    def can_wait(self, packet: Packet) -> bool:
        """Return whether a packet may wait: the camera sleeps and nobody views it."""
        return not self.hub.subscribers and self._decoding.policy.can_wait(packet)

    def rest_s(self) -> float:
        """Return for how long reading may rest, until the next keyframe at most."""
        return 0.0 if self.hub.subscribers else min(REST_S, self._decoding.policy.rest_s)

    def take(self, packet: Packet, _: float) -> SourceError | None:
        """Store, publish and decode one packet; called by the reader."""
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
        """Log the change once; called by the reader."""
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
    """Slot for the newest frame; counts frames that were replaced unread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = True
        self.newest: Frame | None = None
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        with self._lock:
            if not self._seen:
                self.dropped += 1
            self.newest, self._seen = frame, False

    def take(self) -> Frame | None:
        """Return the newest frame and mark it as read."""
        with self._lock:
            self._seen = True
            return self.newest
