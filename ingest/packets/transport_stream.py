"""H.264 packets as an MPEG transport stream for network readers.

Used on one thread at a time.
"""

import io
from fractions import Fraction

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Encoded, Packet

FORMAT = "mpegts"
_TICKS = Fraction(1, 90_000)


class TransportStream:
    """Transport stream from the first keyframe on."""

    def __init__(self) -> None:
        self._pieces = _Pieces()
        self._container = av.open(
            self._pieces, "w", format=FORMAT, options={"flush_packets": "1", "pat_period": "0.5"}
        )
        self._out: Stream | None = None
        self._last_ticks = -1

    def take(self, packet: Packet) -> bytes:
        """Return the stream's next bytes; empty before the first keyframe. Raise `ClipError`."""
        if self._out is None and not packet.is_keyframe:
            return b""
        try:
            self._out = self._out or self._begun(packet)
            self._container.mux_one(self._timed(packet, self._out))
        except (av.FFmpegError, ValueError) as error:
            raise ClipError(f"the stream could not be written: {error}") from error
        return self._pieces.drained()

    def close(self) -> None:
        """Release libav's resources."""
        self._container.close()

    def _begun(self, keyframe: Packet) -> Stream:
        head = io.BytesIO(bytes(keyframe.encoded))
        with open_container(head, format=keyframe.stream.codec) as raw:
            out = self._container.add_stream_from_template(_only_video(raw))
        out.time_base = _TICKS
        return out

    def _timed(self, packet: Packet, out: Stream) -> Encoded:
        copy: Encoded = av.Packet(bytes(packet.encoded))
        self._last_ticks = max(self._last_ticks + 1, round(packet.at_s / _TICKS))
        copy.stream, copy.time_base = out, _TICKS
        copy.pts = copy.dts = self._last_ticks
        copy.is_keyframe = packet.is_keyframe
        return copy


class _Pieces(io.RawIOBase):
    """Output of libav until it is drained; not seekable."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # libav hands over a buffer of its own
        self._held.append(piece)
        return len(piece)

    def drained(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


def _only_video(raw: InputContainer) -> VideoStream:
    return raw.streams.video[0]
