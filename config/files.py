"""Files of this machine, read only if they are regular and written atomically.

All functions raise `OSError`.
"""

import errno
import glob
import itertools
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_DRAFT = re.compile(r"\..+\.\d+-\d+\.part", re.DOTALL)
_ABANDONED_S = 86_400.0
"""A draft that nobody has written to for so long has no writer any more."""
_numbers = itertools.count()


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Return the content. Raise `OSError` whose `strerror` gives the reason."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(0, "is a directory, expected a file")
        if not stat.S_ISREG(mode):
            raise OSError(0, "is not a regular file")
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(0, f"is larger than {_size(most_bytes)}")
    return content


def replace_file(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Replace a file atomically; a private one is readable by its owner only."""
    with whole_file(path) as draft:
        _write(draft, content, private)


def create_file(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write a new file atomically. Raise `FileExistsError` if the name exists."""
    if os.path.lexists(path):  # asked before anything is written: a full disk is no reason then
        raise _accepted(path)
    draft = _draft_of(path)
    try:
        _write(draft, content, private)
        _sync(draft)
        _claim_free_name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a draft to write to; it replaces the file when the block succeeds."""
    draft = _draft_of(path)
    try:
        yield draft
        put_in_place(draft, path)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            draft.unlink(missing_ok=True)
        raise


def put_in_place(draft: Path, target: Path) -> None:
    """Sync a file, or a folder with its content, and rename it to `target`."""
    if draft.is_dir():
        for path in draft.rglob("*"):
            _sync_any(path)
    _sync_any(draft)
    rename(draft, target)


def rename(source: Path, target: Path) -> None:
    """Rename a file or folder durably; its content need not be synced."""
    source.replace(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def is_draft(name: str) -> bool:
    """Return whether a killed or failed writer left a file of this name."""
    return _DRAFT.fullmatch(name) is not None


def drop_drafts(path: Path) -> None:
    """Delete drafts of earlier attempts to write this file; ignore those that cannot be deleted.

    Call it only as the single writer: it would delete the draft of a concurrent one.
    """
    with suppress(OSError):
        for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if is_draft(left.name):
                left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that new names in it survive a power failure."""
    try:
        _sync(folder)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems have no such thing
            raise


def _write(draft: Path, content: str | bytes, private: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(draft, flags, 0o600 if private else 0o666), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def _claim_free_name(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.exists():
            raise _accepted(path) from None
        draft.replace(path)


def _accepted(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _draft_of(path: Path) -> Path:
    """Return a draft name that no concurrent writer uses."""
    _drop_abandoned(path.parent, int(time.monotonic() // _ABANDONED_S))
    return path.with_name(f".{path.name}.{os.getpid()}-{next(_numbers)}.part")


@lru_cache(256)
def _drop_abandoned(folder: Path, _day: int) -> None:
    """Delete what writers left in a folder that were killed; once a day, as it is written to."""
    with suppress(OSError), os.scandir(folder) as there:
        for one in there:
            is_file = is_draft(one.name) and one.is_file(follow_symlinks=False)
            if is_file and time.time() - one.stat().st_mtime > _ABANDONED_S:
                os.unlink(one)


def _sync_any(path: Path) -> None:
    if path.is_dir():
        sync_folder(path)
    elif not path.is_symlink():
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"
