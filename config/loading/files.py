"""Sources of a configuration's files: the disk, or a stored copy."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from thapcanh.config.files import read_regular


class ConfigFiles(Protocol):
    """Files of one configuration."""

    def read(self, path: Path, most_bytes: int) -> bytes:
        """Return the content. Raise `OSError` whose `strerror` gives the reason."""
        ...

    def extras(self, folder: Path) -> list[Path]:
        """Return the `*.toml` of a folder in name order. Raise `OSError` if it is not readable."""
        ...


class FilesOnDisk:
    """Files as they are on the disk now."""

    def read(self, path: Path, most_bytes: int) -> bytes:
        return read_regular(path, most_bytes)

    def extras(self, folder: Path) -> list[Path]:
        try:
            names = os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [folder / name for name in sorted(names) if name.endswith(".toml")]


class NotedFiles(FilesOnDisk):
    """Files on the disk that remember what was read."""

    def __init__(self) -> None:
        self.contents: dict[Path, bytes] = {}

    def read(self, path: Path, most_bytes: int) -> bytes:
        self.contents[path] = content = super().read(path, most_bytes)
        return content


class StoredFiles:
    """Files of a stored copy."""

    def __init__(self, contents: Mapping[Path, bytes]) -> None:
        self.contents = contents

    def read(self, path: Path, most_bytes: int) -> bytes:  # noqa: ARG002 it was small enough
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(0, "was not kept") from None

    def extras(self, folder: Path) -> list[Path]:
        return sorted(path for path in self.contents if path.parent == folder and path.suffix)


ON_DISK: ConfigFiles = FilesOnDisk()
