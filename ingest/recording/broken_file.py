"""A database file on the recording disk that is broken: kept for whoever asks, out of the way."""

import logging
import time
from pathlib import Path
from sqlite3 import DatabaseError

from config.files import rename

log = logging.getLogger(__name__)


def set_aside(path: Path, error: Exception, instead: str) -> bool:
    """Rename a broken file; false: a locked, full or unreadable one may be well later.

    `instead` says in the log what is used from now on. Raises `OSError`.
    """
    if type(error) is not DatabaseError:
        return False
    aside = path.with_name(f"{path.name}.broken-{time.time_ns()}")
    rename(path, aside)
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    log.error("%s: %s; set aside as %s, %s", path, error, aside.name, instead)
    return True
