"""Reads files that a configuration names: regular ones, and not more of them than is sensible.

A pipe would hold the reader for ever, a device would fill the memory.
"""

import os
import stat
from pathlib import Path


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Return the content. Raises `OSError` whose `strerror` says why there is none."""
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


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"
