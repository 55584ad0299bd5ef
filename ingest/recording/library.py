"""Reading of recordings beside the workers that write them.

Raises `RecordingsUnavailable` if the folder is not readable; a folder without an index has no
recordings.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2

from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex
from thapcanh.ingest.recording.timeline import (
    GapReason,
    RecordedSpan,
    RecordingGap,
    RecordingSegment,
    gaps_between,
)

BEING_WRITTEN_S = 60.0
_QUALITY = 85


class RecordingsUnavailable(Exception):
    """Index or file that cannot be read now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInterval:
    """Recordings of one camera in an interval. Times are UTC unix seconds."""

    camera_id: str
    from_s: float
    to_s: float
    span: RecordedSpan
    segments: tuple[RecordingSegment, ...]
    gaps: tuple[RecordingGap, ...]
    named: tuple[RecordingGap, ...] = ()
    """The gaps that the index names, whole."""


def recorded(
    folder: Path, camera_id: str, from_s: float, to_s: float, now_s: float
) -> RecordedInterval:
    """Return the segments and gaps up to `now_s`. Raise `RecordingsUnavailable`."""
    to_s = max(from_s, min(to_s, now_s))
    segments: list[RecordingSegment] = []
    indexed: list[RecordingGap] = []
    span = RecordedSpan()
    if (folder / INDEX_FILE).exists():
        try:
            index = RecordingIndex(folder, read_only=True)
            try:
                segments = index.segments(camera_id, from_s, to_s)
                indexed = index.gaps(camera_id, from_s, to_s)
                span = index.span(camera_id)
            finally:
                index.close()
        except sqlite3.Error as error:
            raise RecordingsUnavailable(str(error)) from error
    return cut_to(camera_id, (from_s, to_s), span, (segments, indexed), now_s)


def cut_to(
    camera_id: str,
    interval: tuple[float, float],
    span: RecordedSpan,
    found: tuple[Sequence[RecordingSegment], Sequence[RecordingGap]],
    now_s: float,
) -> RecordedInterval:
    """Return the recordings of an interval, from its segments and named gaps."""
    segments, indexed = found
    gaps = gaps_between(segments, indexed, span, *interval)
    return RecordedInterval(
        camera_id=camera_id,
        from_s=interval[0],
        to_s=interval[1],
        span=span,
        segments=tuple(segments),
        gaps=tuple(_being_written(gap, now_s) for gap in gaps),
        named=tuple(indexed),
    )


def one_segment(folder: Path, camera_id: str, from_ms: int) -> RecordingSegment | None:
    """Return the camera's segment that starts at this millisecond, or None."""
    if not (folder / INDEX_FILE).exists():
        return None
    try:
        index = RecordingIndex(folder, read_only=True)
        try:
            return index.segment_at(camera_id, from_ms)
        finally:
            index.close()
    except sqlite3.Error as error:
        raise RecordingsUnavailable(str(error)) from error


def retained_recordings(folder: Path, cameras: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Return the start and end of retained recordings for each of these cameras that has any."""
    if not (folder / INDEX_FILE).exists():
        return {}
    try:
        index = RecordingIndex(folder, read_only=True)
        try:
            return {one: kept for one in cameras if (kept := index.kept(one)) is not None}
        finally:
            index.close()
    except sqlite3.Error as error:
        raise RecordingsUnavailable(str(error)) from error


def segment_path(folder: Path, segment: RecordingSegment) -> Path | None:
    """Return the segment's file; None if it is missing or outside the folder."""
    root = folder.resolve()
    try:
        path = (root / segment.path).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):
        return None


def still(
    path: Path, segment: RecordingSegment, at_s: float, max_width: int, mask: PrivacyMask
) -> bytes | None:
    """Return the picture at a time as masked JPEG; None if the file has none."""
    requested = max(0.0, at_s - segment.from_s)
    shown: av.VideoFrame | None = None
    try:
        with open_container(str(path)) as container:
            video = container.streams.video[0]
            video.codec_context.thread_type = "NONE"
            first: float | None = None
            for frame in container.decode(video):
                first = frame.time if first is None else first
                if shown is not None and (frame.time or 0.0) - (first or 0.0) > requested + 1e-3:
                    break
                shown = frame
    except (av.FFmpegError, OSError, IndexError) as error:  # without a stream there is no first
        if shown is None:
            raise RecordingsUnavailable(f"{path.name}: {error}") from error
    return None if shown is None else _jpeg(mask.on_picture(shown) if mask else shown, max_width)


def _being_written(gap: RecordingGap, now_s: float) -> RecordingGap:
    """Return the gap of the last seconds as "being written"."""
    is_new = gap.reason is GapReason.UNKNOWN and now_s - gap.from_s < BEING_WRITTEN_S
    return replace(gap, reason=GapReason.BEING_WRITTEN) if is_new else gap


def _jpeg(frame: av.VideoFrame, max_width: int) -> bytes | None:
    width = min(frame.width, max_width)
    height = max(2, round(frame.height * width / frame.width))
    picture = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(encoded.tobytes()) if done else None
