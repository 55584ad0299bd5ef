"""Recorder of a worker's cameras: a thread between a packet queue and a disk.

Cameras' threads never wait for the disk.
"""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thapcanh.ingest.clock import Clock
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.camera_recording import CameraRecording
from thapcanh.ingest.recording.disk import DiskRefusal, RecordingDisk
from thapcanh.ingest.recording.index import gap_extended
from thapcanh.ingest.recording.journal import IndexJournal
from thapcanh.ingest.recording.packet_queue import PacketQueue, QueuedPacket
from thapcanh.ingest.recording.rebuild import IndexRebuild
from thapcanh.ingest.recording.retention import HoldUnreadable, RecordingLimits
from thapcanh.ingest.recording.segment_file import left_parts
from thapcanh.ingest.recording.segment_writer import RecordingCounts
from thapcanh.ingest.recording.store.store_retention import tidy
from thapcanh.ingest.recording.timeline import GapReason
from thapcanh.ingest.stoppable_thread import StoppableThread

TICK_S = 0.5
CHECK_S = 2.0
"""Between two looks at the free room, and at cameras that say nothing."""
GAPS_SEEN_S = 10.0
"""Between two words to the index that a gap goes on: so exactly is a kill dated."""
TIDY_S = 60.0
STALLED_S = 3.0
"""One round that takes so long hangs in the disk."""
STALLED_RECENTLY_S = 60.0
STOP_WITHIN_S = 5.0
TROUBLE = frozenset(
    {
        GapReason.DISK_FULL,
        GapReason.DISK_MISSING,
        GapReason.WRITE_FAILED,
        GapReason.OVERLOADED,
        GapReason.DISK_STALLED,
        GapReason.CODEC_UNSUPPORTED,
        GapReason.DATA_DAMAGED,
    }
)
"""Gaps that somebody must do something about; a camera that is offline is told of already."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderLimits:
    """Limits of the queue and of the disk."""

    queue_bytes: int = 64_000_000
    kept: RecordingLimits = field(default_factory=RecordingLimits)


class PacketRecorder:
    """Recorder of one worker's folder. `offer` and `figures` are thread-safe."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        limits: RecorderLimits | None = None,
        *,
        remembered: Path | None = None,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        """`remembered`: the file that knows the folder's disk."""
        self.folder = folder
        self._disk = RecordingDisk(folder, remembered)
        self._refused: DiskRefusal | None = None
        self._waiting: dict[str, float] = {}  # cameras that wait for the disk, and since when
        self._clock = clock
        self._limits = limits or RecorderLimits()
        self._free_bytes = free_bytes
        self._queue = PacketQueue(self._limits.queue_bytes)
        self._journal = IndexJournal(folder, self._disk)
        self._counts = RecordingCounts()
        self._cameras: dict[str, CameraRecording] = {}
        self._wanted: frozenset[str] = frozenset()
        self._rebuild: IndexRebuild | None = None
        self._round_since: float | None = None
        self._checked_at = self._tidied_at = self._stalled_at = float("-inf")
        self._gaps_seen_at = float("-inf")
        self._index_error: str | None = None
        self.is_full = False
        """Nothing is written: too little room, and nothing may be deleted."""
        self._thread = StoppableThread(self._run, "recorder", clock)

    def stop(self) -> bool:
        """Write what waits and stop; return False if the disk does not allow it."""
        return self._thread.stop(STOP_WITHIN_S)

    def record(self, camera_ids: Collection[str]) -> None:
        """Record these cameras and no others; the first call starts the thread."""
        self._wanted = frozenset(camera_ids)
        if self._wanted:
            self._thread.start()

    def offer(self, camera_id: str, packet: Packet, utc_s: float) -> None:
        """Queue a camera's packet, on its thread; `utc_s` is its time of display."""
        if camera_id in self._wanted:
            self._queue.offer(camera_id, packet, utc_s)

    def figures(self) -> dict[str, Any]:
        """Return sums, and the cameras that are not recorded now with the reason."""
        stalled_s = self._busy_s()
        missing = {
            camera_id: str(one.gap.reason)
            for camera_id, one in list(self._cameras.items())
            if one.gap is not None and one.gap.reason in TROUBLE
        }
        missing |= dict.fromkeys(list(self._waiting), str(GapReason.DISK_MISSING))
        losing = GapReason.DISK_STALLED if stalled_s >= STALLED_S else GapReason.OVERLOADED
        missing |= {camera_id: str(losing) for camera_id in self._queue.losses()}
        known_by = self._refused and self._refused.known_by
        return {
            **asdict(self._counts),
            "cameras": len(self._wanted),
            "queue_bytes": self._queue.size_bytes,
            "missing": missing,
            "stalled_s": round(stalled_s, 1) if stalled_s >= STALLED_S else 0.0,
            "error": self._index_error,
            "disk_missing": [str(self.folder), str(known_by)] if known_by else None,
        }

    def _busy_s(self) -> float:
        """Return the seconds that the present cycle has run."""
        since = self._round_since
        return 0.0 if since is None else self._clock.monotonic() - since

    def _run(self) -> None:
        while not self._thread.pause(TICK_S):
            self._round_since = self._clock.monotonic()
            try:
                self._round()
            except Exception:  # the outermost line of this thread
                log.exception("recording: a fault of ours; it goes on")
            self._round_since = None
        self._end()

    def _round(self) -> None:
        self._find_disk()
        self._follow_wanted()
        while (queued := self._queue.take()) is not None:
            self._store(queued)
            self._step_ended()
        if self._refused is not None:
            return
        now = self._clock.monotonic()
        if now - self._checked_at >= CHECK_S:
            self._checked_at = now
            self._check()
        self._tell_index_error(self._journal.flush())
        self._step_ended()

    def _find_disk(self) -> None:
        """Leave the folder alone while the right disk is not mounted."""
        refused, before = self._disk.refusal(), self._refused
        if refused is not None:
            self._tell_index_error(refused.told)
            if before is None:
                for one in self._cameras.values():
                    one.block(refused.reason, self._clock.utc())
                self._let_go()
        elif before is not None:
            log.warning("recording: %s holds its disk again", self.folder)
            self._checked_at = float("-inf")  # which lets cameras record
        self._refused = refused

    def _let_go(self) -> None:
        """Close everything on a missing disk."""
        self._journal.close()
        rebuild, self._rebuild = self._rebuild, None
        if rebuild is not None:
            rebuild.stop()

    def _store(self, queued: QueuedPacket) -> None:
        one = self._cameras.get(queued.camera_id)
        if one is None:
            return
        if queued.loss is not None:
            one.lose(self._why_lost(), queued.loss.from_s, queued.loss.packets)
        one.take(queued.packet, queued.utc_s)

    def _why_lost(self) -> GapReason:
        """Return why the queue was full lately."""
        hung = self._clock.monotonic() - self._stalled_at < STALLED_RECENTLY_S
        return GapReason.DISK_STALLED if hung else GapReason.OVERLOADED

    def _step_ended(self) -> None:
        """Remember a step that hung in the disk."""
        if self._busy_s() >= STALLED_S:
            self._stalled_at = self._clock.monotonic()
        self._round_since = self._clock.monotonic()

    def _follow_wanted(self) -> None:
        """Start and stop the recording of cameras as configured."""
        requested = self._wanted
        for camera_id in self._cameras.keys() - requested:
            one = self._cameras.pop(camera_id)
            self._account_losses(one)
            one.end(GapReason.RECORDING_OFF, self._clock.utc())
        for camera_id in self._waiting.keys() - requested:
            del self._waiting[camera_id]
        for camera_id in requested - self._cameras.keys():
            if self._refused is not None:
                self._waiting.setdefault(camera_id, self._clock.utc())
            else:
                self._begin(camera_id)

    def _begin(self, camera_id: str) -> None:
        """Continue what an earlier process left of the camera."""
        one = CameraRecording(camera_id, self.folder, self._journal, self._counts)
        gap, last_end_s, seen_s = None, None, None
        try:
            parts = list(left_parts(self.folder, camera_id))
            for part in parts:
                self._journal.recovered(part)
            self._tell_index_error(self._journal.flush())
            index = self._journal.index()
            gap, last_end_s = index.open_gap(camera_id), index.last_end(camera_id)
            seen_s = index.open_gap_updated_at(camera_id)
            ends = [part.to_s for part in parts]
            last_end_s = max([*ends, *([] if last_end_s is None else [last_end_s])], default=None)
        except (sqlite3.Error, OSError) as error:
            self._tell_index_error(str(error))
        since_s = self._waiting.pop(camera_id, None)
        one.begin(since_s or self._clock.utc(), gap, last_end_s, seen_s)
        if since_s is not None:
            one.block(GapReason.DISK_MISSING, since_s)
        self._cameras[camera_id] = one

    def _check(self) -> None:
        now_s = self._clock.utc()
        self._make_room(now_s)
        for one in self._cameras.values():
            if self.is_full:
                one.block(GapReason.DISK_FULL, now_s)
            else:
                one.unblock()
            one.tick(now_s)
        if self._clock.monotonic() - self._gaps_seen_at >= GAPS_SEEN_S:
            self._gaps_seen_at = self._clock.monotonic()
            open_gaps = [one for one in self._cameras.values() if one.gap is not None]
            self._journal.note(*(gap_extended(one.camera_id, now_s) for one in open_gaps))
        if self._journal.needs_rebuild and self._rebuild is None:
            self._rebuild = IndexRebuild(self._disk)
            self._rebuild.start()

    def _make_room(self, now_s: float) -> None:
        """Delete old or excess recordings, then determine whether the disk is full."""
        kept = self._limits.kept
        try:
            lacking = kept.min_free_bytes - self._free_bytes(self.folder)
            is_due = self._clock.monotonic() - self._tidied_at >= TIDY_S
            if lacking > 0 or is_due:
                self._tidied_at = self._clock.monotonic()
                index = self._journal.index()
                lacking -= tidy(self.folder, index, kept, now_s=now_s, lacking=lacking)
            self.is_full = lacking > 0
        except HoldUnreadable as error:
            self._tell_index_error(str(error))
            self.is_full = lacking > 0
        except (sqlite3.Error, OSError) as error:
            self._tell_index_error(f"retention: {error}")

    def _tell_index_error(self, error: str | None) -> None:
        if error is not None and error != self._index_error:
            log.error("recording: %s", error)
        self._index_error = error

    def _account_losses(self, one: CameraRecording) -> None:
        loss = self._queue.discard(one.camera_id)
        if loss is not None:
            one.lose(GapReason.OVERLOADED, loss.from_s, loss.packets)

    def _end(self) -> None:
        """Write everything that waits and open the final gaps."""
        try:
            self._round()
            for one in self._cameras.values():
                self._account_losses(one)
                one.end(GapReason.WORKER_STOPPED, self._clock.utc())
            if self._refused is None:
                self._tell_index_error(self._journal.flush())
        except Exception:  # the outermost line of this thread
            log.exception("recording: a fault of ours while it ended")
        self._let_go()
