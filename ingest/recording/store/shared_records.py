"""Holds and retention periods for all machines, as small objects of the store.

Raises `HoldUnreadable` or `ObjectStoreError`.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from thapcanh.config.files import replace_file
from thapcanh.ingest.recording.period_retention import (
    PERIODS,
    DeletedRecordings,
    RecordingPeriod,
    read_period,
)
from thapcanh.ingest.recording.retention import (
    HOLDS,
    SHARED,
    HoldUnreadable,
    RecordingHold,
    read_hold,
)
from thapcanh.ingest.recording.store.objects import ObjectMissing, ObjectStore, ObjectStoreError

FRESH_S = 900.0
_MOST = 10_000
_MOST_BYTES = 1 << 20
_NAME = re.compile(r"^(?:holds|periods)/[A-Za-z0-9-]{1,64}\.json$", re.ASCII)
_REMOVED = re.compile(
    r"^periods/[A-Za-z0-9-]{1,64}/(\d{1,12})-(\d{1,18})-([01])-[0-9a-f]{32}$", re.ASCII
)
_REPORTED = "told"
T = TypeVar("T")


class SharedRecords:
    """Any thread may use it. A hold is never changed, so that each is read once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._known: dict[str, RecordingHold] = {}

    def holds(self) -> list[RecordingHold]:
        keys = self._keys(HOLDS)
        indexed = {key: self._known.get(key) or self._read(key, read_hold) for key in keys}
        self._known = indexed
        return list(indexed.values())

    def write_hold(self, hold: RecordingHold) -> None:
        """Hold an interval on every machine within a minute."""
        self._store.put(_key(HOLDS, hold.hold_id), _bytes_of(asdict(hold)))

    def lift_hold(self, hold_id: str) -> None:
        self._store.delete([_key(HOLDS, hold_id)])

    def periods(self) -> list[RecordingPeriod]:
        return [self._read(key, read_period) for key in self._keys(PERIODS)]

    def write_period(self, period: RecordingPeriod) -> None:
        self._store.put(_key(PERIODS, period.period_id), _bytes_of(asdict(period)))

    def deleted_of(self, period_id: str) -> DeletedRecordings:
        """Return what was deleted of a period so far."""
        prefix = f"{PERIODS}/{period_id}/"
        found = [_REMOVED.match(one.key) for one in self._store.listed(prefix, most=_MOST)]
        removed = [one for one in found if one is not None]
        return DeletedRecordings(
            segments=sum(int(one[1]) for one in removed),
            bytes=sum(int(one[2]) for one in removed),
            is_all=any(one[3] == "1" for one in removed),
        )

    def count(self, period_id: str, removed: DeletedRecordings) -> None:
        stated = f"{removed.segments}-{removed.bytes}-{int(removed.is_all)}-{uuid.uuid4().hex}"
        self._store.put(f"{PERIODS}/{period_id}/{stated}", b"")

    def copy_to(self, folder: Path, now_s: float) -> None:
        """Update a machine's local copy; removed entries go last. Raise `OSError`."""
        base = folder / SHARED
        for kind in (HOLDS, PERIODS):
            (base / kind).mkdir(parents=True, exist_ok=True)
            keys = self._keys(kind)
            for key in keys:
                path = base / key
                if kind == PERIODS or not path.exists():
                    replace_file(path, self._content(key))
            for path in (base / kind).glob("*.json"):
                if f"{kind}/{path.name}" not in keys:
                    path.unlink(missing_ok=True)
        replace_file(base / _REPORTED, f"{now_s}\n")

    def _keys(self, kind: str) -> list[str]:
        there = self._store.listed(f"{kind}/", most=_MOST)
        return [one.key for one in there if _NAME.match(one.key)]

    def _content(self, key: str) -> bytes:
        content = b""
        for piece in self._store.read(key):
            content += piece
            if len(content) > _MOST_BYTES:
                raise HoldUnreadable(f"{self._store.shown}/{key}: too long, mend or remove it")
        return content

    def _read(self, key: str, read: Callable[[str], T]) -> T:
        try:
            return read(self._content(key).decode())
        except (ValueError, TypeError, KeyError, IndexError) as error:
            where = f"{self._store.shown}/{key}"
            raise HoldUnreadable(f"{where}: not to be read, mend or remove it: {error}") from error
        except ObjectMissing as error:  # lifted since it was listed: the next round knows
            raise ObjectStoreError(f"{self._store.shown}: {key} went meanwhile") from error


def is_copy_recent(folder: Path, now_s: float) -> bool:
    """Return whether the local copy is recent enough to delete the only copy of a recording."""
    try:
        reported_s = float((folder / SHARED / _REPORTED).read_text(encoding="ascii"))
        return abs(now_s - reported_s) <= FRESH_S  # a clock that was ahead wrote what stays new
    except (OSError, ValueError):
        return False


def _key(kind: str, name: str) -> str:
    key = f"{kind}/{name}.json"
    if not _NAME.match(key):
        raise ObjectMissing(f"not a name: {name!r}")
    return key


def _bytes_of(stated: dict[str, object]) -> bytes:
    return json.dumps(stated, ensure_ascii=False).encode()
