"""Paths as a configuration names them."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

LONGEST_NAME = 255  # bytes of one name on every usual file system
LONGEST_PATH = 2048  # bytes; with the folder that it is seen from it stays below Linux' 4095


def checked_path(path: Path) -> Path:
    """Return `path`. Raise `ValueError` if no file can have it.

    The system reports such a path with errors other than "does not exist".
    """
    names = [str(name).encode("utf-8", "surrogatepass") for name in path.parts]
    if any(b"\0" in name for name in names):
        raise ValueError("the path has a NUL character")
    if any(len(name) > LONGEST_NAME for name in names):
        raise ValueError(f"a name in the path has more than {LONGEST_NAME} bytes")
    if sum(len(name) + 1 for name in names) > LONGEST_PATH:
        raise ValueError(f"the path has more than {LONGEST_PATH} bytes")
    return path


FilePath = Annotated[Path, AfterValidator(checked_path)]
