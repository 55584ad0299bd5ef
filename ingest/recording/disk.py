"""The disk on which a machine's recordings live: known by its id, and refused where it is not.

A reboot without the disk, or a share that is gone, leaves an empty folder on the system's disk:
nothing is written there, nothing is deleted by what it says, and film is not told as missing.
"""

from dataclasses import dataclass
from pathlib import Path

from thapcanh.ingest.recording.timeline import GapReason
from thapcanh.ingest.store_identity import KnownStore, StoreFolder, StoreWrong


class RecordingDiskMissing(OSError):
    """Another disk, or none, is mounted where the recordings live."""

    def __init__(self, told: str, folder: Path) -> None:
        super().__init__(told)
        self.folder = folder


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskRefusal:
    """Why a recorder leaves its folder alone. `known_by`: the file that knows the missing disk."""

    reason: GapReason
    told: str
    known_by: Path | None = None


class RecordingDisk:
    """Any thread may ask; asking touches the disk, and blocks for as long as that hangs."""

    def __init__(self, folder: Path, remembered: Path | None = None) -> None:
        """`remembered` is a file on another disk; without one every folder is taken as it is."""
        self.folder = folder
        self._remembered = remembered
        self._known: KnownStore | None = None
        if remembered is not None:
            store = StoreFolder(folder)
            self._known = KnownStore(store, remembered, name="the recording disk", part="disk")

    def refusal(self) -> DiskRefusal | None:
        """For the recorder; a disk that begins, or is of before disks had ids, gets one."""
        known = self._known
        if known is None:
            return None
        is_known = True
        try:
            is_known = known.known is not None
            known.claim()
        except StoreWrong as error:
            return DiskRefusal(
                reason=GapReason.DISK_MISSING, told=str(error), known_by=self._remembered
            )
        except OSError as error:
            if is_known:  # else nothing is there yet to take it for, and writing says what is wrong
                return DiskRefusal(reason=GapReason.WRITE_FAILED, told=str(error))
        return None

    def require(self) -> None:
        """For all others; nothing is written on the disk. Raises `RecordingDiskMissing`."""
        try:
            if self._known is not None:
                self._known.confirm()
        except StoreWrong as error:
            raise RecordingDiskMissing(str(error), self.folder) from error
