"""Decoder of packets to pictures in presentation order, on the caller's thread.

Undecodable data and unknown codecs are counted, never raised; new parameters make a new libav
decoder.
"""

import time
from collections import deque
from collections.abc import Callable

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from thapcanh.ingest.decoding.hardware import DECODER_ERRORS, ON_THE_CPU, HardwareDecoding
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.frame_numbers import FrameNumbers
from thapcanh.ingest.packets.packet import Packet, StreamInfo

_MOST_WAITING = 64


class DamageTrail:
    """Damaged pictures of one decoder, across connections."""

    def __init__(self) -> None:
        self._is_leaning = False
        self._rounds = 0  # of intra refresh, until every block was sent anew
        self._keyframes: deque[tuple[float, bool]] = deque(maxlen=_MOST_WAITING)
        self._groups = 0  # that were hit

    def reset(self) -> None:
        """Reset; the next packet is a keyframe."""
        self._is_leaning = False
        self._keyframes.clear()

    def feed(self, packet: Packet) -> None:
        if packet.is_keyframe:
            self._keyframes.append((packet.at_s, packet.stands_alone))

    def fail(self, packet: Packet) -> None:
        if packet.is_keyframe and self._keyframes:
            self._keyframes.pop()

    def hit(self) -> None:
        """Mark data as missing from now on."""
        self._groups += not self._is_leaning
        self._is_leaning, self._rounds = True, 0

    def damage_of(self, at_s: float, *, is_hit: bool) -> int:
        """Return `Frame.damage` of the next picture; `is_hit` is the decoder's verdict."""
        while self._keyframes and self._keyframes[0][0] <= at_s:
            _, stands_alone = self._keyframes.popleft()
            self._rounds += 1
            if stands_alone or self._rounds > 1:
                self._is_leaning = False
        if is_hit:
            self.hit()
        return self._groups if self._is_leaning else 0


_PENDING_MAX = 64
"""Packets whose picture has not come out yet; H.264 reorders at most 16 pictures."""

_DEVICE_ERRORS = 3
"""Packets in a row that a device does not take before any picture; then the processor does."""

_LEAST_PX = 48
"""No camera's picture is smaller, either way; the smallest thermal ones have 80 by 60. Parameters
that are noise give a size of a few blocks, of which noise makes a whole picture."""

_AT_LEAST_S = 0.001
"""Least step of camera time between two pictures of a camera."""


