"""Conversion of libav's packets: Annex B, timed, with the parameters of their stream.

Changed parameter sets in a keyframe start a new `StreamInfo`, so that one clip never mixes two.
Runs on the reading thread.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import av
from av.video.stream import VideoStream

from thapcanh.ingest.packets.annex_b import (
    has_parameter_sets,
    is_annex_b,
    needs_run_up,
    parameter_sets,
    sequence_sets,
)
from thapcanh.ingest.packets.libav import new_decoder
from thapcanh.ingest.packets.packet import Encoded, Packet, StreamInfo

_CLOCK_RATE = Fraction(1, 90_000)
_USUAL_FPS = 25.0


class Normaliser:
    """Converter of one connection's packets; `take` is called in order."""

    def __init__(self, video: VideoStream, *, arrival_is_time: bool = False) -> None:
        self._arrival_is_time = arrival_is_time
        self._to_annex_b = _annex_b_filter(video)
        self.stream = _as_opened(video)
        self._tick_s = float(_CLOCK_RATE if arrival_is_time else self.stream.time_base)
        self._first_s: float | None = None
        self._last_s = 0.0

    def take(self, encoded: Encoded, *, received_at: float) -> Iterator[Packet]:
        """Yield the packets made of one of libav's; usually one."""
        if self._to_annex_b is None:
            yield self._packet(encoded, received_at)
            return
        for piece in self._to_annex_b.filter(encoded):
            piece.time_base = self.stream.time_base  # the filter may leave it out
            yield self._packet(piece, received_at)

    def _packet(self, encoded: Encoded, received_at: float) -> Packet:
        if self._arrival_is_time:
            encoded.time_base = _CLOCK_RATE
            encoded.pts = encoded.dts = int(received_at / _CLOCK_RATE)
        is_keyframe, stands_alone = encoded.is_keyframe, True
        if is_keyframe and has_parameter_sets(self.stream.codec):
            data = bytes(encoded)
            stands_alone = not needs_run_up(self.stream.codec, data)
            self._notice_parameters(encoded, data, stands_alone=stands_alone)
        return Packet(
            encoded=encoded,
            stream=self.stream,
            is_keyframe=is_keyframe,
            size_bytes=encoded.size,
            at_s=self._at_s(encoded),
            received_at=received_at,
            stands_alone=stands_alone,
        )

    def _at_s(self, encoded: Encoded) -> float:
        """Return the seconds since the first packet; a missing time is estimated by frame rate.

        libav leaves the first RTP packet without a time: it is 0.
        """
        ticks = encoded.pts if encoded.pts is not None else encoded.dts
        if ticks is None and self._first_s is None:
            ticks = 0
        if ticks is None:
            self._last_s += 1 / (self.stream.fps or _USUAL_FPS)
            return self._last_s
        seconds = ticks * self._tick_s
        if self._first_s is None:
            self._first_s = seconds
        self._last_s = seconds - self._first_s
        return self._last_s

    def _notice_parameters(self, keyframe: Encoded, data: bytes, *, stands_alone: bool) -> None:
        existing = self.stream
        found = parameter_sets(existing.codec, data)
        sequence = sequence_sets(existing.codec, found)
        if existing.width and (
            not found or sequence == sequence_sets(existing.codec, existing.extradata)
        ):
            return
        reported = replace(existing, extradata=found or existing.extradata)
        new = learned(reported, keyframe, stands_alone=stands_alone)
        if existing.width and not new.width:
            return  # damaged on its way: what its parameters say is not to be believed
        self.stream = new


def learned(stream: StreamInfo, keyframe: Encoded, *, stands_alone: bool) -> StreamInfo:
    """Return the stream with this keyframe's size; 0 x 0 if it gives no whole picture."""
    decoder = new_decoder(replace(stream, width=0, height=0))
    pictures: list[av.VideoFrame] = []
    with suppress(av.FFmpegError):
        pictures = [*decoder.decode(keyframe), *decoder.decode(None)]
    width, height = (decoder.width, decoder.height) if not stands_alone else (0, 0)
    for picture in pictures[:1]:
        if not picture.is_corrupt:
            width, height = picture.width, picture.height
    return replace(stream, width=width, height=height, has_b_frames=decoder.has_b_frames)


def _as_opened(video: VideoStream) -> StreamInfo:
    context = video.codec_context
    codec = context.codec.canonical_name
    extradata = bytes(context.extradata or b"")
    if has_parameter_sets(codec) and not is_annex_b(extradata):
        extradata = b""  # in MP4's form; the filter puts the sets into the keyframes
    rate = video.average_rate or video.guessed_rate
    return StreamInfo(
        codec=codec,
        width=context.width,
        height=context.height,
        fps=float(rate) if rate else None,
        has_b_frames=context.has_b_frames,
        extradata=extradata,
        time_base=video.time_base or _CLOCK_RATE,
    )


def _annex_b_filter(video: VideoStream) -> av.BitStreamFilterContext | None:
    codec = video.codec_context.codec.canonical_name
    extradata = bytes(video.codec_context.extradata or b"")
    if not has_parameter_sets(codec) or not extradata or is_annex_b(extradata):
        return None
    return av.BitStreamFilterContext(f"{codec}_mp4toannexb", video)
