"""How much room a disk has, as workers and the centre report it."""

import shutil
import socket
from pathlib import Path
from typing import Any


def disk_of(folder: Path) -> dict[str, Any]:
    """The disk under a folder, and whose machine it is, for a report."""
    usage = shutil.disk_usage(folder)
    return {"host": socket.gethostname(), "free": usage.free, "total": usage.total}
