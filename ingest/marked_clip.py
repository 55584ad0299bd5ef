"""Copies of clips with a drawing on every picture; they are not evidence."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from thapcanh.config.files import whole_file
from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.frame import Frame, Plane
from thapcanh.ingest.sources.recorded_file import read_file

_TICKS = Fraction(1, 90_000)
_FPS = 25
_OPTIONS = {"preset": "veryfast", "crf": "24", "x264-params": "scenecut=0:bframes=0:threads=1"}


def write_marked(
    source: Path, target: Path, draw: Callable[[Frame], Plane], *, from_s: float, to_s: float
) -> None:
    """Copy a span of a clip, each picture as `draw` returns it: (h, w, 3) uint8, BGR.

    `draw` returns pictures of one size, which may be another than the film's.
    Raises `SourceError` or `ClipError`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            whole_file(target) as draft,
            av.open(str(draft), "w", format="mp4", options={"movflags": "+faststart"}) as out,
        ):
            if not _copy(source, out, draw, (from_s, to_s)):
                raise ClipError(f"{source.name}: no picture between {from_s:.0f} and {to_s:.0f} s")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ClipError(f"{target.name}: the film could not be written: {error}") from error


def _copy(
    source: Path, out: OutputContainer, draw: Callable[[Frame], Plane], span: tuple[float, float]
) -> int:
    """Copy the span and return the number of pictures written."""
    stream: VideoStream | None = None
    written, key_s = 0, span[0]
    for piece in read_file(source, "film"):
        if not isinstance(piece, Frame) or piece.at_s < span[0]:
            continue
        if piece.at_s > span[1]:
            break
        drawn = draw(piece)
        stream = stream or _stream(out, drawn)
        picture = _picture(drawn, piece.at_s - span[0])
        if piece.at_s >= key_s:
            picture.pict_type = av.video.frame.PictureType.I
            key_s = piece.at_s + 1.0
        out.mux(stream.encode(picture))
        written += 1
    if stream is not None:
        out.mux(stream.encode(None))
    return written


def _stream(out: OutputContainer, first: Plane) -> VideoStream:
    stream = out.add_stream("libx264", rate=_FPS, options=dict(_OPTIONS))
    if not isinstance(stream, VideoStream):
        raise TypeError("libx264 is not a video encoder")
    height, width = first.shape[:2]
    stream.width, stream.height = width - width % 2, height - height % 2
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = _TICKS
    return stream


def _picture(drawn: Plane, at_s: float) -> VideoFrame:
    picture = VideoFrame.from_ndarray(drawn, "bgr24")
    picture.pts, picture.time_base = round(at_s / _TICKS), _TICKS
    return picture
