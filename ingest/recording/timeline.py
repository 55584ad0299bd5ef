"""Timeline of one camera's recordings in an interval, with reasons for every gap.

Times are UTC unix seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

TOLERANCE_S = 0.5
"""Between two segments of one run; the clock that dates them is corrected while they are made."""


class GapReason(StrEnum):
    """Reason of a gap."""

    CAMERA_OFFLINE = "camera_offline"  # no packet came
    CODEC_UNSUPPORTED = "codec_unsupported"  # neither H.264 nor H.265: it cannot be kept as it is
    DATA_DAMAGED = "data_damaged"  # packets came, but no whole keyframe to begin with
    DISK_FULL = "disk_full"  # no room, and nothing that may be deleted
    DISK_MISSING = "disk_missing"  # the recordings' disk is not mounted, or another is in its place
    WRITE_FAILED = "write_failed"  # the disk refused
    OVERLOADED = "overloaded"  # more packets than could be written
    DISK_STALLED = "disk_stalled"  # one write did not end for seconds, and packets found no room
    WORKER_STOPPED = "worker_stopped"  # it was told to stop
    WORKER_LOST = "worker_lost"  # it was killed, or the power failed
    RECORDING_OFF = "recording_off"  # the site switched it off
    NOT_RECORDED = "not_recorded"  # before the first recording of this camera
    EXPIRED = "expired"  # deleted by days or by the disk's budget
    BEING_WRITTEN = "being_written"  # the last seconds: not yet in a finished segment
    OTHERS = "others"  # its camera was another agency's or area's then: not told to who asks
    UNKNOWN = "unknown"  # the index was rebuilt from the files, or a file is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSegment:
    """File of a camera. Segments of the same `run` continue each other without a break."""

    camera_id: str
    from_s: float
    to_s: float
    run: str
    path: str
    """Relative to the recording folder."""
    init_bytes: int
    """Length of the header in front of the first fragment."""
    size_bytes: int
    packets: int
    codec: str
    """RFC 6381, as `avc1.64001f`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingGap:
    """Interval without recording. `to_s` None means it continues."""

    from_s: float
    to_s: float | None
    reason: GapReason
    packets: int = 0
    """How many came and were not stored, as far as they were counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSpan:
    """Start of a camera's recording, and of what is retained; None means never."""

    recorded_from: float | None = None
    kept_from: float | None = None


def gaps_between(
    segments: Sequence[RecordingSegment],
    indexed: Sequence[RecordingGap],
    span: RecordedSpan,
    from_s: float,
    to_s: float,
) -> list[RecordingGap]:
    """Return every gap of the interval, in order and cut to it; the inputs are in order."""
    gaps = list(_cut(indexed, from_s, to_s))
    covered = sorted(
        [(one.from_s, one.to_s) for one in segments]
        + [(gap.from_s, gap.to_s or to_s) for gap in gaps]
    )
    at_s = from_s
    for start_s, end_s in [*covered, (to_s, to_s)]:
        if start_s - at_s > TOLERANCE_S:
            gaps += _unnamed(span, at_s, min(start_s, to_s))
        at_s = max(at_s, end_s)
    return sorted(gaps, key=lambda gap: gap.from_s)


def _cut(gaps: Sequence[RecordingGap], from_s: float, to_s: float) -> Iterator[RecordingGap]:
    for gap in gaps:
        end_s = to_s if gap.to_s is None else min(gap.to_s, to_s)
        start_s = max(gap.from_s, from_s)
        if end_s > start_s:
            yield replace(gap, from_s=start_s, to_s=end_s)


def _unnamed(span: RecordedSpan, from_s: float, to_s: float) -> Iterator[RecordingGap]:
    recorded_from, kept_from = span.recorded_from, span.kept_from
    if recorded_from is None:
        yield RecordingGap(from_s=from_s, to_s=to_s, reason=GapReason.NOT_RECORDED)
        return
    edges = (
        (float("-inf"), recorded_from, GapReason.NOT_RECORDED),
        (recorded_from, max(kept_from or recorded_from, recorded_from), GapReason.EXPIRED),
        (max(kept_from or recorded_from, recorded_from), float("inf"), GapReason.UNKNOWN),
    )
    for edge_from_s, edge_to_s, reason in edges:
        start_s, end_s = max(edge_from_s, from_s), min(edge_to_s, to_s)
        if end_s > start_s:
            yield RecordingGap(from_s=start_s, to_s=end_s, reason=reason)
