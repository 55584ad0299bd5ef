"""Where a configuration's files are read: on the disk as they are now, or as they were kept.

What enters is a path; what leaves are the bytes of a regular file, or an `OSError`. A configuration
that cannot be read any more is loaded from the kept copy in the same way.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from thapcanh.config.files import read_regular


class ConfigFiles(Protocol):
    """The files of one configuration."""

    def read(self, path: Path, most_bytes: int) -> bytes:
        """The content. Raises `OSError` whose `strerror` says why there is none."""
        ...

    def extras(self, folder: Path) -> list[Path]:
        """The `*.toml` of a folder, in name order. Raises `OSError` when nobody may look."""
        ...


class FilesOnDisk:
    """As they are now."""

    def read(self, path: Path, most_bytes: int) -> bytes:
        """The content. Raises `OSError`."""
        return read_regular(path, most_bytes)

    def extras(self, folder: Path) -> list[Path]:
        """The `*.toml` of a folder, in name order. Raises `OSError`."""
        try:
            names = os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [folder / name for name in sorted(names) if name.endswith(".toml")]


class NotedFiles(FilesOnDisk):
    """As they are now, remembering what was read."""

    def __init__(self) -> None:
        self.contents: dict[Path, bytes] = {}

    def read(self, path: Path, most_bytes: int) -> bytes:
        """The content, which is remembered. Raises `OSError`."""
        self.contents[path] = content = super().read(path, most_bytes)
        return content


class KeptFiles:
    """As they were when they were kept."""

    def __init__(self, contents: Mapping[Path, bytes]) -> None:
        self.contents = contents

    def read(self, path: Path, most_bytes: int) -> bytes:  # noqa: ARG002 it was small enough
        """The content. Raises `FileNotFoundError`."""
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(0, "was not kept") from None

    def extras(self, folder: Path) -> list[Path]:
        """The `*.toml` of a folder, in name order."""
        return sorted(path for path in self.contents if path.parent == folder and path.suffix)


ON_DISK: ConfigFiles = FilesOnDisk()
