"""Limit of open files, and the process that has a file open."""

import os
import resource
from contextlib import suppress
from pathlib import Path

MOST_FILES = 65_536


def allow_many_files() -> None:
    """Raise the limit of open files as far as allowed.

    Connections and cameras are files; the default is 1,024.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def process_with(path: Path) -> int | None:
    """Return the id of another process that has the file open, or None."""
    limit = path.stat()
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with suppress(OSError):  # it ended meanwhile, or is not ours to look at
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    if os.path.samestat(handle.stat(), limit):
                        return int(process.name)
    return None
