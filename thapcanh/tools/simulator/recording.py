"""Video file demuxed once into memory: access units with times, for endless sending.

A `Recording` is never decoded and is bounded in bytes: it is cut at the last whole group of
pictures that fits (`is_cut`). Blocking; use a worker thread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.stream import VideoStream

from thapcanh.ingest.packets.annex_b import nal_units
from thapcanh.ingest.packets.libav import open_container
from thapcanh.tools.simulator.errors import UnreadableVideo
from thapcanh.tools.simulator.rtsp.access_unit import (
    AccessUnit,
    VideoCodec,
    first_parameter_sets,
    has_all_parameter_sets,
    is_delimiter,
    is_parameter_set,
)

DEFAULT_MAX_BYTES = 256 * 1024 * 1024  # five minutes at 6 Mbit/s, the most a camera sends

_CODECS = {"h264": VideoCodec.H264, "hevc": VideoCodec.H265}
_ANNEXB_FILTERS = {VideoCodec.H264: "h264_mp4toannexb", VideoCodec.H265: "hevc_mp4toannexb"}
_FALLBACK_FPS = 25.0
_MAX_FPS = 240.0  # cameras send up to 60; more means that the file's times are wrong


class ForeignCodec(Exception):
    """The file's codec is neither H.264 nor H.265; the text is its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file's pictures in decoding order; the first is a keyframe and has dts 0."""

    codec: VideoCodec
    width: int
    height: int
    pixel_format: str
    units: tuple[AccessUnit, ...]
    duration_s: float
    parameter_sets: tuple[bytes, ...]
    is_cut: bool = False

    @property
    def fps(self) -> float:
        """Pictures a second, on average."""
        return len(self.units) / self.duration_s

    @property
    def has_b_frames(self) -> bool:
        """True if pictures are sent in another order than they are shown."""
        return any(later.pts_s < earlier.pts_s for earlier, later in pairwise(self.units))

    @property
    def longest_gop_s(self) -> float:
        """Seconds between the two keyframes that lie farthest apart."""
        starts = [unit.dts_s for unit in self.units if unit.is_keyframe]
        return max(later - earlier for earlier, later in pairwise([*starts, self.duration_s]))

    @property
    def longest_gap_ratio(self) -> float:
        """Longest time between two pictures over the median; 1 at a constant rate."""
        gaps = [later.dts_s - earlier.dts_s for earlier, later in pairwise(self.units)]
        usual = median(gaps) if gaps else 0.0
        return max(gaps) / usual if usual > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """A picture as it came out of the file; times in seconds of the file, where it has any."""

    nals: tuple[bytes, ...]
    is_keyframe: bool
    pts_s: float | None
    dts_s: float | None


def read_recording(path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> Recording:
    """Demux `path`; raises `UnreadableVideo` or `ForeignCodec`."""
    try:
        with open_container(str(path)) as container:
            if not container.streams.video:
                raise UnreadableVideo(path, "has no video stream")
            return _read(path, container, max_bytes)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise UnreadableVideo(path, f"cannot be read as video ({reason_of(error)})") from error


def reason_of(error: BaseException) -> str:
    """Return the message of FFmpeg or the system, without the path."""
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _read(path: Path, container: InputContainer, max_bytes: int) -> Recording:
    stream = container.streams.video[0]
    codec = _CODECS.get(stream.codec_context.name)
    if codec is None:
        raise ForeignCodec(stream.codec_context.name)
    coded, is_cut = _bounded(_coded_pictures(container, stream, codec), max_bytes)
    if not coded:
        raise UnreadableVideo(path, "holds no keyframe, so nothing in it can be decoded")
    parameter_sets = first_parameter_sets([n for unit in coded for n in unit.nals], codec)
    if not has_all_parameter_sets(parameter_sets, codec):
        raise UnreadableVideo(path, "lacks the parameter sets that a decoder needs")
    step_s = 1.0 / float(stream.average_rate or stream.guessed_rate or _FALLBACK_FPS)
    units = _on_one_clock(coded, step_s, parameter_sets, codec)
    steps = max(1, len(units) - 1)
    recording = Recording(
        codec=codec,
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        pixel_format=stream.codec_context.pix_fmt or "",
        units=units,
        duration_s=(units[-1].dts_s or step_s) * len(units) / steps,
        parameter_sets=parameter_sets,
        is_cut=is_cut,
    )
    if recording.fps > _MAX_FPS:
        raise UnreadableVideo(
            path, f"says it has {recording.fps:.0f} pictures a second: its times are wrong"
        )
    return recording


def _coded_pictures(
    container: InputContainer, stream: VideoStream, codec: VideoCodec
) -> Iterator[_Coded]:
    annexb = BitStreamFilterContext(_ANNEXB_FILTERS[codec], in_stream=stream)
    started = False
    for packet in container.demux(stream):
        for piece in annexb.filter(packet if packet.size else None):
            started = started or piece.is_keyframe
            nals = [nal for nal in nal_units(bytes(piece)) if not is_delimiter(nal, codec)]
            base = piece.time_base or stream.time_base
            if started and nals and base is not None:
                yield _Coded(
                    nals=tuple(nals),
                    is_keyframe=piece.is_keyframe,
                    pts_s=None if piece.pts is None else float(piece.pts * base),
                    dts_s=None if piece.dts is None else float(piece.dts * base),
                )


def _bounded(pictures: Iterator[_Coded], max_bytes: int) -> tuple[list[_Coded], bool]:
    """Return the whole groups of pictures within `max_bytes`, at least one."""
    included: list[_Coded] = []
    held_bytes, last_keyframe = 0, 0
    for picture in pictures:
        held_bytes += sum(len(nal) for nal in picture.nals)
        if held_bytes > max_bytes and included:
            whole = len(included) if picture.is_keyframe else last_keyframe
            return included[: whole or len(included)], True
        if picture.is_keyframe:
            last_keyframe = len(included)
        included.append(picture)
    return included, False


def _on_one_clock(
    coded: Sequence[_Coded], step_s: float, parameter_sets: tuple[bytes, ...], codec: VideoCodec
) -> tuple[AccessUnit, ...]:
    """Return units with times from zero, increasing; parameter sets before keyframes."""
    start_s: float | None = None
    sent_s = -step_s
    units: list[AccessUnit] = []
    for picture in coded:
        timestamp_s = picture.dts_s if picture.dts_s is not None else picture.pts_s
        if start_s is None:
            start_s = timestamp_s if timestamp_s is not None else 0.0
        # Raw streams have no times and broken files go backwards: then the usual step counts.
        sent_s = max(timestamp_s - start_s, sent_s) if timestamp_s is not None else sent_s + step_s
        shown_s = picture.pts_s - start_s if picture.pts_s is not None else sent_s
        nals = picture.nals
        if picture.is_keyframe and not any(is_parameter_set(nal, codec) for nal in nals):
            nals = parameter_sets + nals
        units.append(
            AccessUnit(
                nals=nals,
                is_keyframe=picture.is_keyframe,
                pts_s=max(shown_s, sent_s),
                dts_s=sent_s,
            )
        )
    return tuple(units)
