"""Fragmented MP4 writer: a header per segment, then fragments of about a second."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
from av.stream import Stream
from av.video.stream import VideoStream

from thapcanh.ingest.packets.annex_b import nal_units, parameter_sets
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.boxes import (
    KEYFRAME_FLAGS,
    OTHER_FLAGS,
    TICKS_PER_S,
    TRUN_FLAGS,
    TRUN_HEAD,
    TRUN_SAMPLE,
    find_box,
)

RECORDED_CODECS = frozenset({"h264", "hevc"})
_TICKS = Fraction(1, TICKS_PER_S)
_TFHD = struct.pack(">II", 0x020000, 1)  # default-base-is-moof; track 1
_LENGTH = struct.Struct(">I")


class HeaderUnusable(Exception):
    """Stream for which no header can be made."""


class KeyframeDamaged(HeaderUnusable):
    """Error for a keyframe that lost data, so that no decoder can start with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentHeader:
    """First bytes of a segment, and its codec string (RFC 6381)."""

    data: bytes
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentSample:
    """Packet in MP4's form. `pts` in ticks of 1/90000 s."""

    data: bytes
    pts: int
    is_keyframe: bool


def segment_header(keyframe: Packet) -> SegmentHeader:
    """Return the header of a segment that starts with `keyframe`.

    Raise `KeyframeDamaged`, or another `HeaderUnusable`.
    """
    data = bytes(keyframe.encoded)
    if not parameter_sets(keyframe.stream.codec, data):
        data = keyframe.stream.extradata + data
    try:
        raw = open_container(io.BytesIO(data), format=keyframe.stream.codec)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise KeyframeDamaged(f"the keyframe cannot be read: {error}") from error
    with raw:
        video = raw.streams.video[0]
        if not video.codec_context.width:
            raise KeyframeDamaged("the keyframe cannot be decoded")
        header = _whole_boxes(_header_of(video, keyframe.stream.codec))
    return SegmentHeader(data=header, codec=codec_name(header))


def sets_of(keyframe: Packet) -> bytes:
    """Return the keyframe's parameter sets; equal sets give an equal header."""
    codec = keyframe.stream.codec
    return parameter_sets(codec, bytes(keyframe.encoded)) or keyframe.stream.extradata


def _header_of(video: VideoStream, codec: str) -> bytes:
    out = io.BytesIO()
    flags = {"movflags": "empty_moov+default_base_moof+frag_custom"}
    try:
        with av.open(out, "w", format="mp4", options=flags) as container:
            stream = container.add_stream_from_template(video)
            _prepare(stream, codec)
            container.start_encoding()
            return out.getvalue()
    except (av.FFmpegError, ValueError, OSError) as error:
        raise HeaderUnusable(f"no header can be made of its keyframe: {error}") from error


def sample_of(packet: Packet, pts: int) -> FragmentSample:
    """Return the packet with lengths in place of start codes."""
    pieces: list[bytes] = []
    for unit in nal_units(bytes(packet.encoded)):
        pieces.append(_LENGTH.pack(len(unit)))
        pieces.append(unit)
    return FragmentSample(data=b"".join(pieces), pts=pts, is_keyframe=packet.is_keyframe)


def fragment(
    samples: Sequence[FragmentSample], times: Sequence[int], end: int, number: int
) -> bytes:
    """`moof` and `mdat` of the samples. `times` are their decoding times, `end` what follows."""
    ends = [*times[1:], max(end, times[-1] + 1)]
    entries = b"".join(
        TRUN_SAMPLE.pack(
            until - dts,
            len(sample.data),
            KEYFRAME_FLAGS if sample.is_keyframe else OTHER_FLAGS,
            sample.pts - dts,
        )
        for sample, dts, until in zip(samples, times, ends, strict=True)
    )
    tfdt = _box(b"tfdt", struct.pack(">IQ", 0x01000000, times[0]))
    length = 8 + 16 + 8 + 8 + len(_TFHD) + len(tfdt) + 8 + TRUN_HEAD.size + len(entries)
    head = TRUN_HEAD.pack(0x01000000 | TRUN_FLAGS, len(samples), length + 8)
    traf = _box(b"traf", _box(b"tfhd", _TFHD) + tfdt + _box(b"trun", head + entries))
    moof = _box(b"moof", _box(b"mfhd", struct.pack(">II", 0, number)) + traf)
    return moof + _box(b"mdat", b"".join(sample.data for sample in samples))


class DecodingTimes:
    """Rising decoding times for presentation times in decoding order, over a run.

    RTSP carries none. Sorted presentation times, moved ahead by the reordering depth, are valid.
    """

    def __init__(self) -> None:
        self.ahead = 0
        """The reordering depth seen so far, in ticks."""
        self._last = -1

    def of(self, pts: Sequence[int]) -> list[int]:
        """Return the decoding times of the next packets: whole groups if they are reordered."""
        shown = sorted(pts)
        self.ahead = max(self.ahead, *(early - own for early, own in zip(shown, pts, strict=True)))
        times = []
        for early in shown:
            self._last = max(early - self.ahead, self._last + 1)
            times.append(self._last)
        return times


def codec_name(header: bytes) -> str:
    """Return the codec string (RFC 6381) of a segment's header."""
    moov = header[header.find(b"moov") + 4 :]
    stsd = find_box(moov, b"trak", b"mdia", b"minf", b"stbl", b"stsd") or b""
    entry = stsd[8 + 8 + 78 :]  # the entry's own head, and a VisualSampleEntry's fields
    avcc = find_box(entry, b"avcC")
    if avcc is not None:
        return f"avc1.{avcc[1:4].hex()}"
    hvcc = find_box(entry, b"hvcC") or bytes(13)
    profile, compatible = hvcc[1] & 0x1F, int.from_bytes(hvcc[2:6], "big")
    tier = "H" if hvcc[1] & 0x20 else "L"
    reversed_bits = int(f"{compatible:032b}"[::-1], 2)
    constraints = [f"{byte:X}" for byte in hvcc[6:12].rstrip(b"\x00")]
    return ".".join(["hvc1", str(profile), f"{reversed_bits:X}", f"{tier}{hvcc[12]}", *constraints])


def _box(kind: bytes, content: bytes) -> bytes:
    return _LENGTH.pack(8 + len(content)) + kind + content


def _prepare(stream: Stream, codec: str) -> None:
    if codec == "hevc":
        stream.codec_context.codec_tag = "hvc1"  # Safari refuses FFmpeg's usual hev1
    stream.time_base = _TICKS


def _whole_boxes(data: bytes) -> bytes:
    """`ftyp` and `moov`; libav may have written more."""
    end = data.find(b"moov") - 4
    if end < 0:
        raise HeaderUnusable("libav wrote no header")
    return data[: end + _LENGTH.unpack_from(data, end)[0]]
