"""Index of recordings: an SQLite file on the recording disk, rebuilt from the files if lost.

Changes are written once a second in one transaction, and tried again on failure. One object per
thread. Raises `sqlite3.Error`.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from thapcanh.ingest.recording.timeline import (
    GapReason,
    RecordedSpan,
    RecordingGap,
    RecordingSegment,
)

INDEX_FILE = "index.sqlite"
_BUSY_S = 2.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS segments (
    camera TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, run TEXT NOT NULL,
    path TEXT NOT NULL, init_bytes INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
    packets INTEGER NOT NULL, codec TEXT NOT NULL, stored INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (camera, from_ms)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segments_by_age ON segments (from_ms, camera);
CREATE TABLE IF NOT EXISTS gaps (
    camera TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER, reason TEXT NOT NULL,
    packets INTEGER NOT NULL, stored_to INTEGER, seen_ms INTEGER, PRIMARY KEY (camera, from_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cameras (
    camera TEXT PRIMARY KEY, recorded_from_ms INTEGER NOT NULL, kept_from_ms INTEGER
) WITHOUT ROWID;
"""
_STORED = (
    (
        "segments",
        "stored",
        "INTEGER NOT NULL DEFAULT 0",
    ),  # 1: the store of all machines has it; 2: it never will
    ("gaps", "stored_to", "INTEGER"),  # until when the store was told of it; -1: that it goes on
    ("gaps", "seen_ms", "INTEGER"),  # until when a recorder lived that knew of it
)
_WAITING = "CREATE INDEX IF NOT EXISTS segments_waiting ON segments (from_ms) WHERE stored = 0"
_SEGMENT = "camera, from_ms, to_ms, run, path, init_bytes, size_bytes, packets, codec"
_ADD_SEGMENT = f"INSERT OR REPLACE INTO segments ({_SEGMENT}) VALUES (?,?,?,?,?,?,?,?,?)"  # noqa: S608 only column names
_PAGE = 200
_LONGEST_S = 3600.0  # a segment waits for a keyframe; none is longer than this

IndexChange = tuple[str, tuple[object, ...]]
"""One statement and its parameters."""


def segment_added(segment: RecordingSegment) -> list[IndexChange]:
    """Return the change for a finished segment; it is idempotent."""
    values = (
        segment.camera_id, _ms(segment.from_s), _ms(segment.to_s), segment.run, segment.path,
        segment.init_bytes, segment.size_bytes, segment.packets, segment.codec,
    )  # fmt: skip
    return [
        (_ADD_SEGMENT, values),
        recorded_since(segment.camera_id, segment.from_s),
    ]


def recorded_since(camera_id: str, at_s: float) -> IndexChange:
    """Return the change for a camera recorded since `at_s`; the earliest time stays."""
    return (
        "INSERT INTO cameras (camera, recorded_from_ms) VALUES (?,?) ON CONFLICT (camera) DO UPDATE"
        " SET recorded_from_ms = min(recorded_from_ms, excluded.recorded_from_ms)",
        (camera_id, _ms(at_s)),
    )


def gap_opened(camera_id: str, gap: RecordingGap) -> IndexChange:
    to_ms = None if gap.to_s is None else _ms(gap.to_s)
    return (
        "INSERT OR REPLACE INTO gaps (camera, from_ms, to_ms, reason, packets, seen_ms)"
        " VALUES (?,?,?,?,?,?)",
        (camera_id, _ms(gap.from_s), to_ms, gap.reason.value, gap.packets, _ms(gap.from_s)),
    )


def gap_extended(camera_id: str, now_s: float) -> IndexChange:
    return (
        "UPDATE gaps SET seen_ms = ? WHERE camera = ? AND to_ms IS NULL",
        (_ms(now_s), camera_id),
    )


def gap_closed(camera_id: str, to_s: float, packets: int) -> IndexChange:
    return (
        "UPDATE gaps SET to_ms = max(?, from_ms), packets = ? WHERE camera = ? AND to_ms IS NULL",
        (_ms(to_s), packets, camera_id),
    )


def gap_dropped(camera_id: str) -> IndexChange:
    """Return the change that removes the open gap: the recording continued without a break."""
    return "DELETE FROM gaps WHERE camera = ? AND to_ms IS NULL", (camera_id,)