class Decoder:
    """Decoder of one camera, across reconnects. `utc_of` dates a camera time."""

    def __init__(
        self,
        camera_id: str,
        utc_of: Callable[[float], float],
        hardware: HardwareDecoding = ON_THE_CPU,
    ) -> None:
        self._camera_id = camera_id
        self._hardware = hardware
        self._device_errors: int | None = None
        """So many of a device that gave no picture yet; None: it did, or there is no device."""
        self._utc_of = utc_of
        self._context: VideoCodecContext | None = None
        self._stream: StreamInfo | None = None
        self._pending: dict[int | None, float] = {}
        self._last_at_s = float("-inf")
        self._given_s: float | None = None
        self._trail = DamageTrail()
        self._numbers: FrameNumbers | None = None
        self._has_shown = False  # a picture of this stream
        self.packets = 0
        self.frames = 0
        self.bad_packets = 0
        self.damaged_pictures = 0
        self.cpu_s = 0.0
        """CPU-seconds that decoding has cost so far."""

    def decode(self, packet: Packet, *, now: float) -> list[Frame]:
        """Return the pictures that this packet completes; `now` is UTC."""
        self.packets += 1
        if packet.stream is not self._stream:
            self._begin(packet.stream)
        if self._context is None:
            self.bad_packets += 1
            return []
        self._remember(packet)
        self._trail.feed(packet)
        if self._numbers is not None and self._numbers.is_picture_missing(
            memoryview(packet.encoded)
        ):
            self._trail.hit()
        start_s = time.thread_time()
        try:
            pictures = self._context.decode(packet.encoded)
        except DECODER_ERRORS as error:
            self.bad_packets += 1
            self._trail.fail(packet)
            self._blame_device(error)
            return []
        finally:
            self.cpu_s += time.thread_time() - start_s
        return self._framed(pictures, now)

    def decode_alone(self, packet: Packet, *, now: float) -> tuple[list[Frame], bool]:
        """Return a keyframe's picture at once, and whether decoding may continue after it.

        A decoder that reorders is drained for it, and must start at the keyframe again.
        """
        self.reset()
        frames = self.decode(packet, now=now)
        context = self._context
        if frames or context is None:
            return frames, True
        try:
            frames = self._framed(context.decode(None), now)
        except av.FFmpegError:
            frames = []
        self.reset()
        self._given_s = packet.at_s
        return frames, False

    def drain(self, *, now: float) -> list[Frame]:
        """Return the pictures still buffered; the next packet starts a new decoder."""
        context, self._context, self._stream = self._context, None, None
        if context is None:
            return []
        try:
            return self._framed(context.decode(None), now)
        except av.FFmpegError:
            return []

    def reset(self) -> None:
        """Drop what is inside without its pictures, as before skipping to a later keyframe."""
        if self._context is not None and self._context.is_open:
            self._context.flush_buffers()
        self._pending.clear()
        self._trail.reset()
        if self._numbers is not None:
            self._numbers.reset()

    def _begin(self, stream: StreamInfo) -> None:
        self._stream = stream
        self._pending.clear()
        self._device_errors = None
        self._trail.reset()
        self._has_shown = False
        self._numbers = FrameNumbers(stream.extradata) if stream.codec == "h264" else None
        try:
            self._context, is_device = self._hardware.new_decoder(stream)
            self._device_errors = 0 if is_device else None
        except (av.FFmpegError, ValueError):
            self._context = None

    def _blame_device(self, error: Exception) -> None:
        """Leave the codec to the processor if the device never gave a picture."""
        if self._device_errors is None or self._stream is None:
            return
        self._device_errors += 1
        if self._device_errors >= _DEVICE_ERRORS:
            self._hardware.give_up(self._stream.codec, error)
            self._begin(self._stream)

    def _remember(self, packet: Packet) -> None:
        ticks = packet.encoded.pts if packet.encoded.pts is not None else packet.encoded.dts
        self._pending[ticks] = packet.at_s
        while len(self._pending) > _PENDING_MAX:
            del self._pending[next(iter(self._pending))]

    def _framed(self, pictures: list[av.VideoFrame], now: float) -> list[Frame]:
        frames = []
        if pictures:
            self._device_errors = None
        for picture in pictures:
            at_s = self._time_of(picture)
            damage = self._trail.damage_of(at_s, is_hit=picture.is_corrupt)
            if at_s == self._given_s:
                continue  # decoded again, for those that lean on it
            self.damaged_pictures += damage > 0
            if self._is_noise(picture):
                continue
            self._has_shown = True
            self._last_at_s = max(at_s, self._last_at_s + _AT_LEAST_S)
            frames.append(
                Frame(
                    camera_id=self._camera_id,
                    picture=picture,
                    width=picture.width,
                    height=picture.height,
                    at_s=self._last_at_s,
                    captured_at=self._utc_of(self._last_at_s),
                    decoded_at=now,
                    damage=damage,
                )
            )
        self.frames += len(frames)
        return frames

    def _is_noise(self, picture: av.VideoFrame) -> bool:
        is_doubtful = picture.is_corrupt or picture.pict_type == PictureType.NONE
        is_too_small = min(picture.width, picture.height) < _LEAST_PX
        return is_too_small or (is_doubtful and not self._has_shown)

    def _time_of(self, picture: av.VideoFrame) -> float:
        """Return the time of the packet with this pts, or the earliest waiting one."""
        if picture.pts in self._pending:
            return self._pending.pop(picture.pts)
        if not self._pending:
            return max(0.0, self._last_at_s + _AT_LEAST_S)
        earliest = min(self._pending, key=self._pending.__getitem__)
        return self._pending.pop(earliest)
