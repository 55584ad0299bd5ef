"""Interface of evidence stores: `EvidenceStore`."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thapcanh.alerts.queue.message import EvidenceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """Stored file; `version` changes with its content."""

    bytes: int
    changed_at: float  # UTC seconds
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRoom:
    """Disk of a store."""

    free_bytes: int
    total_bytes: int
    device: int  # of the file system


class EvidenceStore(Protocol):
    """Evidence store; thread-safe. Every method raises `EvidenceError`."""

    @property
    def shown(self) -> str:
        """Place of the store in words, without secrets."""
        ...

    def put(self, source: Path, ref: EvidenceRef) -> None:
        """Store a sealed local file; durable on return, and idempotent.

        An existing file with the same seal stays; only a manifest is replaced. The source may be
        gone afterwards. Raise `EvidenceUnusable` if retrying cannot help.
        """
        ...

    def find(self, relative: str) -> StoredFile:
        """Return the file of a path. Raise `EvidenceMissing` or `EvidenceOutside`."""
        ...

    def read(self, relative: str, found: StoredFile, *, first: int = 0) -> Iterator[bytes]:
        """Yield the bytes of what was found, from `first` on.

        Raise `EvidenceError` when it is no longer what was found.
        """
        ...

    def delete(self, relative: str) -> int:
        """Delete a file; return the bytes freed, 0 if there was none."""
        ...

    def paths(self) -> Iterator[str]:
        """Yield every stored file except the store's own, in no order."""
        ...

    def free_bytes(self) -> int | None:
        """Return the free space, or None if unknown."""
        ...

    def room(self) -> StoreRoom | None:
        """Return its disk's space; None if it is no local disk."""
        ...

    def read_id(self) -> str | None: ...

    def give_id(self, store_id: str) -> None:
        """Give a new store its id; of several concurrent callers one wins."""
        ...


def read_whole(store: EvidenceStore, relative: str) -> bytes:
    """Return a small file. Raise `EvidenceError`."""
    return b"".join(store.read(relative, store.find(relative)))


def stored_sha256(store: EvidenceStore, relative: str) -> str:
    """Return the hexadecimal sha256 of a stored file. Raise `EvidenceError`."""
    return sha256_of(store.read(relative, store.find(relative)))


def sha256_of(pieces: Iterable[bytes]) -> str:
    """Hexadecimal sha256 of pieces, joined."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
