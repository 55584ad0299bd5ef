"""Interface of a store of recordings shared by all machines: `ObjectStore`.

Objects have keys of plain letters and never change.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thapcanh.ingest.errors import IngestError

PAGE = 1000
"""Most that a store tells at once."""
HANGS_AFTER_S = 4.0
AGAIN_AFTER_S = 3.0


class ObjectStoreError(IngestError):
    """Store that refuses or does not respond; the message names it."""


class ObjectMissing(ObjectStoreError):
    """Missing object."""


class ListingTooLong(ObjectStoreError):
    """More is listed than can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """Listing entry of an object."""

    key: str
    size_bytes: int


class ObjectStore(Protocol):
    """Any thread may use it; every method raises `ObjectStoreError`."""

    @property
    def shown(self) -> str:
        """Place of the store in words, without secrets."""
        ...

    def put(self, key: str, content: Path | bytes) -> None:
        """Store an object whole; it is durable on return. Raises `OSError` for the file."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of an object. Raise `ObjectMissing`."""
        ...

    def listed(
        self, prefix: str, *, after: str = "", most: int, page: int = PAGE
    ) -> Iterator[StoredObject]:
        """Yield objects below a prefix with keys after `after`, in order of their keys.

        `page` is the number requested at once. Raise `ListingTooLong` if there are more than
        `most`.
        """
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; missing ones are ignored."""
        ...


class GuardedStore:
    """Another store, of which only what it answers is waited for. Any thread may use it."""

    def __init__(self, store: ObjectStore, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._in_flight: dict[int, float] = {}  # when each question last got an answer
        self._number = 0
        self._failed_at: float | None = None

    @property
    def shown(self) -> str:
        return self._store.shown

    @property
    def is_silent(self) -> bool:
        """True if a request hangs now, or the last one failed."""
        now = self._monotonic()
        with self._lock:
            hangs = any(now - at > HANGS_AFTER_S for at in self._in_flight.values())
        return hangs or self._failed_at is not None

    def put(self, key: str, content: Path | bytes) -> None:
        with self._asked():
            self._store.put(key, content)

    def read(self, key: str) -> Iterator[bytes]:
        with self._asked() as proceed:
            for piece in self._store.read(key):
                proceed()
                yield piece

    def listed(
        self, prefix: str, *, after: str = "", most: int, page: int = PAGE
    ) -> Iterator[StoredObject]:
        with self._asked() as proceed:
            for one in self._store.listed(prefix, after=after, most=most, page=page):
                proceed()
                yield one

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with self._asked():
                self._store.delete([key])

    @contextmanager
    def _asked(self) -> Iterator[Callable[[], None]]:
        number = self._let_through()
        try:
            yield lambda: self._went_on(number)
        except (ObjectMissing, ListingTooLong):
            self._failed_at = None
            raise
        except ObjectStoreError:
            self._failed_at = self._monotonic()
            raise
        else:
            self._failed_at = None
        finally:
            with self._lock:
                del self._in_flight[number]

    def _let_through(self) -> int:
        now = self._monotonic()
        with self._lock:
            hangs = any(now - at > HANGS_AFTER_S for at in self._in_flight.values())
            if hangs or (
                self._failed_at is not None
                and (self._in_flight or now - self._failed_at < AGAIN_AFTER_S)
            ):
                raise ObjectStoreError(f"S3 store {self.shown} does not answer")
            self._number += 1
            self._in_flight[self._number] = now
            return self._number

    def _went_on(self, number: int) -> None:
        self._in_flight[number] = self._monotonic()
