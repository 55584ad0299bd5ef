"""Segment writer of one camera: segments of about 10 s, fragments of about a second.

A disk error raises `SegmentWriteFailed`; what was written stays. Used on the recorder's thread.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.recording.boxes import TICKS_PER_S
from thapcanh.ingest.recording.fragments import (
    DecodingTimes,
    FragmentSample,
    KeyframeDamaged,
    SegmentHeader,
    fragment,
    sample_of,
    segment_header,
    sets_of,
)
from thapcanh.ingest.recording.journal import IndexJournal
from thapcanh.ingest.recording.segment_file import SegmentFile, SegmentName
from thapcanh.ingest.recording.timeline import RecordingSegment

SEGMENT_S = 10.0
FRAGMENT_S = 1.0
LONGEST_GROUP_S = 30.0
"""Reordered pictures are written a whole group at a time, but no more than this is held."""
JUMP_S = 5.0
"""Packets further apart do not continue each other."""
_USUAL_STEP = TICKS_PER_S // 25
_REORDER_ROOM = 2 * TICKS_PER_S  # decoding times are before the times shown, and not below zero

log = logging.getLogger(__name__)


class SegmentWriteFailed(Exception):
    """Disk error, with the number of accepted packets that are not stored."""

    def __init__(self, error: OSError, packets: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.packets = packets


@dataclass(slots=True)
class RecordingCounts:
    """Sums over the cameras of a worker since its start."""

    packets_in: int = 0
    packets_stored: int = 0
    packets_lost: int = 0
    bytes_stored: int = 0
    segments: int = 0
    gaps: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    """Packets without a break, readable by one decoder."""

    stream: StreamInfo
    header: SegmentHeader
    name: str
    origin_s: float
    times: DecodingTimes = field(default_factory=DecodingTimes)
    step: int = _USUAL_STEP
    last_pts: int = 0

    def ticks(self, at_s: float) -> int:
        return round((at_s - self.origin_s) * TICKS_PER_S) + _REORDER_ROOM

    @property
    def is_reordered(self) -> bool:
        return self.stream.has_b_frames or self.times.ahead > 0


@dataclass(slots=True)
class _Open:
    """Segment being written."""

    file: SegmentFile
    from_s: float
    first_pts: int
    end_pts: int
    packets: int = 0
    fragments: int = 0


class SegmentWriter:
    """Writer of one camera's runs. Times are UTC unix seconds."""

    def __init__(
        self, camera_id: str, folder: Path, journal: IndexJournal, counts: RecordingCounts
    ) -> None:
        self._camera_id = camera_id
        self._folder = folder
        self._journal = journal
        self._counts = counts
        self._run: _Run | None = None
        self._known: tuple[bytes, SegmentHeader] | None = None  # parameter sets, and their header
        self._segment: _Open | None = None
        self._waiting: list[FragmentSample] = []
        self.last_end_s: float | None = None
        """Until when something was stored."""

    @property
    def is_running(self) -> bool:
        return self._run is not None

    def continues(self, packet: Packet) -> bool:
        run = self._run
        if run is None:
            return False
        ahead = run.ticks(packet.at_s) - run.last_pts
        is_jump = abs(ahead) > JUMP_S * TICKS_PER_S and run.last_pts > 0
        return packet.stream is run.stream and not is_jump

    def begin(self, keyframe: Packet, utc_s: float) -> None:
        """Open a run and its first segment. Raises `HeaderUnusable` or `SegmentWriteFailed`."""
        run = _Run(
            stream=keyframe.stream,
            header=self._header(keyframe),
            name=f"{round(utc_s * 1000):x}",
            origin_s=keyframe.at_s,
        )
        self._segment = self._opened(run, run.ticks(keyframe.at_s), utc_s)
        self._run = run

    def add(self, packet: Packet, utc_s: float) -> None:
        """Add the run's next packet. Raise `SegmentWriteFailed`; then the run is over."""
        run, segment = self._run, self._segment
        if run is None or segment is None:
            raise RuntimeError("no run is open")
        pts = run.ticks(packet.at_s)
        waits = pts - self._waiting[0].pts if self._waiting else 0
        longest_s = LONGEST_GROUP_S if run.is_reordered else FRAGMENT_S
        if packet.is_keyframe or waits >= longest_s * TICKS_PER_S:
            self._write_waiting(run, segment, pts)
        if packet.is_keyframe and pts - segment.first_pts >= SEGMENT_S * TICKS_PER_S:
            self._finish(run)
            self._next_segment(run, pts, utc_s)
        if pts > run.last_pts:
            run.step, run.last_pts = min(pts - run.last_pts, TICKS_PER_S), pts
        self._waiting.append(sample_of(packet, pts))

    def _header(self, keyframe: Packet) -> SegmentHeader:
        """Return the header; for a damaged keyframe an earlier one with equal parameter sets."""
        sets = sets_of(keyframe)
        try:
            header = segment_header(keyframe)
        except KeyframeDamaged:
            if sets and self._known is not None and self._known[0] == sets:
                return self._known[1]
            raise
        self._known = (sets, header)
        return header

    def end(self) -> None:
        """Finish what is open, so that nothing continues it. Raises `SegmentWriteFailed`."""
        run, segment, waiting = self._run, self._segment, self._waiting
        if run is None:
            return
        if segment is not None and waiting:
            self._write_waiting(run, segment, max(one.pts for one in waiting) + run.step)
        self._finish(run)
        self._run = None

    def _opened(self, run: _Run, pts: int, utc_s: float) -> _Open:
        name = SegmentName(camera_id=self._camera_id, from_ms=round(utc_s * 1000), run=run.name)
        try:
            self._journal.disk.require()
            file = SegmentFile(self._folder, name, run.header.data)
        except OSError as error:
            raise SegmentWriteFailed(error, 0) from error
        return _Open(file=file, from_s=utc_s, first_pts=pts, end_pts=pts)

    def _next_segment(self, run: _Run, pts: int, utc_s: float) -> None:
        try:
            self._segment = self._opened(run, pts, utc_s)
        except SegmentWriteFailed:
            self._run = None
            raise

    def _write_waiting(self, run: _Run, segment: _Open, end_pts: int) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        times = run.times.of([sample.pts for sample in waiting])
        data = fragment(waiting, times, end_pts - run.times.ahead, segment.fragments + 1)
        try:
            segment.file.write(data)
        except OSError as error:
            self._finish(run)
            self._run = None
            raise SegmentWriteFailed(error, len(waiting)) from error
        segment.fragments += 1
        segment.packets += len(waiting)
        segment.end_pts = max(segment.end_pts, end_pts)
        self._counts.packets_stored += len(waiting)
        self._counts.bytes_stored += len(data)

    def _finish(self, run: _Run) -> None:
        """Complete the open segment unless it is empty."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        if not segment.packets:
            segment.file.discard()
            return
        try:
            segment.file.close()
        except OSError as error:  # the fragments are there, or a recovery cuts them
            log.warning("camera %s: %s", self._camera_id, error)
        name = segment.file.name
        self.last_end_s = segment.from_s + (segment.end_pts - segment.first_pts) / TICKS_PER_S
        self._counts.segments += 1
        self._journal.finished(
            RecordingSegment(
                camera_id=self._camera_id,
                from_s=segment.from_s,
                to_s=self.last_end_s,
                run=name.run,
                path=name.final,
                init_bytes=segment.file.init_bytes,
                size_bytes=segment.file.size_bytes,
                packets=segment.packets,
                codec=run.header.codec,
            ),
            name,
        )
