"""Small files beside the film that are there whole, or as they were."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in an existing folder; it is on the disk on return. Raises `OSError`."""
    partial = path.with_suffix(".new")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
