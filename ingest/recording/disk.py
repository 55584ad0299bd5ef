"""Recording disk of a machine, identified by its id."""

from dataclasses import dataclass
from pathlib import Path

from thapcanh.ingest.recording.timeline import GapReason
from thapcanh.ingest.store_identity import ExpectedStore, StoreFolder, StoreWrong


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
    """Recording disk; thread-safe. Calls touch the disk and block while it hangs."""

    def __init__(self, folder: Path, remembered: Path | None = None) -> None:
        """Create it; without the file `remembered` (on another disk) any folder is accepted."""
        self.folder = folder
        self._remembered = remembered
        self._known: ExpectedStore | None = None
        if remembered is not None:
            store = StoreFolder(folder)
            self._known = ExpectedStore(store, remembered, name="the recording disk", part="disk")

    def refusal(self) -> DiskRefusal | None:
        """Return why the recorder may not use the disk; give an id to a new disk."""
        known = self._known
        if known is None:
            return None
        is_registered = True
        try:
            is_registered = known.known is not None
            known.claim()
        except StoreWrong as error:
            return DiskRefusal(
                reason=GapReason.DISK_MISSING, told=str(error), known_by=self._remembered
            )
        except OSError as error:
            if (
                is_registered
            ):  # else nothing is there yet to take it for, and writing says what is wrong
                return DiskRefusal(reason=GapReason.WRITE_FAILED, told=str(error))
        return None

    def require(self) -> None:
        """Raise `RecordingDiskMissing` if the disk may not be read; write nothing."""
        try:
            if self._known is not None:
                self._known.confirm()
        except StoreWrong as error:
            raise RecordingDiskMissing(str(error), self.folder) from error
