"""Cleaner of copies that a killed centre left behind, by their age."""

import os
import time
from contextlib import suppress
from pathlib import Path

OLD_S = 4 * 3600.0
"""More than the longest export and the time that its copies are kept, by two clocks that differ."""


def remove_leftovers(shared: Path, own: Path, now_s: float | None = None) -> None:
    """Remove what is old in the shared folder, but nothing of our own; links are not followed."""
    limit_s = (time.time() if now_s is None else now_s) - OLD_S
    with suppress(OSError):
        for item in list(os.scandir(shared)):
            if item.is_dir(follow_symlinks=False) and Path(item.path) != own:
                _remove_old(item.path, limit_s)


def _remove_old(folder: str, limit_s: float) -> None:
    for where, folders, files in os.walk(folder, topdown=False):
        for name in files:
            _remove_if_old(Path(where) / name, limit_s, is_folder=False)
        for name in folders:
            _remove_if_old(Path(where) / name, limit_s, is_folder=True)
    _remove_if_old(Path(folder), limit_s, is_folder=True)


def _remove_if_old(path: Path, limit_s: float, *, is_folder: bool) -> None:
    """Remove an old file or empty folder; another centre may remove it first."""
    with suppress(OSError):
        if path.lstat().st_mtime < limit_s:
            path.rmdir() if is_folder and not path.is_symlink() else path.unlink()
