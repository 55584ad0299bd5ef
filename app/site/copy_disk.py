"""The disk of copies that must outlive this machine's own: backups, ends of the log.

Where it is not mounted its folder is an empty one of the system's disk, and a copy there is lost
with what it was made of. So at the first copy a disk gets an id (`ingest/store_identity.py`), and a
folder that is known and has none is refused. Disks may take turns: any with an id is taken.
A folder of the system's disk, or of the data folder's, gets none: no mount point passes for a disk.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from thapcanh.app.process.disk_room import existing
from thapcanh.app.site.site_paths import SitePaths
from thapcanh.config.files import read_regular, replace_file
from thapcanh.ingest.store_identity import KnownStore, StoreFolder, StoreWrong

_MOST_PATH_BYTES = 4096


class CopyDisk:
    """The disk of one folder. Asking touches it, and blocks for as long as it hangs."""

    def __init__(self, folder: Path, paths: SitePaths) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._paths = paths

    def require(self) -> None:
        """Raise `StoreWrong` where a disk is known for the folder, or one above, and not there.

        What cannot be read refuses nothing: a copy is wanted most where a disk begins to fail.
        """
        for place in (self.folder, *self.folder.parents):
            with suppress(OSError):
                self._require(place)

    def remember(self) -> str | None:
        """Know the disk of the folder, which exists, from now on; return why it is not, if so.

        Raises `OSError` where the id cannot be kept.
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
        self._known(place).claim()
        replace_file(self._paths.place_of_copies(place), os.fsencode(place) + b"\n")
        return None

    def _require(self, place: Path) -> None:
        known = self._known(place)
        if known.known is None:
            return
        found = StoreFolder(place).read_id()
        if found is None:
            known.confirm()
        elif found != known.known:
            known.expect(found)  # it takes turns with others

    def _known(self, place: Path) -> KnownStore:
        remembered = self._paths.remembered_copies(place)
        return KnownStore(StoreFolder(place), remembered, name="the disk of copies", part="disk")


def missing_copy_disks(paths: SitePaths) -> Iterator[str]:
    """What is to be said of each known disk that is not mounted now."""
    for kept in sorted(paths.places_of_copies()):
        with suppress(OSError):
            place = Path(os.fsdecode(read_regular(kept, _MOST_PATH_BYTES).removesuffix(b"\n")))
            try:
                CopyDisk(place, paths).require()
            except StoreWrong as error:
                yield str(error)


def _topmost(folder: Path) -> Path:
    """The highest folder of its disk that is ours to write in, and not everybody's."""
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
    """Whether it is like /tmp, which may be emptied, and where another can put an id."""
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def _device(folder: Path) -> int:
    return folder.stat().st_dev
