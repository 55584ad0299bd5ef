"""Mapping of files to cameras, and their preparation: as is, or re-encoded.

Raises `BadSetting` for names and `UnreadableVideo` for files. It belongs on a worker thread and
raises `LoadingStopped` soon after `stop` is set.
"""

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from thapcanh.config.files import whole_file
from thapcanh.ingest.packets.libav import open_container
from thapcanh.tools.simulator.errors import BadSetting, UnreadableVideo
from thapcanh.tools.simulator.recording import (
    DEFAULT_MAX_BYTES,
    ForeignCodec,
    Recording,
    read_recording,
    reason_of,
)
from thapcanh.tools.simulator.rtsp.access_unit import VideoCodec

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MAX_GOP_S = 2.0
MAX_GAP_RATIO = 2.5  # a lost picture doubles one gap; more than that is a variable rate
CAMERA_PIXEL_FORMATS = ("yuv420p", "yuvj420p")
_ENCODERS = {VideoCodec.H264: "libx264", VideoCodec.H265: "libx265"}
_RECIPE = 1  # raise it when the encoding below changes, so that old cache files are not used
_MAX_FILL_S = 2.0  # a hole in the file's times is filled with the last picture, this long at most


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFile:
    """A camera's name (its path in the URL) and the file that it plays."""

    name: str
    path: Path
    as_is: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraShape:
    """Output of the encoder. Limits are those of a usual camera's second stream."""

    codec: VideoCodec = VideoCodec.H264
    max_width: int = 1280
    max_height: int = 720
    max_fps: float = 25.0
    gop_s: float = 1.0

    @property
    def cache_key(self) -> str:
        """Cache name of a video re-encoded this way."""
        size = f"{self.max_width}x{self.max_height}"
        return f"{self.codec.lower()}-{size}-{self.max_fps:g}fps-{self.gop_s:g}s-r{_RECIPE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRules:
    """Preparation of files; `cache_dir` None is the user's cache folder."""

    shape: CameraShape = field(default_factory=CameraShape)
    max_bytes: int = DEFAULT_MAX_BYTES
    cache_dir: Path | None = None


def camera_files(words: Iterable[str | Path | CameraFile], *, as_is: bool) -> list[CameraFile]:
    files: list[CameraFile] = []
    used: set[str] = set()
    for word in words:
        file = word if isinstance(word, CameraFile) else _camera_file(word, used, as_is=as_is)
        if file.name in used:
            raise BadSetting(f"two cameras are called {file.name!r}")
        used.add(file.name)
        files.append(file)
    return files


def load(
    file: CameraFile, rules: LoadRules, stop: threading.Event | None = None
) -> tuple[Recording, str | None]:
    """Return the recording, and why it was re-encoded (None: as is)."""
    try:
        recording = read_recording(file.path, rules.max_bytes)
        reason = None if file.as_is else why_re_encode(recording)
    except ForeignCodec as codec:
        if file.as_is:
            why = f"{codec} cannot be served as it is, only H.264 and H.265"
            raise UnreadableVideo(file.path, why) from codec
        reason = f"codec {codec}"
    if reason is None:
        return recording, None
    return _re_encoded(file.path, rules.shape, rules, stop), reason


def load_variant(
    file: CameraFile, shape: CameraShape, rules: LoadRules, stop: threading.Event | None = None
) -> Recording:
    """Return the file re-encoded in another shape."""
    return _re_encoded(file.path, shape, rules, stop)


def default_cache_dir() -> Path:
    """Return the folder for re-encoded videos."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "thapcanh" / "simulator"


class LoadingStopped(Exception):
    """Nobody wants the result any more."""


def why_re_encode(recording: Recording) -> str | None:
    """Return the first property that no camera's stream has, or None."""
    if recording.pixel_format not in CAMERA_PIXEL_FORMATS:
        return f"pixel format {recording.pixel_format or 'unknown'}"
    if recording.has_b_frames:
        return "B-frames"
    # A frame's time of slack: a group of 2 s often measures 2.04 s.
    if recording.longest_gop_s > MAX_GOP_S + 0.1:
        return f"keyframes {recording.longest_gop_s:.1f} s apart"
    if recording.longest_gap_ratio > MAX_GAP_RATIO:
        return "variable frame rate"
    return None


def re_encode(
    path: Path, shape: CameraShape, cache_dir: Path, stop: threading.Event | None = None
) -> Path:
    """Return the re-encoded file in `cache_dir`, made if missing."""
    target = cache_dir / f"{_sha256(path)}-{shape.cache_key}.mp4"
    if target.is_file():
        return target
    cache_dir.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as draft:
        _encode(path, shape, draft, stop or threading.Event())
    return target


def fitted(width: int, height: int, shape: CameraShape) -> tuple[int, int]:
    """Largest even size within the shape's limits, sides in proportion, never enlarged."""
    scale = min(1.0, shape.max_width / width, shape.max_height / height)
    return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)


