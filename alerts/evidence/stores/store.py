"""The door to kept evidence: `EvidenceStore`, with a folder and S3-compatible storage behind it.

Files are named by paths relative to the store, as the archive's rows hold them. A file is put once
under its seal and never written again (a manifest is replaced whole); what is read is compared with
its seal by who reads. Every call may block for as long as the store's own timeouts allow.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thapcanh.alerts.queue.message import EvidenceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A kept file as it is now; `version` is another one as soon as a byte of it is."""

    bytes: int
    changed_at: float  # UTC seconds
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRoom:
    """The disk of a store."""

    free_bytes: int
    total_bytes: int
    device: int  # of the file system


class EvidenceStore(Protocol):
    """Where evidence is kept. Any thread may use it; every method raises `EvidenceError`."""

    @property
    def shown(self) -> str:
        """Its place in words, without a secret."""
        ...

    def put(self, source: Path, ref: EvidenceRef) -> None:
        """Keep a sealed file of this machine's disk; durable on return, and idempotent.

        What is there already under the same seal stays; only a manifest is replaced. The source
        may be gone afterwards. Raises `EvidenceUnusable` when retrying cannot help.
        """
        ...

    def find(self, relative: str) -> StoredFile:
        """What is kept under a path; raises `EvidenceMissing`, `EvidenceOutside`."""
        ...

    def read(self, relative: str, found: StoredFile, *, first: int = 0) -> Iterator[bytes]:
        """The bytes of what was found, from `first` on, in pieces.

        Raises `EvidenceError` on the way when it is no longer what was found.
        """
        ...

    def delete(self, relative: str) -> int:
        """Delete one file; returns the bytes freed, 0 where there was none."""
        ...

    def paths(self) -> Iterator[str]:
        """Every file that is kept, but the store's own; in no order."""
        ...

    def free_bytes(self) -> int | None:
        """Room that is left; None where a store cannot tell."""
        ...

    def room(self) -> StoreRoom | None:
        """Its disk; None where it is none of this machine's."""
        ...

    def read_id(self) -> str | None:
        """The id that the store carries; None where it has none yet."""
        ...

    def give_id(self, store_id: str) -> None:
        """Give a new store its id; of several who try at once, one wins."""
        ...


def read_whole(store: EvidenceStore, relative: str) -> bytes:
    """A small file, a picture. Raises `EvidenceError`."""
    return b"".join(store.read(relative, store.find(relative)))


def kept_sha256(store: EvidenceStore, relative: str) -> str:
    """Hexadecimal sha256 of a kept file of any size. Raises `EvidenceError`."""
    return sha256_of(store.read(relative, store.find(relative)))


def sha256_of(pieces: Iterable[bytes]) -> str:
    """Hexadecimal sha256 of pieces, joined."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
