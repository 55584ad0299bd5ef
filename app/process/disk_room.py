"""Room kept in hand on the data disk: given up at once when it is full, made again later.

A queue that cannot write to its file ends, and an archive that cannot write shows no new alert. So
the supervisor holds a file of real blocks and deletes it when the disk is nearly full: events,
which are small, then have room for hours, while evidence, which is large, is refused earlier
(`StagingSettings.min_free_bytes`). Called on one thread, several times a second.

`disk_of`: how much room a disk has, as workers and the centre report it; `amount_told`: in words.
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
    """How much is kept in hand on a disk of this size."""
    return min(_MOST_BYTES, total // _SHARE)


def is_given_up(folder: Path, free: int, total: int) -> bool:
    """Whether a disk is so full that its reserve is in use, or soon will be."""
    return not (folder / RESERVE_FILE).exists() and free < 2 * reserve_bytes(total)


class DiskReserve:
    """The reserve of one folder's disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RESERVE_FILE

    def tend(self) -> None:
        """Give the file up, or make it; the disk's errors are logged, never raised."""
        try:
            disk = shutil.disk_usage(self._path.parent)
            wanted = reserve_bytes(disk.total)
            if not self._path.exists():
                if disk.free >= 3 * wanted:
                    self._make(wanted)
            elif disk.free < wanted // 4:
                self._path.unlink()
                log.error("the disk of %s is full: its reserve is given up", self._path.parent)
        except OSError as error:
            log.debug("the reserve %s: %s", self._path, error)

    def _make(self, size: int) -> None:
        with whole_file(self._path) as draft, draft.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def amount_told(size: int) -> str:
    """In the unit that shows it: `0.0 GB` of a small disk says nothing."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size // 1_000_000} MB"


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: on whose disk it is, or would be."""
    while not folder.exists():
        folder = folder.parent
    return folder


def disks_of(folders: Iterable[Path]) -> list[Path]:
    """One folder of each disk among those that exist."""
    found: dict[int, Path] = {}
    for folder in folders:
        with suppress(OSError):
            found.setdefault(folder.stat().st_dev, folder)
    return list(found.values())


def disk_of(folder: Path) -> DiskWord:
    """The disk under a folder, and whose machine it is, for a report."""
    usage = shutil.disk_usage(folder)
    return DiskWord(host=socket.gethostname(), free=usage.free, total=usage.total)
