"""How much room a disk has, as workers and the centre report it."""

import shutil
import socket
from pathlib import Path

from alerts.queue.workers.worker_report import DiskWord


def disk_of(folder: Path) -> DiskWord:
    """The disk under a folder, and whose machine it is, for a report."""
    usage = shutil.disk_usage(folder)
    return DiskWord(host=socket.gethostname(), free=usage.free, total=usage.total)
