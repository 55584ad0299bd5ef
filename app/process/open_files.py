"""How many files a process may have open, and which process has one open.

Of others' processes only root is told.
"""

import os
import resource
from contextlib import suppress
from pathlib import Path

MOST_FILES = 65_536


def allow_many_files() -> None:
    """Take as many as the system lets us have: a connection is an open file, and so is a camera.

    Systems give a program 1,024 unless it asks.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def process_with(path: Path) -> int | None:
    """The id of another process that has the file open; None where none is seen."""
    wanted = path.stat()
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with suppress(OSError):  # it ended meanwhile, or is not ours to look at
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    if os.path.samestat(handle.stat(), wanted):
                        return int(process.name)
    return None
