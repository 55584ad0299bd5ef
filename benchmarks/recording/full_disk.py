"""A disk that is full to the last byte, again and again: a file takes what is free."""

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMES = 3
FULL_S = 20.0
"""Of a long run; a third of the time of a short one."""
_STEP_BYTES = 1 << 26


@contextmanager
def filled(disk: Path, seconds: float) -> Iterator[None]:
    """While the block runs, the disk is full `TIMES` times within these seconds."""
    ended = threading.Event()
    thread = threading.Thread(target=_fill_again, args=(disk, seconds, ended), name="full-disk")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _fill_again(disk: Path, seconds: float, ended: threading.Event) -> None:
    full_s = min(FULL_S, seconds / TIMES / 3)
    for _ in range(TIMES):
        if ended.wait(seconds / TIMES - full_s):
            return
        path = disk / "takes-the-room"
        try:
            _fill(path, disk, full_s, ended)
        finally:
            path.unlink(missing_ok=True)


def _fill(path: Path, disk: Path, full_s: float, ended: threading.Event) -> None:
    """Take what is free, and what becomes free, for so long."""
    with path.open("wb") as file:
        for _ in range(max(1, int(full_s))):
            _take_all(file.fileno(), disk)
            if ended.wait(1.0):
                return


def _take_all(file: int, disk: Path) -> None:
    while free := shutil.disk_usage(disk).free:
        size = os.fstat(file).st_size
        try:
            os.posix_fallocate(file, size, min(free, _STEP_BYTES))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return
