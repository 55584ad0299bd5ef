"""Scripted source for tests, without network and files."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Ended, SourceError
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.sources.connection import Connection

Picture: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackScript:
    """Successful opening: yields the packets, then fails with `then`.

    `hold`: wait until it is set (or its limit passes) before failing, like a stalled stream.
    """

    packets: Sequence[Packet]
    then: SourceError | None = None
    live: bool = False
    hold: threading.Event | None = None
    hold_at_most_s: float = 10.0


Act: TypeAlias = SourceError | PlaybackScript


class FakeSource:
    """An `OpenSource` that follows a script and counts its openings."""

    def __init__(self, script: Sequence[Act]) -> None:
        if not script:
            raise ValueError("a script has at least one act")
        self._script = list(script)
        self.opened = 0

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        """Open: raises the act's error or gives a connection that plays it."""
        act = self._script[min(self.opened, len(self._script) - 1)]
        self.opened += 1
        if isinstance(act, SourceError):
            raise act
        return _opened(_FakeConnection(act, str(url)))


class _FakeConnection:
    transport = None

    def __init__(self, act: PlaybackScript, shown: str) -> None:
        self._act = act
        self._shown = shown
        self._stream = replace(act.packets[0].stream)  # each connection is a stream of its own

    @property
    def stream(self) -> StreamInfo:
        return self._stream

    @property
    def live(self) -> bool:
        return self._act.live

    def __iter__(self) -> Iterator[Packet]:
        first = self._act.packets[0].stream
        for packet in self._act.packets:
            stream = self._stream if packet.stream is first else packet.stream
            yield replace(packet, stream=stream, received_at=time.time())
        if self._act.hold is not None:
            self._act.hold.wait(self._act.hold_at_most_s)
        raise self._act.then or Ended(self._shown)


@contextmanager
def _opened(connection: _FakeConnection) -> Iterator[Connection]:
    yield connection


def moving_square(number: int, width: int = 320, height: int = 240) -> Picture:
    """Return a grey picture, (h, w, 3) RGB, with a bright square that moves with `number`."""
    picture = np.full((height, width, 3), 60, np.uint8)
    side = height // 5
    left = number * 7 % (width - side)
    picture[side : 2 * side, left : left + side] = (250, 140, 20)
    return picture


def synthetic_packets(
    count: int = 30,
    *,
    fps: int = 15,
    keyframe_every: int = 15,
    codec: str = "libx264",
    picture: Callable[[int], Picture] = moving_square,
    options: Mapping[str, str] | None = None,
) -> list[Packet]:
    """Return `count` packets in decoding order, encoded without B-frames.

    `options` replace the encoder's usual ones.
    """
    encoder = av.VideoCodecContext.create(codec, "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError(f"{codec} is not a video encoder")
    first = picture(0)
    encoder.height, encoder.width = first.shape[:2]
    encoder.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.gop_size, encoder.max_b_frames = keyframe_every, 0
    if codec == "libx264":
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    if codec == "libx265":
        limits = f"keyint={keyframe_every}:min-keyint={keyframe_every}:scenecut=0:bframes=0:crf=20"
        encoder.options = {"preset": "ultrafast", "x265-params": f"{limits}:log-level=none"}
    if options is not None:
        encoder.options = dict(options)
    encoded: list[av.Packet[av.VideoStream]] = []
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, fps)
        encoded += encoder.encode(frame)
    encoded += encoder.encode(None)
    stream = StreamInfo(
        codec=encoder.codec.canonical_name,
        width=encoder.width,
        height=encoder.height,
        fps=float(fps),
        has_b_frames=False,
        extradata=b"",
        time_base=Fraction(1, fps),
    )
    return [_as_packet(one, stream) for one in encoded]


def _as_packet(encoded: "av.Packet[av.VideoStream]", stream: StreamInfo) -> Packet:
    return Packet(
        encoded=encoded,
        stream=stream,
        is_keyframe=encoded.is_keyframe,
        size_bytes=encoded.size,
        at_s=float((encoded.pts or 0) * stream.time_base),
        received_at=0.0,
    )
