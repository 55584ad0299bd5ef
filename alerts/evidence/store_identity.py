"""The identity of an evidence store: which share is mounted, or which bucket named, for evidence.

A store carries a file with its id. Each part remembers the id on its own disk, so that a folder
whose share is not mounted, or another store in its place, is refused instead of filled. Reading
touches the store and may block for as long as the share hangs: call `check` on a thread that
may block.
"""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uuid6 import uuid7

from alerts.evidence.stores.folder import STORE_ID_FILE, named, read_id_file
from alerts.evidence.stores.store import EvidenceStore, StoreRoom
from alerts.store.errors import EvidenceFailed, EvidenceStoreWrong
from config.files import replace_file


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCondition:
    """What a check of a store found."""

    store_id: str
    room: StoreRoom | None  # None where the store is no disk of this machine

    def report(self) -> dict[str, Any]:
        """The form in which a worker reports it."""
        told: dict[str, Any] = {"id": self.store_id, "host": socket.gethostname()}
        if self.room is not None:
            room = self.room
            told |= {"free": room.free_bytes, "total": room.total_bytes, "device": room.device}
        return told


class StoreIdentity:
    """Compares the id in a store with the one that is remembered. Any thread may use it."""

    def __init__(self, store: EvidenceStore, remembered: Path) -> None:
        """`remembered` is a file on a local disk; without it the store's own id is adopted."""
        self._store = store
        self._remembered = remembered

    @property
    def known(self) -> str | None:
        """The remembered id; None before the first check."""
        return read_id_file(self._remembered)

    def expect(self, store_id: str) -> None:
        """Remember another id: the centre says that the store was replaced on purpose."""
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._remembered, store_id + "\n")

    def check(self) -> StoreCondition:
        """Read the store's id and its room; raises `EvidenceError` when it must not be used."""
        try:
            store_id = self._identify()
        except OSError as error:
            raise named(error, f"evidence store {self._store.shown}") from error
        return StoreCondition(store_id=store_id, room=self._store.room())

    def _identify(self) -> str:
        known, found = self.known, self._store.read_id()
        if known is None:
            found = found or self._create()
            self.expect(found)
            return found
        if found is None:
            raise EvidenceStoreWrong(
                f"{self._store.shown} is not the evidence store (no {STORE_ID_FILE} in it): mount "
                f"its share; if the store was replaced on purpose, remove {self._remembered}"
            )
        if found != known:
            raise EvidenceStoreWrong(
                f"{self._store.shown} holds another evidence store ({found} instead of {known}): "
                f"mount the right share; if it was replaced on purpose, remove {self._remembered}"
            )
        return known

    def _create(self) -> str:
        self._store.give_id(str(uuid7()))
        found = self._store.read_id()
        if found is None:
            raise EvidenceFailed(f"{self._store.shown}: {STORE_ID_FILE} cannot be read back")
        return found