def camera_rate(file_fps: Fraction, max_fps: float) -> Fraction:
    """Return the file's rate, halved until it is a camera's, so that motion stays even."""
    rate = file_fps
    while rate > max_fps + 0.5:
        rate /= 2
    return rate.limit_denominator(1001)


def _re_encoded(
    path: Path, shape: CameraShape, rules: LoadRules, stop: threading.Event | None
) -> Recording:
    made = re_encode(path, shape, rules.cache_dir or default_cache_dir(), stop)
    return read_recording(made, rules.max_bytes)


def _camera_file(word: str | Path, used: set[str], *, as_is: bool) -> CameraFile:
    name, equals, rest = str(word).partition("=")
    # A path may hold an equals sign too: a name never holds a slash, and the whole may exist.
    if isinstance(word, str) and equals and "/" not in name and not Path(word).exists():
        if not _NAME.fullmatch(name):
            raise BadSetting(f"{name!r} is no camera name: letters, digits, dot, dash, underscore")
        return CameraFile(name=name, path=Path(rest), as_is=as_is)
    path = Path(word)
    return CameraFile(name=_free_name(_name_of(path), used), path=path, as_is=as_is)


def _name_of(path: Path) -> str:
    """`Cổng chính 1.mp4` becomes `Cong-chinh-1`."""
    plain = path.stem.replace("đ", "d").replace("Đ", "D")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:80] or "camera"


def _free_name(name: str, used: set[str]) -> str:
    number = 2
    free = name
    while free in used:
        free, number = f"{name}-{number}", number + 1
    return free


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableVideo(path, reason_of(error)) from error


def _encode(path: Path, shape: CameraShape, target: Path, stop: threading.Event) -> None:
    try:
        with open_container(str(path)) as source, av.open(str(target), "w", format="mp4") as out:
            if not source.streams.video:
                raise UnreadableVideo(path, "has no video stream")
            written = _transcode(source, out, shape, stop)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise UnreadableVideo(path, f"cannot be decoded ({reason_of(error)})") from error
    if not written:
        raise UnreadableVideo(path, "holds no picture that can be decoded")


def _transcode(
    source: InputContainer, out: OutputContainer, shape: CameraShape, stop: threading.Event
) -> int:
    stream = source.streams.video[0]
    stream.thread_type = "AUTO"
    rate = camera_rate(Fraction(stream.average_rate or stream.guessed_rate or 25), shape.max_fps)
    pictures = _at_constant_rate(_decoded(source, stream), rate)
    encoder: VideoStream | None = None
    written = 0
    for written, picture in enumerate(pictures, start=1):
        if stop.is_set():
            raise LoadingStopped
        if encoder is None:
            encoder = _encoder(out, shape, rate, fitted(picture.width, picture.height, shape))
        frame = picture.reformat(width=encoder.width, height=encoder.height, format="yuv420p")
        frame.pts, frame.time_base = written - 1, 1 / rate
        frame.pict_type = 0
        out.mux(encoder.encode(frame))
    if encoder is not None:
        out.mux(encoder.encode(None))
    return written


def _encoder(
    out: OutputContainer, shape: CameraShape, rate: Fraction, size: tuple[int, int]
) -> VideoStream:
    gop = max(1, round(shape.gop_s * rate))
    options = {"preset": "ultrafast", "crf": "23", "bf": "0"}
    if shape.codec is VideoCodec.H265:
        limits = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:log-level=none"
        options = {"preset": "ultrafast", "x265-params": limits}
    else:
        options["x264-params"] = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0"
    encoder = out.add_stream(_ENCODERS[shape.codec], rate=rate, options=options)
    if not isinstance(encoder, VideoStream):
        raise TypeError(f"{_ENCODERS[shape.codec]} is not a video encoder")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    return encoder


def _decoded(source: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield every decodable picture; broken packets are skipped."""
    for packet in source.demux(stream):
        try:
            yield from stream.codec_context.decode(packet)
        except av.error.InvalidDataError:
            continue


def _at_constant_rate(frames: Iterator[VideoFrame], rate: Fraction) -> Iterator[VideoFrame]:
    """Yield the picture shown at each tick of the rate: some repeat, some are dropped."""
    step_s, next_s = float(1 / rate), 0.0
    start_s: float | None = None
    shown: VideoFrame | None = None
    for frame in frames:
        now_s = frame.time
        if now_s is None:
            yield frame
            continue
        start_s = now_s if start_s is None else start_s
        due_s = now_s - start_s
        if due_s - next_s > _MAX_FILL_S or due_s - next_s < -_MAX_FILL_S:
            start_s, due_s = now_s - next_s, next_s
        while shown is not None and next_s + step_s / 2 < due_s:
            yield shown
            next_s += step_s
        shown = frame
    if shown is not None:
        yield shown
