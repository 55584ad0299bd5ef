"""The identity of an evidence store: which share is mounted where the evidence should go.

A store carries a file with its id. Each part remembers the id on its own disk, so that a folder
whose share is not mounted, or another share in its place, is refused instead of filled. Reading
touches the store and may block for as long as the share hangs: call `check` on a thread that
may block.
"""

import os
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uuid6 import uuid7

from alerts.errors import EvidenceFailed, EvidenceStoreWrong
from alerts.evidence.store import named

STORE_ID_FILE = ".thapcanh-store"
_MAX_ID_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCondition:
    """What a check of a store found."""

    store_id: str
    free_bytes: int
    total_bytes: int
    device: int  # of the file system

    def report(self) -> dict[str, Any]:
        """The form in which a worker reports it."""
        return {
            "id": self.store_id,
            "free": self.free_bytes,
            "total": self.total_bytes,
            "device": self.device,
            "host": socket.gethostname(),
        }


class StoreIdentity:
    """Compares the id in a store with the one that is remembered. Any thread may use it."""

    def __init__(self, root: Path, remembered: Path) -> None:
        """`remembered` is a file on a local disk; without it the store's own id is adopted."""
        self._root = root
        self._remembered = remembered

    @property
    def known(self) -> str | None:
        """The remembered id; None before the first check."""
        return _read(self._remembered)

    def expect(self, store_id: str) -> None:
        """Remember another id: the centre says that the store was replaced on purpose."""
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        draft = self._remembered.with_name(f"{self._remembered.name}.part")
        draft.write_text(store_id + "\n", encoding="ascii")
        draft.replace(self._remembered)

    def check(self) -> StoreCondition:
        """Read the store's id and its room; raises `EvidenceError` when it must not be used."""
        try:
            store_id = self._identify()
            usage = shutil.disk_usage(self._root)
            device = self._root.stat().st_dev
        except OSError as error:
            raise named(error, f"evidence store {self._root}") from error
        return StoreCondition(
            store_id=store_id, free_bytes=usage.free, total_bytes=usage.total, device=device
        )

    def _identify(self) -> str:
        known, found = self.known, _read(self._root / STORE_ID_FILE)
        if known is None:
            found = found or self._create()
            self.expect(found)
            return found
        if found is None:
            raise EvidenceStoreWrong(
                f"{self._root} is not the evidence store (no {STORE_ID_FILE} in it): mount its "
                f"share; if the store was replaced on purpose, remove {self._remembered}"
            )
        if found != known:
            raise EvidenceStoreWrong(
                f"{self._root} holds another evidence store ({found} instead of {known}): mount "
                f"the right share; if it was replaced on purpose, remove {self._remembered}"
            )
        return known

    def _create(self) -> str:
        """Give a new store its id; of several who try at once, one wins."""
        self._root.mkdir(parents=True, exist_ok=True)
        final = self._root / STORE_ID_FILE
        store_id = str(uuid7())
        draft = self._root / f"{STORE_ID_FILE}.{store_id}"
        try:
            with draft.open("w", encoding="ascii") as file:
                file.write(store_id + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                final.hardlink_to(draft)
            except FileExistsError:
                pass
            except OSError:  # a share without hard links
                if not final.exists():
                    draft.rename(final)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        found = _read(final)
        if found is None:
            raise EvidenceFailed(f"{final} cannot be read back")
        return found


def _read(path: Path) -> str | None:
    """The id in a file; None where there is none. Raises `OSError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_ID_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return text.decode("ascii", errors="replace").strip() or None
