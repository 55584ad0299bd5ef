"""Packets as a browser's decoder wants them: H.264 in order, parameter sets before each keyframe.

Both run on the camera's live thread.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

import av
from av.video.codeccontext import VideoCodecContext

from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.frame import Frame, limited
from thapcanh.ingest.packets.annex_b import parameter_sets, sequence_sets
from thapcanh.ingest.packets.packet import Encoded, Packet, StreamInfo
from thapcanh.ingest.privacy_mask import PrivacyMask

RTP_CLOCK = Fraction(1, 90_000)
_MAX_WIDTH, _MAX_HEIGHT = 1280, 720
"""Transcoding costs by the pixel (720p15: a quarter of a core); a desk shows no more than this."""
_USUAL_FPS = 25.0
_KEYFRAME_EVERY_S = 2.0


class BrowserForm(Protocol):
    """Turns a stream's packets into those that are sent."""

    def take(self, packet: Packet) -> Iterator[Packet]:
        """Return the packets to send now; none while a picture is incomplete."""
        ...


class PassedThrough:
    """The camera's own H.264."""

    def __init__(self) -> None:
        self._last_ticks = -1

    def take(self, packet: Packet) -> Iterator[Packet]:
        """Return the same picture, completed and re-timed."""
        data = bytes(packet.encoded)
        if packet.is_keyframe and not sequence_sets("h264", parameter_sets("h264", data[:4096])):
            data = packet.stream.extradata + data
        self._last_ticks = max(self._last_ticks + 1, round(packet.at_s / RTP_CLOCK))
        encoded: Encoded = av.Packet(data)
        encoded.pts = encoded.dts = self._last_ticks
        encoded.time_base = RTP_CLOCK
        yield replace(packet, encoded=encoded, size_bytes=len(data))


class Transcoded:
    """Any stream, decoded and encoded as H.264 Baseline at most 720p large."""

    def __init__(self, stream: StreamInfo, mask: PrivacyMask) -> None:
        self._mask = mask
        self._decoder = Decoder("live", lambda at_s: at_s)
        self._encoding = Encoding(stream.fps or _USUAL_FPS)

    def take(self, packet: Packet) -> Iterator[Packet]:
        for frame in self._decoder.decode(packet, now=packet.received_at):
            yield from self._encoding.encode(self._mask.on_frame(frame))


class Encoding:
    """Pictures to H.264 without B-frames, each sent as soon as it is encoded."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._size = (0, 0)
        self._encoder: VideoCodecContext | None = None
        self._stream: StreamInfo | None = None

    def encode(self, frame: Frame) -> Iterator[Packet]:
        """Return the encoded packets; a new size starts a new stream."""
        size = fitted(frame.width, frame.height)
        if self._encoder is None or self._stream is None or size != self._size:
            self._size, self._encoder = size, _encoder(size, self._fps)
            self._stream = _encoded_stream(size, self._fps)
        for encoded in self._encoder.encode(_prepared(frame, size)):
            yield Packet(
                encoded=encoded,
                stream=self._stream,
                is_keyframe=encoded.is_keyframe,
                size_bytes=encoded.size,
                at_s=frame.at_s,
                received_at=frame.decoded_at,
            )


def _prepared(frame: Frame, size: tuple[int, int]) -> av.VideoFrame:
    picture = limited(frame.picture, *size)
    picture.pict_type = 0  # as the decoder found it, it would force the encoder's choice
    picture.pts, picture.time_base = round(frame.at_s / RTP_CLOCK), RTP_CLOCK
    return picture


def _encoded_stream(size: tuple[int, int], fps: float) -> StreamInfo:
    return StreamInfo(
        codec="h264",
        width=size[0],
        height=size[1],
        fps=fps,
        has_b_frames=False,
        extradata=b"",
        time_base=RTP_CLOCK,
    )


def fitted(width: int, height: int) -> tuple[int, int]:
    """Return the even size within the bounds, with the same aspect ratio and never larger."""
    scale = min(1.0, _MAX_WIDTH / width, _MAX_HEIGHT / height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _encoder(size: tuple[int, int], fps: float) -> VideoCodecContext:
    encoder = av.VideoCodecContext.create("libx264", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("libx264 is not a video encoder")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = RTP_CLOCK
    encoder.framerate = Fraction(fps).limit_denominator(1001)
    encoder.gop_size = math.ceil(fps * _KEYFRAME_EVERY_S)
    encoder.max_b_frames = 0
    encoder.thread_count = 1
    encoder.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "crf": "25",
        "maxrate": "3M",
        "bufsize": "3M",
        "x264-params": "scenecut=0",  # it takes the pulse of the camera's own coding for cuts
    }
    return encoder
