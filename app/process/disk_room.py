"""Reserve on the data disk: a file that is deleted when the disk is nearly full.

Called on one thread, several times a second.
"""

import logging
import os
import shutil
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from thapcanh.alerts.queue.workers.worker_report import DiskWord
from thapcanh.config.files import whole_file

log = logging.getLogger(__name__)
RESERVE_FILE = "reserve"
_MOST_BYTES = 256_000_000  # some 20,000 events in spool, queue and archive
_SHARE = 20  # of a small disk
FULL_BYTES = 1_000_000
"""A disk with less has no room."""


def reserve_bytes(total: int) -> int:
    """Return the size of the reserve for a disk of this size."""
    return min(_MOST_BYTES, total // _SHARE)


def is_exhausted(folder: Path, free: int, total: int) -> bool:
    """Return True if the reserve is in use, or soon will be."""
    return not (folder / RESERVE_FILE).exists() and free < 2 * reserve_bytes(total)


class DiskReserve:
    """Reserve on one folder's disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RESERVE_FILE

    def tend(self) -> None:
        """Give the file up, or make it; the disk's errors are logged, never raised."""
        try:
            disk = shutil.disk_usage(self._path.parent)
            size = reserve_bytes(disk.total)
            if not self._path.exists():
                if disk.free >= 3 * size:
                    self._make(size)
            elif disk.free < size // 4:
                self._path.unlink()
                log.error("the disk of %s is full: its reserve is given up", self._path.parent)
        except OSError as error:
            log.debug("the reserve %s: %s", self._path, error)

    def _make(self, size: int) -> None:
        with whole_file(self._path) as draft, draft.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def amount_text(size: int) -> str:
    """Return the size in GB or MB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size // 1_000_000} MB"


def existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def disks_of(folders: Iterable[Path]) -> list[Path]:
    """Return one existing folder of each disk."""
    found: dict[int, Path] = {}
    for folder in folders:
        with suppress(OSError):
            found.setdefault(folder.stat().st_dev, folder)
    return list(found.values())


def disk_of(folder: Path) -> DiskWord:
    """Return the space of a folder's disk, and its machine, for a report."""
    usage = shutil.disk_usage(folder)
    return DiskWord(host=socket.gethostname(), free=usage.free, total=usage.total)