class RecordingIndex:
    """Connection to the index; the centre uses `read_only`."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        path = folder / INDEX_FILE
        address = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        self._connection = sqlite3.connect(
            address, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        self.is_new = False
        if not read_only:
            self._prepare()

    def close(self) -> None:
        self._connection.close()

    def apply(self, changes: Iterable[IndexChange]) -> None:
        """Apply all changes in order, in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in changes:
                self._connection.execute(statement, values)
        except BaseException:
            if self._connection.in_transaction:  # a full disk has rolled it back already
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def segments(self, camera_id: str, from_s: float, to_s: float) -> list[RecordingSegment]:
        """Return the segments that overlap the interval, in order."""
        rows = self._connection.execute(
            f"SELECT {_SEGMENT} FROM segments WHERE camera = ? AND from_ms < ? AND from_ms > ?"  # noqa: S608 only column names
            " AND to_ms > ? ORDER BY from_ms",
            (camera_id, _ms(to_s), _ms(from_s - _LONGEST_S), _ms(from_s)),
        )
        return [_segment(row) for row in rows]

    def segment_at(self, camera_id: str, from_ms: int) -> RecordingSegment | None:
        """Return the segment that starts at this millisecond, or None."""
        row = self._connection.execute(
            f"SELECT {_SEGMENT} FROM segments WHERE camera = ? AND from_ms = ?",  # noqa: S608 only column names
            (camera_id, from_ms),
        ).fetchone()
        return None if row is None else _segment(row)

    def kept(self, camera_id: str) -> tuple[float, float] | None:
        """Return the start and end of a camera's retained recordings, or None."""
        row = self._connection.execute(
            "SELECT min(from_ms), max(to_ms) FROM segments WHERE camera = ?", (camera_id,)
        ).fetchone()
        return None if row[0] is None else (row[0] / 1000, row[1] / 1000)

    def gaps(self, camera_id: str, from_s: float, to_s: float) -> list[RecordingGap]:
        """Return the named gaps that overlap the interval, in order."""
        rows = self._connection.execute(
            "SELECT from_ms, to_ms, reason, packets FROM gaps WHERE camera = ? AND from_ms < ?"
            " AND (to_ms IS NULL OR to_ms > ?) ORDER BY from_ms",
            (camera_id, _ms(to_s), _ms(from_s)),
        )
        return [_gap(row) for row in rows]

    def open_gap(self, camera_id: str) -> RecordingGap | None:
        row = self._connection.execute(
            "SELECT from_ms, to_ms, reason, packets FROM gaps"
            " WHERE camera = ? AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1",
            (camera_id,),
        ).fetchone()
        return None if row is None else _gap(row)

    def open_gap_updated_at(self, camera_id: str) -> float | None:
        """Return until when a recorder knew of the open gap."""
        row = self._connection.execute(
            "SELECT seen_ms FROM gaps WHERE camera = ? AND to_ms IS NULL"
            " ORDER BY from_ms DESC LIMIT 1",
            (camera_id,),
        ).fetchone()
        return None if row is None or row[0] is None else row[0] / 1000

    def last_end(self, camera_id: str) -> float | None:
        """Return the end of the camera's last segment or closed gap, or None."""
        found = [
            self._connection.execute(
                f"SELECT max(to_ms) FROM (SELECT to_ms FROM {table} WHERE camera = ?"  # noqa: S608 two fixed names
                " ORDER BY from_ms DESC LIMIT 50)",
                (camera_id,),
            ).fetchone()[0]
            for table in ("segments", "gaps")
        ]
        ends = [value / 1000 for value in found if value is not None]
        return max(ends, default=None)

    def span(self, camera_id: str) -> RecordedSpan:
        """Return since when the camera is recorded, and since when recordings are retained."""
        row = self._connection.execute(
            "SELECT recorded_from_ms, kept_from_ms FROM cameras WHERE camera = ?", (camera_id,)
        ).fetchone()
        if row is None:
            return RecordedSpan()
        kept = None if row[1] is None else row[1] / 1000
        return RecordedSpan(recorded_from=row[0] / 1000, kept_from=kept)

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def cameras(self) -> list[str]:
        """Return every camera that was ever recorded."""
        return [row[0] for row in self._connection.execute("SELECT camera FROM cameras")]

    def total_bytes(self) -> int:
        row = self._connection.execute("SELECT coalesce(sum(size_bytes), 0) FROM segments")
        return int(row.fetchone()[0])

    def oldest(
        self,
        *,
        camera_id: str | None = None,
        before_s: float = 1e12,
        are_stored: bool = False,
    ) -> Iterator[RecordingSegment]:
        """Yield segments that ended before a time, oldest first, of one camera or all.

        `are_stored` limits them to those uploaded to the shared store.
        """
        after: tuple[object, ...] = (-1, "")
        requested = "(from_ms, camera) > (?, ?)"
        if camera_id is not None:
            after, requested = (camera_id, -1), "camera = ? AND from_ms > ?"
        if are_stored:
            requested += " AND stored = 1"
        while True:
            rows = self._connection.execute(
                f"SELECT {_SEGMENT} FROM segments WHERE {requested} AND from_ms <= ? AND to_ms <= ?"  # noqa: S608 only fixed names
                f" ORDER BY from_ms, camera LIMIT {_PAGE}",
                (*after, _ms(before_s), _ms(before_s)),
            ).fetchall()
            page = [_segment(row) for row in rows]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]
            after = (_ms(last.from_s), last.camera_id)
            if camera_id is not None:
                after = (camera_id, _ms(last.from_s))

    def _prepare(self) -> None:
        # Not WAL: it maps `-shm` into memory, and where a disk is full or pulled that can end the
        # whole process by SIGBUS (seen on ext4 with blocks of 1 KiB), and its cameras with it.
        self._connection.execute("PRAGMA journal_mode = TRUNCATE")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        indexed = "SELECT count(*) FROM sqlite_master WHERE name = 'segments'"
        self.is_new = self._connection.execute(indexed).fetchone()[0] == 0
        self._connection.executescript(_SCHEMA)
        for table, column, form in _STORED:  # an index of before there was a store of all machines
            there = {row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")}
            if column not in there:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {form}")
        self._connection.execute(_WAITING)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _segment(row: tuple[object, ...]) -> RecordingSegment:
    camera, from_ms, to_ms, run, path, init_bytes, size_bytes, packets, codec = row
    return RecordingSegment(
        camera_id=str(camera),
        from_s=int(str(from_ms)) / 1000,
        to_s=int(str(to_ms)) / 1000,
        run=str(run),
        path=str(path),
        init_bytes=int(str(init_bytes)),
        size_bytes=int(str(size_bytes)),
        packets=int(str(packets)),
        codec=str(codec),
    )


def _gap(row: tuple[int, int | None, str, int]) -> RecordingGap:
    from_ms, to_ms, reason, packets = row
    indexed = reason in GapReason.__members__.values()
    return RecordingGap(
        from_s=from_ms / 1000,
        to_s=None if to_ms is None else to_ms / 1000,
        reason=GapReason(reason) if indexed else GapReason.UNKNOWN,
        packets=packets,
    )
