"""The door to a store of recordings that all machines share: `ObjectStore`.

Objects are named by keys of plain letters, and are never changed: the same key again holds the same
bytes. What a store says is not believed: who reads compares sizes and hashes. Any call may block
for as long as the store's own timeouts allow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.errors import IngestError

PAGE = 1000
"""Most that a store tells at once."""


class ObjectStoreError(IngestError):
    """The store refuses, or does not answer; the message names it."""


class ObjectMissing(ObjectStoreError):
    """There is no such object."""


class ListingTooLong(ObjectStoreError):
    """More is listed than can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """What a listing says of one object."""

    key: str
    size_bytes: int


class ObjectStore(Protocol):
    """Any thread may use it; every method raises `ObjectStoreError`."""

    @property
    def shown(self) -> str:
        """Its place in words, without a secret."""
        ...

    def put(self, key: str, content: Path | bytes) -> None:
        """Store an object whole; it is durable on return. Raises `OSError` for the file."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes of an object in pieces. Raises `ObjectMissing`."""
        ...

    def listed(
        self, prefix: str, *, after: str = "", most: int, page: int = PAGE
    ) -> Iterator[StoredObject]:
        """Objects below a prefix whose keys come after another, in the order of their keys.

        `page`: so many are asked for at once.

        Raises `ListingTooLong` where there are more than `most`.
        """
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already do not matter."""
        ...
