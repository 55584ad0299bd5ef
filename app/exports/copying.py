"""Copies of a video or picture for export: masked, people and plates hidden, marked.

Raises `CopyFailed`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from thapcanh.app.exports.marking import CopyMark
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.head_decoding import MAX_BOXES
from thapcanh.detection.redaction import (
    CROWD,
    SAMPLE_S,
    Cover,
    HiddenRegion,
    Part,
    Sample,
    blur,
    hidden_regions,
    quarters,
    sample_of,
    within,
)
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.frame import Frame, Plane, frame_of
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.sources.recorded_file import read_file

_MOST_WIDTH, _MOST_HEIGHT = 1920, 1080
_TICKS = Fraction(1, 90_000)
_USUAL_FPS = 25.0
_QUALITY = 90

OnProgress = Callable[[float], None]
"""Takes how much of the work is done, 0..1."""


class CopyFailed(Exception):
    """No picture can be made of it."""


class Looks(Protocol):
    """Detector interface used here."""

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """Return one result per frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPart:
    """A file of a video. `begins_s` is its start in the video, `filmed_at` UTC seconds or None."""

    path: Path
    begins_s: float
    filmed_at: float | None


class Copier:
    """Maker of copies with one mark. Without `detector`, only masks and mark are painted."""

    def __init__(self, detector: Looks | None, masks: PrivacyMask, mark: CopyMark) -> None:
        self._detector = detector
        self._masks = masks
        self._mark = mark

    def picture(self, source: Path, target: Path) -> None:
        try:
            content = source.read_bytes()
        except OSError as error:
            raise CopyFailed("it cannot be read") from error
        target.write_bytes(self.picture_of(content))

    def picture_of(self, content: bytes) -> bytes:
        """Return a JPEG copy of an encoded picture."""
        pixels = (
            cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
        )
        if pixels is None or min(pixels.shape[:2]) < 2:
            raise CopyFailed("no picture can be made of it")
        frame = frame_of(np.asarray(pixels, np.uint8)).fitted(_MOST_WIDTH, _MOST_HEIGHT)
        painted = self._painted(frame, Cover([self._sample(frame)]), "")
        done, encoded = cv2.imencode(
            ".jpg", painted.to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
        )
        if not done:
            raise CopyFailed("it cannot be encoded")
        return encoded.tobytes()

    def hidden(self, pixels: Plane) -> Plane:
        """Return a picture, (h, w, 3) uint8 BGR, with masks and people painted, unmarked."""
        frame = frame_of(pixels)
        planes, picture = self._hidden(frame, Cover([self._sample(frame)]))
        return np.asarray(_as_picture(planes, picture).to_ndarray(format="bgr24"), np.uint8)

    def film(
        self, parts: Sequence[RecordingPart], target: Path, comment: str, on_progress: OnProgress
    ) -> int:
        """Write an MP4 copy; return how many parts could not be read."""
        samples: list[Sample] = []
        if self._detector is not None:
            last_s = float("-inf")
            for _, frame in _frames(parts, lambda share: on_progress(share / 2), []):
                if frame.at_s - last_s >= SAMPLE_S - 1e-3:
                    last_s = frame.at_s
                    samples.append(self._sample(frame))
        unreadable: list[RecordingPart] = []
        with av.open(
            str(target), "w", format="mp4", options={"movflags": "+faststart"}
        ) as container:
            container.metadata["comment"] = comment
            pictures = _Written(container)
            cover = Cover(samples)
            second = _frames(parts, lambda share: on_progress(0.5 + share / 2), unreadable)
            for part, frame in second:
                if self._detector is not None and not _was_looked_at(samples, frame.at_s):
                    if part not in unreadable:
                        unreadable.append(part)
                    continue
                pictures.write(self._painted(frame, cover, _filmed(part, frame.at_s)), frame.at_s)
            pictures.end()
        if not pictures.count:
            raise CopyFailed("no picture can be made of it")
        return len(unreadable)

    def _sample(self, frame: Frame) -> Sample:
        if self._detector is None:
            return Sample(frame.at_s, ())
        (detections,) = self._detector.detect([frame])
        regions = hidden_regions(detections.rows())
        if len(detections) >= MAX_BOXES:  # there may be more than a look can tell of
            for part in quarters(frame.width, frame.height):
                regions += self._in_part(frame, part)
        return sample_of(frame.at_s, regions)

    def _in_part(self, frame: Frame, part: Part) -> list[HiddenRegion]:
        """Return the regions to hide in a quarter; all of it if even that is too crowded."""
        if self._detector is None:
            return []
        left, top, width, height = part
        (detections,) = self._detector.detect([frame.cut(left, top, width, height)])
        whole = (
            left / frame.width,
            top / frame.height,
            (left + width) / frame.width,
            (top + height) / frame.height,
        )
        if len(detections) >= MAX_BOXES:
            return [HiddenRegion(CROWD, whole)]
        return [
            HiddenRegion(region.label, within(whole, region.box))
            for region in hidden_regions(detections.rows())
        ]

    def _painted(self, frame: Frame, cover: Cover, timestamp: str) -> av.VideoFrame:
        planes, picture = self._hidden(frame, cover)
        self._mark.burn(planes[: picture.height], timestamp)
        return _as_picture(planes, picture)

    def _hidden(self, frame: Frame, cover: Cover) -> tuple[Plane, av.VideoFrame]:
        picture = self._masks.on_picture(frame.picture) if self._masks else frame.picture
        planes: Plane = np.asarray(picture.to_ndarray(format="yuv420p"), np.uint8).copy()
        blur(planes, picture.width, picture.height, cover.at(frame.at_s))
        return planes, picture


