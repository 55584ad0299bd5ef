"""What the tests of recording share: packets of a camera, and what is found on the disk."""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from thapcanh.ingest.packets.annex_b import nal_units
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.boxes import read_summary
from thapcanh.ingest.recording.camera_recording import CameraRecording
from thapcanh.ingest.recording.index import RecordingIndex
from thapcanh.ingest.recording.journal import IndexJournal
from thapcanh.ingest.recording.segment_writer import RecordingCounts
from thapcanh.ingest.recording.timeline import RecordingSegment

BEGAN_S = 1_795_568_400.0  # UTC
CAMERA = "hb-001"


class RecordedCamera:
    """One camera's recording, driven by hand."""

    def __init__(self, folder: Path, camera_id: str = CAMERA) -> None:
        self.folder = folder
        self.counts = RecordingCounts()
        self.journal = IndexJournal(folder)
        self.recording = CameraRecording(camera_id, folder, self.journal, self.counts)
        self.recording.begin(BEGAN_S, None, None)

    def take(self, packets: Iterable[Packet]) -> None:
        for packet in packets:
            self.recording.take(packet, BEGAN_S + packet.at_s)

    def index(self) -> RecordingIndex:
        assert self.journal.flush() is None
        return self.journal.index()

    def segments(self) -> list[RecordingSegment]:
        return self.index().segments(CAMERA, 0.0, 1e11)

    def gaps(self) -> list[tuple[str, float, float | None]]:
        return [
            (
                str(gap.reason),
                round(gap.from_s - BEGAN_S, 2),
                None if gap.to_s is None else round(gap.to_s - BEGAN_S, 2),
            )
            for gap in self.index().gaps(CAMERA, 0.0, 1e11)
        ]


def later(packets: Sequence[Packet], by_s: float, *, is_new_stream: bool = False) -> list[Packet]:
    """The same packets again, so many seconds later; of another connection if wanted."""
    stream = replace(packets[0].stream) if is_new_stream else packets[0].stream
    return [replace(one, at_s=one.at_s + by_s, stream=stream) for one in packets]


def many(packets: Sequence[Packet], times: int, each_s: float) -> list[Packet]:
    """The packets so many times, one after the other."""
    return [one for number in range(times) for one in later(packets, number * each_s)]


def source_hashes(packets: Iterable[Packet]) -> list[str]:
    """One hash a packet, of its NAL units."""
    return [_hash(nal_units(bytes(one.encoded))) for one in packets]


def stored_hashes(folder: Path, segments: Iterable[RecordingSegment]) -> list[str]:
    return [
        _hash(units_of(one)) for segment in segments for one in samples_of(folder / segment.path)
    ]


def samples_of(path: Path) -> Iterator[bytes]:
    """The samples (length-prefixed NAL units) of whole fragments, in decoding order."""
    summary = read_summary(path)
    if summary is None:
        return
    with path.open("rb") as file:
        for fragment in summary.fragments:
            file.seek(fragment.data_offset)
            for _, size, _, _ in fragment.samples:
                yield file.read(size)


def units_of(sample: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 <= len(sample):
        (length,) = struct.unpack_from(">I", sample, at)
        yield sample[at + 4 : at + 4 + length]
        at += 4 + length


def _hash(units: Iterable[bytes]) -> str:
    return hashlib.sha256(b"|".join(units)).hexdigest()
