"""Store of sightings: an SQLite file beside the recording index.

One object per thread. Raises `sqlite3.Error`.
"""

import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from thapcanh.detection.region import Region
from thapcanh.detection.sightings.cells import middle_of, words_of
from thapcanh.detection.sightings.sighting import CLASSES, COLOURS, SightingRecord
from thapcanh.detection.tracking.drawn_shapes import LineSide

SIGHTINGS_FILE = "sightings.sqlite"
SLOT_S = 300
SLOT_MS = SLOT_S * 1000
MOST_A_SLOT: Mapping[str, int] = {
    "person": 150, "bicycle": 40, "motorcycle": 250, "car": 150, "bus": 40, "truck": 60,
}  # fmt: skip
"""Records a camera and slot of five minutes: 8,280 an hour. A class cannot crowd out another."""
MOST_OTHERS_A_SLOT = 40
"""Of each class of an object model."""
NO_COLOUR = -1
"""In the counts of what was kept, which a search adds up in place of a day's rows."""
SIDES = (LineSide.INSIDE, LineSide.OUTSIDE)
_BUSY_S = 2.0
_DELETED_AT_ONCE_MS = 6 * 3_600_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS store (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cameras (id INTEGER PRIMARY KEY, camera TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS classes (id INTEGER PRIMARY KEY, class TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS sightings (
    camera INTEGER NOT NULL, from_ms INTEGER NOT NULL, n INTEGER NOT NULL,
    lasted_ms INTEGER NOT NULL, best_after_ms INTEGER NOT NULL, label INTEGER NOT NULL,
    colour INTEGER, confidence INTEGER NOT NULL, at_cell INTEGER NOT NULL,
    cells0 INTEGER NOT NULL, cells1 INTEGER NOT NULL, cells2 INTEGER NOT NULL,
    boxes BLOB NOT NULL, PRIMARY KEY (camera, from_ms, n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    camera INTEGER NOT NULL, from_ms INTEGER NOT NULL, n INTEGER NOT NULL, line TEXT NOT NULL,
    side INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (camera, from_ms, n, line, at_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (
    camera INTEGER NOT NULL, slot_ms INTEGER NOT NULL, awake_ms INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL, PRIMARY KEY (camera, slot_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (
    camera INTEGER NOT NULL, slot_ms INTEGER NOT NULL, label INTEGER NOT NULL,
    colour INTEGER NOT NULL, stored INTEGER NOT NULL, dropped INTEGER NOT NULL,
    PRIMARY KEY (camera, slot_ms, label, colour)
) WITHOUT ROWID;
"""
_TABLES = (
    ("sightings", "from_ms"), ("passages", "from_ms"), ("looks", "slot_ms"), ("kept", "slot_ms"),
)  # fmt: skip


@dataclass(slots=True)
class SlotAnalysis:
    """Analysed time of a slot, awake or idle.

    An idle camera, without movement, is analysed every few seconds.
    """

    awake_ms: int = 0
    idle_ms: int = 0


SlotKey = tuple[str, int]
"""Camera and begin of the slot, in ms."""
DropKey = tuple[str, int, str]
"""The same, and the class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingBatch:
    """Records written together. A sighting's number makes a second write harmless."""

    sightings: Sequence[tuple[int, SightingRecord]]
    looks: Mapping[SlotKey, SlotAnalysis]
    dropped: Mapping[DropKey, int]


class SightingStore:
    """Connection to the store; the centre uses `read_only`."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        path = folder / SIGHTINGS_FILE
        address = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        self.connection = sqlite3.connect(
            address, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        if not read_only:
            self.connection.execute("PRAGMA journal_mode = TRUNCATE")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self.connection.executescript(_SCHEMA)
            self.connection.executemany(
                "INSERT OR IGNORE INTO classes VALUES (?, ?)", enumerate(CLASSES)
            )
            self.connection.execute(
                "INSERT INTO store SELECT ? WHERE NOT EXISTS (SELECT 1 FROM store)",
                (uuid.uuid4().hex,),
            )

    def close(self) -> None:
        self.connection.close()

    def store_id(self) -> str | None:
        row = self.connection.execute("SELECT id FROM store").fetchone()
        return None if row is None else str(row[0])

    def cameras(self) -> dict[str, int]:
        return dict(self.connection.execute("SELECT camera, id FROM cameras").fetchall())

    def classes(self) -> dict[str, int]:
        """Return the number of each class; one that was never stored has none."""
        existing = "SELECT 1 FROM sqlite_master WHERE name = 'classes'"
        if self.connection.execute(existing).fetchone() is None:  # of before object models
            return {label: number for number, label in enumerate(CLASSES)}
        return dict(self.connection.execute("SELECT class, id FROM classes").fetchall())

    def write(self, batch: SightingBatch) -> int:
        """Write a batch in one transaction; return how many sightings exceeded the limit."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            over = self._write(batch)
        except BaseException:
            if self.connection.in_transaction:  # a full disk has rolled it back already
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return over

    def delete(self, camera: int, from_ms: int, to_ms: int) -> bool:
        """Delete what starts in an interval, six hours at a time; return whether some is left.

        Only whole slots, so that rows and counts stay equal.
        """
        from_ms, to_ms = -(-from_ms // SLOT_MS) * SLOT_MS, to_ms // SLOT_MS * SLOT_MS
        first = self.connection.execute(
            "SELECT min(x) FROM (SELECT min(from_ms) AS x FROM sightings WHERE camera = ?1 AND"
            " from_ms >= ?2 UNION SELECT min(slot_ms) FROM looks WHERE camera = ?1 AND"
            " slot_ms >= ?2)",
            (camera, from_ms),
        ).fetchone()[0]
        if first is None or first >= to_ms:
            return False
        first = first // SLOT_MS * SLOT_MS
        until = min(to_ms, first + _DELETED_AT_ONCE_MS)
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            for table, column in _TABLES:
                self.connection.execute(
                    f"DELETE FROM {table} WHERE camera = ? AND {column} >= ? AND {column} < ?",  # noqa: S608 fixed names
                    (camera, first, until),
                )
        finally:
            self.connection.execute("COMMIT")
        return bool(until < to_ms)

    def _write(self, batch: SightingBatch) -> int:
        """Write a batch; return how many sightings exceeded the limit and were only counted."""
        over = 0
        for number, one in batch.sightings:
            camera = self._number(one.camera_id)
            slot_ms = slot_of(_ms(one.from_s) / 1000)
            if self._has_room(camera, slot_ms, one.label):
                self._add(camera, number, one)
            else:
                over += 1
                self._drop(camera, slot_ms, one.label, 1)
        for (camera_id, slot_ms, label), count in batch.dropped.items():
            self._drop(self._number(camera_id), slot_ms, label, count)
        for (camera_id, slot_ms), looks in batch.looks.items():
            self.connection.execute(
                "INSERT INTO looks VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET"
                " awake_ms = awake_ms + excluded.awake_ms, idle_ms = idle_ms + excluded.idle_ms",
                (self._number(camera_id), slot_ms, looks.awake_ms, looks.idle_ms),
            )
        return over

    def _number(self, camera_id: str) -> int:
        found = "SELECT id FROM cameras WHERE camera = ?"
        row = self.connection.execute(found, (camera_id,)).fetchone()
        if row is None:
            self.connection.execute("INSERT INTO cameras (camera) VALUES (?)", (camera_id,))
            row = self.connection.execute(found, (camera_id,)).fetchone()
        return int(row[0])

    def _class(self, label: str) -> int:
        found = "SELECT id FROM classes WHERE class = ?"
        row = self.connection.execute(found, (label,)).fetchone()
        if row is None:
            self.connection.execute("INSERT INTO classes (class) VALUES (?)", (label,))
            row = self.connection.execute(found, (label,)).fetchone()
        return int(row[0])

    def _has_room(self, camera: int, slot_ms: int, label: str) -> bool:
        row = self.connection.execute(
            "SELECT coalesce(sum(stored), 0) FROM kept"
            " WHERE camera = ? AND slot_ms = ? AND label = ?",
            (camera, slot_ms, self._class(label)),
        ).fetchone()
        return bool(row[0] < MOST_A_SLOT.get(label, MOST_OTHERS_A_SLOT))

    def _drop(self, camera: int, slot_ms: int, label: str, count: int) -> None:
        self._count((camera, slot_ms, self._class(label), NO_COLOUR), (0, count))

    def _count(self, kind: tuple[int, int, int, int], counts: tuple[int, int]) -> None:
        self.connection.execute(
            "INSERT INTO kept VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " stored = stored + excluded.stored, dropped = dropped + excluded.dropped",
            (*kind, *counts),
        )

    def _add(self, camera: int, number: int, one: SightingRecord) -> None:
        from_ms, label = _ms(one.from_s), self._class(one.label)
        colour = None if one.colour is None else COLOURS.index(one.colour)
        values = (
            camera, from_ms, number, _ms(one.to_s) - from_ms, _ms(one.best_s) - from_ms,
            label, colour,
            round(100 * one.confidence), middle_of(one.best), *words_of(one.cells),
            pack(one.first, one.middle, one.last, one.best),
        )  # fmt: skip
        marks = ",".join("?" * len(values))
        added = self.connection.execute(
            f"INSERT OR IGNORE INTO sightings VALUES ({marks})",  # noqa: S608 only marks
            values,
        ).rowcount
        if added:
            kind = NO_COLOUR if colour is None else colour
            self._count((camera, slot_of(from_ms / 1000), label, kind), (1, 0))
        self.connection.executemany(
            "INSERT OR IGNORE INTO passages VALUES (?,?,?,?,?,?)",
            [
                (camera, from_ms, number, passage.line, SIDES.index(passage.to), _ms(passage.at_s))
                for passage in one.passages
            ],
        )


def slot_of(at_s: float) -> int:
    return int(at_s // SLOT_S) * SLOT_MS


def pack(*boxes: Region) -> bytes:
    """Return boxes in steps of 1/255 of the picture, four bytes each."""
    return bytes(min(255, max(0, round(255 * side))) for box in boxes for side in box)


def unpack(packed: bytes) -> list[Region]:
    """Return the boxes of `pack`."""
    shares = [value / 255 for value in packed]
    return [
        (shares[at], shares[at + 1], shares[at + 2], shares[at + 3])
        for at in range(0, len(shares) - 3, 4)
    ]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
