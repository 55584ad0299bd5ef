"""A file that only its owner may read, made where none was."""

import os
from pathlib import Path


def write_new_private(path: Path, text: str) -> None:
    """Write a new file and bring it to the disk; raise `OSError` where one is there already."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
