"""Disk of copies that must survive this machine: backups, ends of the log."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from thapcanh.app.process.disk_room import existing
from thapcanh.app.site.site_paths import SitePaths
from thapcanh.config.files import read_regular, replace_file
from thapcanh.ingest.store_identity import ExpectedStore, StoreFolder, StoreWrong

_MOST_PATH_BYTES = 4096


class CopyDisk:
    """Disk of one folder. Queries access it, and block while it hangs."""

    def __init__(self, folder: Path, paths: SitePaths) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._paths = paths

    def require(self) -> None:
        """Raise `StoreWrong` if a disk is remembered for the folder or a parent, but missing.

        Unreadable places are accepted: a copy matters most when a disk starts to fail.
        """
        for place in (self.folder, *self.folder.parents):
            with suppress(OSError):
                self._require(place)

    def remember(self) -> str | None:
        """Remember the folder's disk; return the reason if that is not possible.

        Raises `OSError` if the id cannot be stored.
        """
        for own in (self._paths.data_dir, Path("/")):
            if _device(existing(own)) == _device(self.folder):
                return (
                    f"{self.folder} is on the disk of {own}: if a disk of its own belongs there, "
                    "it is not mounted; else take the copy to another machine"
                )
        if _is_everybodys(self.folder):
            return (
                f"all may write in {self.folder}, so that its disk cannot be known the next time: "
                "use a folder of your own on it"
            )
        place = _topmost(self.folder)
        self._registered(place).claim()
        replace_file(self._paths.place_of_copies(place), os.fsencode(place) + b"\n")
        return None

    def _require(self, place: Path) -> None:
        known = self._registered(place)
        if known.known is None:
            return
        found = StoreFolder(place).read_id()
        if found is None:
            known.confirm()
        elif found != known.known:
            known.expect(found)  # it takes turns with others

    def _registered(self, place: Path) -> ExpectedStore:
        remembered = self._paths.remembered_copies(place)
        return ExpectedStore(StoreFolder(place), remembered, name="the disk of copies", part="disk")


def missing_copy_disks(paths: SitePaths) -> Iterator[str]:
    """Yield a message for each remembered disk that is not mounted."""
    for place_file in sorted(paths.places_of_copies()):
        with suppress(OSError):
            place = Path(
                os.fsdecode(read_regular(place_file, _MOST_PATH_BYTES).removesuffix(b"\n"))
            )
            try:
                CopyDisk(place, paths).require()
            except StoreWrong as error:
                yield str(error)


def _topmost(folder: Path) -> Path:
    """Return the topmost folder of the disk that is writable and not shared."""
    above = folder.parent
    while (
        above != folder
        and _device(above) == _device(folder)
        and os.access(above, os.W_OK)
        and not _is_everybodys(above)
    ):
        folder, above = above, above.parent
    return folder


def _is_everybodys(folder: Path) -> bool:
    """Return True for a sticky folder like /tmp, where others can write an id."""
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def _device(folder: Path) -> int:
    return folder.stat().st_dev
