"""Evidence store in a folder; files are written once under their sha256 seal."""

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from thapcanh.alerts.evidence.stores.durable_files import file_sha256, move, require_seal
from thapcanh.alerts.evidence.stores.store import StoredFile, StoreRoom
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, evidence_folder
from thapcanh.alerts.store.errors import (
    EvidenceError,
    EvidenceFailed,
    EvidenceFull,
    EvidenceMissing,
    EvidenceOutside,
    EvidenceUnusable,
)
from thapcanh.config.files import drop_drafts, replace_file, sync_folder
from thapcanh.detection.event import Event
from thapcanh.ingest.store_identity import STORE_ID_FILE, StoreFolder

_SAFE_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
_PIECE_BYTES = 256 * 1024


class FolderStore:
    """Files below one root; thread-safe."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def root(self) -> Path:
        return self._root

    @property
    def shown(self) -> str:
        return str(self._root)

    def folder_of(self, event: Event) -> str:
        """Return the relative folder of an event's files: date, camera, event."""
        parts = (event.camera_id, event.event_id)
        if not all(_SAFE_PART.fullmatch(part) for part in parts):
            raise EvidenceOutside(f"not names of folders: {parts}")
        return evidence_folder(event)

    def path(self, relative: str) -> Path:
        """Return the absolute path. Raise `EvidenceOutside` if it leaves the root."""
        pure = PurePosixPath(relative)
        try:
            place, root = (self._root / pure).resolve(), self._root.resolve()
        except (OSError, ValueError) as error:  # letters that no file's name can hold
            raise EvidenceOutside(f"no path: {relative!r}") from error
        if pure.is_absolute() or ".." in pure.parts or not place.is_relative_to(root):
            raise EvidenceOutside(f"outside the evidence folder: {relative!r}")
        return place

    def make_folder(self, folder: str) -> Path:
        """Make an event's folder and return its real place."""
        place = self.path(folder)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise named(error, folder) from error
        return place

    def save(self, folder: str, name: str, kind: EvidenceKind, content: bytes) -> EvidenceRef:
        """Write a file durably. Only a manifest may be there already: it is replaced whole."""
        place = self.make_folder(folder) / name
        if place.exists() and kind is not EvidenceKind.MANIFEST:
            raise EvidenceFailed(f"{folder}/{name} is there already, and evidence is never changed")
        try:
            replace_file(place, content)
        except OSError as error:
            raise named(error, f"{folder}/{name}") from error
        digest = hashlib.sha256(content).hexdigest()
        return EvidenceRef(kind=kind, path=f"{folder}/{name}", sha256=digest, bytes=len(content))

    def put(self, source: Path, ref: EvidenceRef) -> None:
        """Move a sealed file here, also from another disk; durable on return."""
        place = self.make_folder(str(PurePosixPath(ref.path).parent)) / PurePosixPath(ref.path).name
        try:
            is_registered = place.exists()
            if is_registered and (ref.kind is not EvidenceKind.MANIFEST or not source.exists()):
                require_seal(place, ref)
            elif source.exists():
                move(source, place, ref)
            else:
                raise EvidenceUnusable(f"gone from the worker's disk: {ref.path}")
            drop_drafts(place)
        except OSError as error:
            raise named(error, ref.path) from error

    def seal(self, folder: str, name: str, kind: EvidenceKind) -> EvidenceRef:
        """Make a file that another wrote (a clip) durable, and return its reference."""
        place = self.path(f"{folder}/{name}")
        try:
            with place.open("rb") as file:
                os.fsync(file.fileno())
            sync_folder(place.parent)
            digest, size = file_sha256(place), place.stat().st_size
        except OSError as error:
            raise named(error, f"{folder}/{name}") from error
        return EvidenceRef(kind=kind, path=f"{folder}/{name}", sha256=digest, bytes=size)

    def delete(self, relative: str) -> int:
        """Delete a file and folders left empty; return the bytes freed."""
        place = self.path(relative)
        try:
            size = place.stat().st_size
            place.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise named(error, relative) from error
        drop_drafts(place)
        self._drop_empty(place.parent)
        return size

    def find(self, relative: str) -> StoredFile:
        """Return the file; raise `EvidenceMissing` also for anything that is no file."""
        place = self.path(relative)
        try:
            facts = place.stat()
        except OSError as error:
            if error.errno in _NO_FILE:
                raise EvidenceMissing(f"{relative} is not in the evidence folder") from error
            raise named(error, relative) from error
        if not stat.S_ISREG(facts.st_mode):
            raise EvidenceMissing(f"{relative} is no file")
        return _stored(facts)

    def read(self, relative: str, found: StoredFile, *, first: int = 0) -> Iterator[bytes]:
        """Yield the file's bytes from `first` on; it must still be what was found."""
        try:
            with self.path(relative).open("rb") as file:
                if _stored(os.fstat(file.fileno())) != found:
                    raise EvidenceFailed(f"{relative} became another while it was read")
                file.seek(first)
                while piece := file.read(_PIECE_BYTES):
                    yield piece
        except FileNotFoundError as error:
            raise EvidenceMissing(f"{relative} is not in the evidence folder") from error
        except OSError as error:
            raise named(error, relative) from error

    def paths(self) -> Iterator[str]:
        """Yield all files of the folder, hidden or not, except drafts."""
        try:
            for folder, _, names in os.walk(self._root, onerror=_raise):
                for name in names:
                    if not (name.startswith(".") and name.endswith(".part")):
                        path = (Path(folder) / name).relative_to(self._root).as_posix()
                        if not path.startswith(STORE_ID_FILE):
                            yield path
        except FileNotFoundError:
            return  # nothing was kept yet
        except OSError as error:
            raise named(error, f"evidence store {self._root}") from error

    def room(self) -> StoreRoom:
        try:
            usage, device = shutil.disk_usage(self._root), self._root.stat().st_dev
        except OSError as error:
            raise named(error, f"evidence store {self._root}") from error
        return StoreRoom(free_bytes=usage.free, total_bytes=usage.total, device=device)

    def read_id(self) -> str | None:
        try:
            return StoreFolder(self._root).read_id()
        except OSError as error:
            raise named(error, f"evidence store {self._root}") from error

    def give_id(self, store_id: str) -> None:
        try:
            StoreFolder(self._root).give_id(store_id)
        except OSError as error:
            raise named(error, f"evidence store {self._root}") from error

    def free_bytes(self) -> int:
        """Room left on the disk of the evidence folder."""
        local = self._root
        while not local.exists():
            local = local.parent
        return shutil.disk_usage(local).free

    def _drop_empty(self, folder: Path) -> None:
        root = self._root.resolve()
        while folder != root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def named(error: OSError, what: str) -> EvidenceError:
    """Return the disk's error as an `EvidenceError`."""
    if error.errno in _NO_ROOM:
        return EvidenceFull(f"no room for {what}")
    return EvidenceFailed(f"{what}: {error.strerror or error}")


def _raise(error: OSError) -> None:
    raise error


def _stored(facts: os.stat_result) -> StoredFile:
    as_it_is = (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    version = "-".join(map(str, as_it_is))
    return StoredFile(bytes=facts.st_size, changed_at=facts.st_mtime, version=version)
