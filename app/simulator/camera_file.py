"""Which file plays as which camera, and how it is made ready: played as it is, or re-encoded.

`camera_files` reads the command line's words (`FILE` or `NAME=FILE`); `load` turns a file into a
`Recording` (blocking: demux, and re-encoding the first time). Raises `BadSetting` for names and
`UnreadableVideo` for files.
"""

import os
import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.simulator.errors import BadSetting, UnreadableVideo
from app.simulator.re_encoding import CameraShape, re_encode, why_re_encode
from app.simulator.recording import DEFAULT_MAX_BYTES, ForeignCodec, Recording, read_recording

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFile:
    """A camera's name (its path in the URL) and the file that it plays."""

    name: str
    path: Path
    as_is: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRules:
    """How files are made ready; `cache_dir` None is the user's cache folder."""

    shape: CameraShape = field(default_factory=CameraShape)
    max_bytes: int = DEFAULT_MAX_BYTES
    cache_dir: Path | None = None


def camera_files(words: Iterable[str | Path | CameraFile], *, as_is: bool) -> list[CameraFile]:
    """One camera per word; names come from file names and are made unique with a number."""
    files: list[CameraFile] = []
    taken: set[str] = set()
    for word in words:
        file = word if isinstance(word, CameraFile) else _camera_file(word, taken, as_is=as_is)
        if file.name in taken:
            raise BadSetting(f"two cameras are called {file.name!r}")
        taken.add(file.name)
        files.append(file)
    return files


def load(
    file: CameraFile, rules: LoadRules, stop: threading.Event | None = None
) -> tuple[Recording, str | None]:
    """The recording to play, and why it had to be re-encoded (None: played as it is)."""
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
    """The same file in another shape, whatever it is like."""
    return _re_encoded(file.path, shape, rules, stop)


def default_cache_dir() -> Path:
    """Return the folder for re-encoded videos."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "thapcanh" / "simulator"


def _re_encoded(
    path: Path, shape: CameraShape, rules: LoadRules, stop: threading.Event | None
) -> Recording:
    made = re_encode(path, shape, rules.cache_dir or default_cache_dir(), stop)
    return read_recording(made, rules.max_bytes)


def _camera_file(word: str | Path, taken: set[str], *, as_is: bool) -> CameraFile:
    name, equals, rest = str(word).partition("=")
    # A path may hold an equals sign too: a name never holds a slash, and the whole may exist.
    if isinstance(word, str) and equals and "/" not in name and not Path(word).exists():
        if not _NAME.fullmatch(name):
            raise BadSetting(f"{name!r} is no camera name: letters, digits, dot, dash, underscore")
        return CameraFile(name=name, path=Path(rest), as_is=as_is)
    path = Path(word)
    return CameraFile(name=_free_name(_name_of(path), taken), path=path, as_is=as_is)


def _name_of(path: Path) -> str:
    """`Cổng chính 1.mp4` becomes `Cong-chinh-1`."""
    plain = path.stem.replace("đ", "d").replace("Đ", "D")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:80] or "camera"


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
