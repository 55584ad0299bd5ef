"""Transcoding of recorded segments to H.264 with privacy masks.

One at a time per process; the newest are cached, because players request header and media
separately.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from thapcanh.app.live.browser_form import Encoding
from thapcanh.config.geometry import Polygon
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.recording.boxes import TICKS_PER_S
from thapcanh.ingest.recording.fragments import (
    HeaderUnusable,
    fragment,
    sample_of,
    segment_header,
)
from thapcanh.ingest.recording.library import RecordingsUnavailable

CODEC = "avc1.42c01f"
"""Baseline, level 3.1: what is made here (RFC 6381)."""
_MOST_CACHED = 24  # some 2 MB each
_ONE_AT_A_TIME = threading.Lock()
_USUAL_FPS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscodedSegment:
    """`init` is the header, equal for all segments of a size; `media` one fragment."""

    init: bytes
    media: bytes


def transcoded(path: Path, masks: tuple[Polygon, ...]) -> TranscodedSegment | None:
    """Return the file as H.264; None if it has no pictures. Raises `RecordingsUnavailable`."""
    facts = path.stat()
    with _ONE_AT_A_TIME:
        return _transcoded(path, masks, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=_MOST_CACHED)
def _transcoded(
    path: Path, masks: tuple[Polygon, ...], *_as_it_is: int
) -> TranscodedSegment | None:
    """Transcode a file; size and time are part of the cache key."""
    try:
        packets = list(_packets(path, PrivacyMask(masks)))
        if not packets:
            return None
        init = segment_header(packets[0]).data
    except (av.FFmpegError, OSError, IndexError, HeaderUnusable) as error:  # no stream, no index
        raise RecordingsUnavailable(f"{path.name}: {error}") from error
    times = [round(packet.at_s * TICKS_PER_S) for packet in packets]
    step = (times[-1] - times[0]) // max(1, len(times) - 1) or round(TICKS_PER_S / _USUAL_FPS)
    samples = [sample_of(packet, pts) for packet, pts in zip(packets, times, strict=True)]
    return TranscodedSegment(init=init, media=fragment(samples, times, times[-1] + step, 1))


def _packets(path: Path, mask: PrivacyMask) -> Iterator[Packet]:
    with open_container(str(path)) as container:
        video = container.streams.video[0]
        video.codec_context.thread_type = "NONE"
        encoding = Encoding(float(video.average_rate or _USUAL_FPS))
        last_s = -1.0
        for picture in _pictures(container, video):
            if picture.time is None or picture.time <= last_s:
                continue
            last_s = picture.time
            yield from encoding.encode(mask.on_frame(_frame(picture, last_s)))


def _pictures(container: InputContainer, video: VideoStream) -> Iterator[av.VideoFrame]:
    for packet in container.demux(video):
        with suppress(av.InvalidDataError):
            yield from packet.decode()


def _frame(picture: av.VideoFrame, at_s: float) -> Frame:
    return Frame(
        camera_id="recording",
        picture=picture,
        width=picture.width,
        height=picture.height,
        at_s=at_s,
        captured_at=at_s,
        decoded_at=at_s,
    )
