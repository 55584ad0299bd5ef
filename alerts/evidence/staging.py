"""Staging of evidence on the worker's own disk, on its way to the store."""

import json
import logging
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from thapcanh.alerts.evidence.stores.folder import FolderStore, named
from thapcanh.alerts.queue.message import Message, decode, encode
from thapcanh.alerts.queue.spool import OutboxItem
from thapcanh.alerts.store.errors import EvidenceError, EvidenceFull, WireError
from thapcanh.config.files import rename, replace_file

log = logging.getLogger(__name__)

_SUFFIX = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingSettings:
    """Limits of staged evidence."""

    max_bytes: int = 4_000_000_000
    min_free_bytes: int = 100_000_000  # of the local disk, for the spool


class StagedPart(StrEnum):
    """Writer of the files; each has its own folder, since both write a manifest."""

    PICTURES = "pictures"  # and the beginning of the film
    FILM = "film"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedItem:
    """Files of one message that wait for the store."""

    number: int
    part: StagedPart
    draft: OutboxItem
    staged_at: float  # UTC seconds

    @property
    def event_id(self) -> str:
        return self.draft.event.event_id

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(ref.bytes for ref in self.draft.evidence)


class EvidenceStaging:
    """Staged evidence of one worker; thread-safe."""

    def __init__(self, root: Path, source: str, *, settings: StagingSettings | None = None) -> None:
        self.added = threading.Event()  # set on every `add`; its reader clears it
        self.stores = {part: FolderStore(root / part) for part in StagedPart}
        self._items_dir = root / "items"
        self._source = source
        self._settings = settings or StagingSettings()
        self._lock = threading.Lock()
        self._items = {item.number: item for item in self._read_items()}
        self._bytes = sum(item.bytes for item in self._items.values())
        self._drop_orphans()

    def require_room(self) -> None:
        """Raise `EvidenceFull` when no more may wait."""
        if self._bytes >= self._settings.max_bytes:
            raise EvidenceFull(f"{self._bytes // 1_000_000} MB wait for the evidence store")
        room = self.stores[StagedPart.PICTURES].free_bytes()
        if room < self._settings.min_free_bytes:
            raise EvidenceFull("little room is left on the worker's own disk")

    def add(self, draft: OutboxItem, part: StagedPart, now: float) -> StagedItem:
        """Store a message whose files are in a part's store; durable on return.

        Raise `EvidenceError`.
        """
        with self._lock:
            number = max(time.time_ns(), 1 + max(self._items, default=0))
            item = StagedItem(number=number, part=part, draft=draft, staged_at=now)
            try:
                self._write_item(item)
            except OSError as error:
                raise named(error, self._path(number).name) from error
            self._items[number] = item
            self._bytes += item.bytes
        self.added.set()
        return item

    def items(self) -> list[StagedItem]:
        """Return all staged items in order."""
        with self._lock:
            return [self._items[number] for number in sorted(self._items)]

    def remove(self, item: StagedItem) -> None:
        """Delete a delivered item and what is left of its files."""
        for ref in item.draft.evidence:
            with suppress(EvidenceError):  # the next start deletes what no item names
                self.stores[item.part].delete(ref.path)
        with self._lock:
            with suppress(OSError):
                self._path(item.number).unlink(missing_ok=True)
            if self._items.pop(item.number, None) is not None:
                self._bytes -= item.bytes

    def _path(self, number: int) -> Path:
        return self._items_dir / f"{number:020d}{_SUFFIX}"

    def _write_item(self, item: StagedItem) -> None:
        message = Message(
            event=item.draft.event,
            source=self._source,
            producer_epoch=0,
            producer_seq=0,
            spooled_at=item.staged_at,
            evidence=item.draft.evidence,
            evidence_error=item.draft.evidence_error,
            evidence_only=True,
        )
        self._items_dir.mkdir(parents=True, exist_ok=True)
        retained = {"part": item.part, "entry": encode(message)}
        replace_file(self._path(item.number), json.dumps(retained))

    def _read_items(self) -> Iterable[StagedItem]:
        for path in sorted(self._items_dir.glob(f"*{_SUFFIX}")):
            try:
                retained = json.loads(path.read_text(encoding="utf-8"))
                message, part = decode(retained["entry"]), StagedPart(retained["part"])
                number = int(path.stem)
            except (OSError, ValueError, TypeError, KeyError, WireError) as error:
                log.error("waiting evidence %s cannot be read, set aside: %s", path, error)
                with suppress(OSError):
                    rename(path, path.with_suffix(".damaged"))
                continue
            draft = OutboxItem(
                event=message.event,
                evidence=message.evidence,
                evidence_error=message.evidence_error,
                evidence_only=True,
            )
            yield StagedItem(number=number, part=part, draft=draft, staged_at=message.spooled_at)

    def _drop_orphans(self) -> None:
        """Delete files without a message, left by a killed process."""
        for part, store in self.stores.items():
            waiting = (item for item in self._items.values() if item.part is part)
            _store_only(store.root, {ref.path for item in waiting for ref in item.draft.evidence})


def _store_only(root: Path, requested: set[str]) -> None:
    """Delete all files below a folder but those, and the folders that are empty then."""
    below = sorted(root.rglob("*"), reverse=True)  # children before their folders
    for path in below:
        with suppress(OSError):
            if path.is_dir():
                path.rmdir()  # refused where something is left in it
            elif path.relative_to(root).as_posix() not in requested:
                path.unlink()


def staging_beside(spool_path: Path) -> Path:
    return spool_path.with_suffix(".evidence")


def remembered_store_id(spool_path: Path) -> Path:
    return spool_path.with_suffix(".store-id")
