"""Reading of fragmented MP4: boxes, complete part of a file, and samples (ISO/IEC 14496-12)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER = struct.Struct(">I4s")
_LENGTH = struct.Struct(">I")
TICKS_PER_S = 90_000

TRUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800
"""data-offset, sample-duration, sample-size, sample-flags, composition-time-offset."""
TRUN_SAMPLE = struct.Struct(">IIIi")
TRUN_HEAD = struct.Struct(">IIi")  # version and flags, sample count, data offset
_TFDT_TIME = struct.Struct(">Q")  # after version 1 and flags
_PIECE_BYTES = 256 * 1024
KEYFRAME_FLAGS = 0x02000000
OTHER_FLAGS = 0x01010000


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentSummary:
    """Fragment of a file with its position and samples. Times in ticks of 1/90000 s."""

    offset: int
    length: int
    data_offset: int
    dts: int
    samples: tuple[tuple[int, int, int, int], ...]
    """(duration, size, flags, composition offset)."""

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSummary:
    """Content of a file up to its last whole fragment."""

    init_bytes: int
    size_bytes: int
    fragments: tuple[FragmentSummary, ...]

    @property
    def packets(self) -> int:
        return sum(len(one.samples) for one in self.fragments)

    @property
    def duration_s(self) -> float:
        """Seconds from the first displayed picture to the end of the last."""
        shown = [(dts + offset, duration) for dts, duration, offset in _times(self.fragments)]
        if not shown:
            return 0.0
        first = min(pts for pts, _ in shown)
        return (max(pts + duration for pts, duration in shown) - first) / TICKS_PER_S


def read_summary(path: Path) -> SegmentSummary | None:
    """Return the whole part of a segment file; None without a whole header. Raise `OSError`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        init_bytes, offset = 0, 0
        found: list[FragmentSummary] = []
        moof: tuple[int, bytes] | None = None
        for kind, offset, length in _boxes(file, size):
            if kind == b"moov":
                init_bytes = offset + length
            elif kind == b"moof":
                file.seek(offset)
                moof = offset, file.read(length)
            elif kind == b"mdat" and moof is not None:
                found.append(_summary(moof[0], moof[1], offset + length))
                moof = None
    if not init_bytes:
        return None
    end = found[-1].end if found else init_bytes
    return SegmentSummary(init_bytes=init_bytes, size_bytes=end, fragments=tuple(found))


def run_pieces(paths: Sequence[Path]) -> Iterator[bytes]:
    """Yield the files of one run as one clip that starts at 0. Raise `OSError`.

    In the files time continues from the start of the run.
    """
    clock: ClipClock | None = None
    for path in paths:
        summary = read_summary(path)
        if summary is None or not summary.fragments:
            continue
        with path.open("rb") as file:
            if clock is None:
                clock = ClipClock(summary.fragments[0])
                yield clock.header(file.read(summary.init_bytes))
            for fragment in summary.fragments:
                file.seek(fragment.offset)
                yield clock.set_back(file.read(fragment.data_offset - fragment.offset))
                left = fragment.end - fragment.data_offset
                while left > 0 and (piece := file.read(min(left, _PIECE_BYTES))):
                    yield piece
                    left -= len(piece)


def from_zero(header: bytes, media: bytes) -> bytes:
    """Return a header with a `moof` and its `mdat` as a clip that starts at 0."""
    clock = ClipClock(_summary(0, media, len(media)))
    return clock.header(header) + clock.set_back(media)


class ClipClock:
    """Removal of the time before a clip's first picture from all its fragments."""

    def __init__(self, first: FragmentSummary) -> None:
        times = [(dts, dts + offset) for dts, _, offset in _times([first])]
        self._before = min((dts for dts, _ in times), default=0)
        # pictures shown before the keyframe lean on what is not in the film
        self._ahead = times[0][1] - self._before if times else 0

    def header(self, header: bytes) -> bytes:
        """Return the header, with an edit list if decoding starts before the first picture."""
        if not self._ahead:
            return header
        elst = struct.pack(">IIIII", 0, 1, 0, self._ahead, 0x00010000)  # to the end, at its speed
        edts = _HEADER.pack(16 + len(elst), b"edts") + _HEADER.pack(8 + len(elst), b"elst") + elst
        found = bytearray(header)
        moov, trak, tkhd = (found.find(kind) - 4 for kind in (b"moov", b"trak", b"tkhd"))
        for grows in (moov, trak):
            (length,) = _LENGTH.unpack_from(found, grows)
            _LENGTH.pack_into(found, grows, length + len(edts))
        after = tkhd + _LENGTH.unpack_from(found, tkhd)[0]
        return bytes(found[:after] + edts + found[after:])

    def set_back(self, fragment: bytes) -> bytes:
        """Return a fragment, or its head up to its data, with the shifted time."""
        head = bytearray(fragment)
        at = head.find(b"tfdt") + 8
        (dts,) = _TFDT_TIME.unpack_from(head, at)
        _TFDT_TIME.pack_into(head, at, max(0, dts - self._before))
        return bytes(head)


def find_box(data: bytes, *path: bytes) -> bytes | None:
    """Return the content of a nested box, as in `find_box(moov, b"trak", b"mdia")`, or None."""
    for kind in path:
        for name, start, end in _inner(data):
            if name == kind:
                data = data[start:end]
                break
        else:
            return None
    return data


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, offset, length) of the whole boxes of a file."""
    offset = 0
    while offset + _HEADER.size <= size:
        file.seek(offset)
        length, kind = _HEADER.unpack(file.read(_HEADER.size))
        if length < _HEADER.size or offset + length > size:
            return
        yield kind, offset, length
        offset += length


def _inner(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            return
        yield kind, at + _HEADER.size, at + length
        at += length


def _summary(offset: int, moof: bytes, end: int) -> FragmentSummary:
    content = moof[_HEADER.size :]
    tfdt = find_box(content, b"traf", b"tfdt") or b""
    trun = find_box(content, b"traf", b"trun") or b""
    _, count, data_offset = TRUN_HEAD.unpack_from(trun)
    samples = tuple(
        TRUN_SAMPLE.unpack_from(trun, TRUN_HEAD.size + number * TRUN_SAMPLE.size)
        for number in range(count)
    )
    return FragmentSummary(
        offset=offset,
        length=end - offset,
        data_offset=offset + data_offset,
        dts=struct.unpack_from(">IQ", tfdt)[1],
        samples=samples,
    )


def _times(fragments: Sequence[FragmentSummary]) -> Iterator[tuple[int, int, int]]:
    """Yield (dts, duration, composition offset) of every sample."""
    for fragment in fragments:
        dts = fragment.dts
        for duration, _, _, offset in fragment.samples:
            yield dts, duration, offset
            dts += duration
