"""A folder on another disk than a test's own, which can be taken away and brought back."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")


class MountPoint:
    """An empty folder of the test's own disk until a disk is mounted on it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def mount(self, disk: Path) -> None:
        self._empty()
        self.place.symlink_to(disk)

    def unmount(self) -> None:
        self._empty()
        self.place.mkdir()

    def _empty(self) -> None:
        if self.place.is_symlink():
            self.place.unlink()
        else:
            shutil.rmtree(self.place)


@contextmanager
def other_disk(here: Path) -> Iterator[Path]:
    """An empty folder in memory, which is a disk of its own; skips where there is no such."""
    own = {place.stat().st_dev for place in (here, Path("/"))}
    if not _MEMORY.is_dir() or _MEMORY.stat().st_dev in own:
        pytest.skip(f"{_MEMORY} is no disk of its own here")
    made = Path(tempfile.mkdtemp(dir=_MEMORY, prefix="thapcanh-test-"))
    try:
        yield made
    finally:
        shutil.rmtree(made)