def _as_picture(planes: Plane, of: av.VideoFrame) -> av.VideoFrame:
    painted = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    painted.color_range, painted.colorspace = of.color_range, of.colorspace
    return painted


class _Written:
    """Writer of one MP4; all pictures have the size of the first."""

    def __init__(self, container: OutputContainer) -> None:
        self._container = container
        self._stream: VideoStream | None = None
        self._last = -1
        self._started_s: float | None = None
        self.count = 0

    def write(self, picture: av.VideoFrame, at_s: float) -> None:
        """Write a picture at its time relative to the first; times are forced to increase."""
        stream = self._stream or self._begun(picture)
        self._started_s = at_s if self._started_s is None else self._started_s
        self._last = max(self._last + 1, round((at_s - self._started_s) / _TICKS))
        if (picture.width, picture.height) != (stream.width, stream.height):
            picture = picture.reformat(width=stream.width, height=stream.height)
        picture.pts, picture.time_base = self._last, _TICKS
        self._container.mux(stream.encode(picture))
        self.count += 1

    def end(self) -> None:
        """Flush the encoder."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))

    def _begun(self, picture: av.VideoFrame) -> VideoStream:
        stream = self._stream = self._container.add_stream("libx264", rate=round(_USUAL_FPS))
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
        stream.codec_context.time_base = _TICKS
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "veryfast", "crf": "23"}
        return stream


def _frames(
    parts: Sequence[RecordingPart], on_progress: OnProgress, unreadable: list[RecordingPart]
) -> Iterator[tuple[RecordingPart, Frame]]:
    """Yield every readable picture, at most 1080p, with non-decreasing times."""
    last_s = float("-inf")
    for number, part in enumerate(parts):
        on_progress(number / len(parts))
        try:
            for piece in read_file(part.path, "export", begins_s=part.begins_s):
                if isinstance(piece, Frame) and piece.at_s > last_s:
                    last_s = piece.at_s
                    yield part, piece.fitted(_MOST_WIDTH, _MOST_HEIGHT)
        except (SourceError, OSError):
            unreadable.append(part)


def _was_looked_at(samples: Sequence[Sample], at_s: float) -> bool:
    """Return True if a sample exists then or just before; a rereading may return more."""
    before = bisect_right(samples, at_s, key=lambda region: region.at_s)
    return before > 0 and at_s - samples[before - 1].at_s < SAMPLE_S


def _filmed(part: RecordingPart, at_s: float) -> str:
    """Return when a picture was recorded, in local time; empty if unknown."""
    if part.filmed_at is None:
        return ""
    timestamp = datetime.fromtimestamp(part.filmed_at + at_s - part.begins_s, UTC)
    return f"{timestamp.astimezone(LOCAL_TZ):%d/%m/%Y %H:%M:%S}"
