"""HLS playlist of a span of recordings (RFC 8216, fragmented MP4). Pure.

Runs are separated by discontinuities, and a gap is an `EXT-X-GAP` of its length, so that players
keep the time of day.
"""

import math
from collections.abc import Iterator, Sequence

from thapcanh.app.web_api.schemas import iso
from thapcanh.ingest.recording.timeline import RecordingGap, RecordingSegment

MEDIA_TYPE = "application/vnd.apple.mpegurl"
_GAP_URI = "gap.mp4"
_LEAST_GAP_S = 0.5

_Piece = tuple[float, float, RecordingSegment | None]
"""From, to, and the segment; None: a gap."""


def playlist(
    segments: Sequence[RecordingSegment], gaps: Sequence[RecordingGap], *, is_transcoded: bool
) -> str:
    """Return the playlist with relative URLs. Transcoded segments are made on request."""
    pieces = _pieces(segments, gaps)
    longest_s = max((to_s - from_s for from_s, to_s, _ in pieces), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:8",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest_s)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        *_entries(pieces, is_transcoded),
        "#EXT-X-ENDLIST",
    ]
    return "\n".join(lines) + "\n"


def _pieces(segments: Sequence[RecordingSegment], gaps: Sequence[RecordingGap]) -> list[_Piece]:
    """Return segments and gaps in order; no gaps if there is nothing to play."""
    pieces: list[_Piece] = [(segment.from_s, segment.to_s, segment) for segment in segments]
    for gap in gaps if segments else ():
        if gap.to_s is not None and gap.to_s - gap.from_s >= _LEAST_GAP_S:
            pieces.append((gap.from_s, gap.to_s, None))
    return sorted(pieces, key=lambda piece: piece[0])


def _entries(pieces: Sequence[_Piece], is_transcoded: bool) -> Iterator[str]:
    last: RecordingSegment | None = None
    for from_s, to_s, segment in pieces:
        if segment is None:
            yield from _gap(from_s, to_s)
        else:
            if last is None or last.run != segment.run:
                yield "#EXT-X-DISCONTINUITY"
                yield _map(segment, is_transcoded)
            yield from _segment(segment, is_transcoded)
        last = segment


def _gap(from_s: float, to_s: float) -> Iterator[str]:
    yield "#EXT-X-DISCONTINUITY"
    yield "#EXT-X-GAP"
    yield f"#EXT-X-PROGRAM-DATE-TIME:{iso(from_s)}"
    yield f"#EXTINF:{to_s - from_s:.3f},"
    yield _GAP_URI


def _map(segment: RecordingSegment, is_transcoded: bool) -> str:
    if is_transcoded:
        return f'#EXT-X-MAP:URI="{_name(segment)}?form=init"'
    return f'#EXT-X-MAP:URI="{_name(segment)}",BYTERANGE="{segment.init_bytes}@0"'


def _segment(segment: RecordingSegment, is_transcoded: bool) -> Iterator[str]:
    media = segment.size_bytes - segment.init_bytes
    yield f"#EXT-X-PROGRAM-DATE-TIME:{iso(segment.from_s)}"
    if not is_transcoded:
        yield f"#EXT-X-BYTERANGE:{media}@{segment.init_bytes}"
    yield f"#EXTINF:{segment.to_s - segment.from_s:.3f},"
    yield f"{_name(segment)}?form=media" if is_transcoded else _name(segment)


def _name(segment: RecordingSegment) -> str:
    return f"segments/{round(segment.from_s * 1000)}.mp4"
