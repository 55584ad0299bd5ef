"""Recording of one camera, with a named gap for everything not stored.

Used on the recorder's thread; disk errors never raise. Times are UTC unix seconds.
"""

import errno
import logging
from pathlib import Path

from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.fragments import RECORDED_CODECS, HeaderUnusable, KeyframeDamaged
from thapcanh.ingest.recording.index import gap_closed, gap_dropped, gap_opened, recorded_since
from thapcanh.ingest.recording.journal import IndexJournal
from thapcanh.ingest.recording.segment_writer import (
    RecordingCounts,
    SegmentWriteFailed,
    SegmentWriter,
)
from thapcanh.ingest.recording.timeline import GapReason, RecordingGap

SILENT_AFTER_S = 5.0
"""Nothing for so long: the camera is taken to be offline."""
SETTLE_S = 15.0
"""After a start, what was missing before goes on until the camera's first packet."""
RETRY_S = 5.0
CONTINUED_S = 0.2
"""New parameters make another run; nothing is missing between the two."""

_REPORTED_AT_THE_END = frozenset(
    {GapReason.WORKER_STOPPED, GapReason.RECORDING_OFF, GapReason.WORKER_LOST}
)

log = logging.getLogger(__name__)


class CameraRecording:
    """Recording state of one camera: either a run is open or a gap is, from `begin` to `end`."""

    def __init__(
        self, camera_id: str, folder: Path, journal: IndexJournal, counts: RecordingCounts
    ) -> None:
        self.camera_id = camera_id
        self._journal = journal
        self._counts = counts
        self._writer = SegmentWriter(camera_id, folder, journal, counts)
        self._gap: RecordingGap | None = None
        self._gap_packets = 0
        self._newest_s = 0.0
        self._came = False  # something, since the last tick
        self._silent_since_s = 0.0
        self._settles_at_s: float | None = None
        self._retry_at_s = 0.0
        self._is_blocked = False

    @property
    def gap(self) -> RecordingGap | None:
        return self._gap

    def begin(
        self,
        now_s: float,
        left: RecordingGap | None,
        last_end_s: float | None,
        left_observed_s: float | None = None,
    ) -> None:
        """Start recording; the arguments are what the index holds.

        `left_observed_s` is until when a recorder knew of the gap `left`; after that time the gap's
        reason is the kill of the process.
        """
        self._journal.note(recorded_since(self.camera_id, now_s))
        self._newest_s = self._silent_since_s = now_s
        self._writer.last_end_s = last_end_s
        if left is not None:
            self._gap, self._gap_packets = left, left.packets
            if left_observed_s is not None and left.reason not in _REPORTED_AT_THE_END:
                self._close_gap(max(left_observed_s, left.from_s))
                self._open_gap(GapReason.WORKER_LOST, max(left_observed_s, left.from_s))
        elif last_end_s is not None and last_end_s < now_s:
            self._open_gap(GapReason.WORKER_LOST, last_end_s)
        else:
            self._open_gap(GapReason.CAMERA_OFFLINE, now_s)
            return
        self._settles_at_s = now_s

    def take(self, packet: Packet, utc_s: float) -> None:
        """Record a packet; `utc_s` is its time of display."""
        self._counts.packets_in += 1
        self._newest_s, self._came = utc_s, True
        if self._writer.is_running and not self._writer.continues(packet):
            self._interrupt(GapReason.CAMERA_OFFLINE, utc_s)
        if not self._writer.is_running and not self._begin_run(packet, utc_s):
            self._miss(1)
            return
        try:
            self._writer.add(packet, utc_s)
        except SegmentWriteFailed as failure:
            self._fail(failure, utc_s)
            self._miss(1)

    def lose(self, reason: GapReason, from_s: float, packets: int) -> None:
        """Count packets that were lost before they arrived, from `from_s` on."""
        self._counts.packets_in += packets
        self._interrupt(reason, from_s)
        self._miss(packets)

    def tick(self, now_s: float) -> None:
        """Check for missing packets."""
        self._silent_since_s = min(self._silent_since_s, now_s)  # the clock may be put back
        start_s = self._settles_at_s
        if start_s is not None and now_s - start_s > SETTLE_S:
            self._settles_at_s = None
            self._close_gap(start_s)
            self._open_gap(GapReason.CAMERA_OFFLINE, start_s)
        if self._came:
            self._came, self._silent_since_s = False, now_s
        elif self._gap is None and now_s - self._silent_since_s > SILENT_AFTER_S:
            self._interrupt(GapReason.CAMERA_OFFLINE, self._newest_s)

    def block(self, reason: GapReason, now_s: float) -> None:
        """Store nothing until `unblock`."""
        self._is_blocked = True
        self._interrupt(reason, now_s)

    def unblock(self) -> None:
        """Store again from the next keyframe on."""
        self._is_blocked = False

    def end(self, reason: GapReason, now_s: float) -> None:
        self._interrupt(reason, now_s)

    def _begin_run(self, packet: Packet, utc_s: float) -> bool:
        if packet.stream.codec not in RECORDED_CODECS:
            self._interrupt(GapReason.CODEC_UNSUPPORTED, utc_s)
            return False
        rests = 0 < self._retry_at_s - utc_s <= RETRY_S  # more: the clock was put back
        if not packet.is_keyframe or self._is_blocked or rests:
            return False
        try:
            self._writer.begin(packet, utc_s)
        except HeaderUnusable as error:
            log.debug("camera %s: %s", self.camera_id, error)
            damaged = isinstance(error, KeyframeDamaged)
            self._interrupt(
                GapReason.DATA_DAMAGED if damaged else GapReason.CODEC_UNSUPPORTED, utc_s
            )
            return False
        except SegmentWriteFailed as failure:
            self._fail(failure, utc_s)
            return False
        self._settles_at_s = None
        self._close_gap(utc_s)
        return True

    def _interrupt(self, reason: GapReason, from_s: float) -> None:
        """Close the run and open a gap from its end; the reason applies from `from_s`."""
        try:
            self._writer.end()
        except SegmentWriteFailed as failure:
            self._fail(failure, from_s)
        if self._gap is not None:
            if self._gap.reason is reason:
                return
            from_s = max(from_s, self._gap.from_s)
            self._close_gap(from_s)
        elif self._writer.last_end_s is not None:
            from_s = self._writer.last_end_s
        self._settles_at_s = None
        self._open_gap(reason, from_s)

    def _fail(self, failure: SegmentWriteFailed, now_s: float) -> None:
        """End the run after a disk error; the next one is tried after a while."""
        full = failure.error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = GapReason.DISK_FULL if full else GapReason.WRITE_FAILED
        if self._gap is None or self._gap.reason is not reason:
            log.error("camera %s: recording: %s: %s", self.camera_id, reason, failure)
        self._retry_at_s = now_s + RETRY_S
        self._interrupt(reason, now_s)
        self._miss(failure.packets)

    def _miss(self, packets: int) -> None:
        self._counts.packets_lost += packets
        self._gap_packets += packets

    def _open_gap(self, reason: GapReason, from_s: float) -> None:
        self._gap = RecordingGap(from_s=from_s, to_s=None, reason=reason)
        self._gap_packets = 0
        self._counts.gaps[reason] = self._counts.gaps.get(reason, 0) + 1
        self._journal.note(gap_opened(self.camera_id, self._gap))

    def _close_gap(self, to_s: float) -> None:
        gap, packets = self._gap, self._gap_packets
        self._gap, self._gap_packets = None, 0
        if gap is None:
            return
        if packets or to_s - gap.from_s > CONTINUED_S:
            self._journal.note(gap_closed(self.camera_id, to_s, packets))
            return
        self._counts.gaps[gap.reason] -= 1
        self._journal.note(gap_dropped(self.camera_id))
