"""Search of sightings of some cameras in a period, in order of time, with counts.

Raises `SearchUnavailable` for an unreadable store, `SearchTooLong` after a time limit.
"""

import heapq
import sqlite3
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from thapcanh.detection.sightings.cells import cells_from
from thapcanh.detection.sightings.query import (
    FoundSightings,
    LookCoverage,
    SearchCursor,
    SightingQuery,
    SlotShare,
    SqlCondition,
    condition_of,
    numbers_of,
)
from thapcanh.detection.sightings.sighting import CLASSES, COLOURS, LinePassage, SightingRecord
from thapcanh.detection.sightings.store import (
    SIDES,
    SIGHTINGS_FILE,
    SLOT_MS,
    SLOT_S,
    SightingStore,
    slot_of,
    unpack,
)

LONGEST_MS = 960_000
"""No track is longer than this, so one that began earlier does not reach into the period."""
WITHIN_S = 4.0
_REACHES_IN = "s.from_ms + s.lasted_ms >= ?"
_STEPS_A_CHECK = 20_000
_ROW = (
    "s.from_ms, s.n, s.lasted_ms, s.best_after_ms, s.label, s.colour, s.confidence, s.cells0,"
    " s.cells1, s.cells2, s.boxes"
)


class SearchUnavailable(Exception):
    """Store that cannot be read now."""


class SearchTooLong(Exception):
    """Search that exceeded its time."""


class SightingSearch:
    """Search between open and close."""

    def __init__(self, folder: Path, within_s: float = WITHIN_S) -> None:
        self._folder = folder
        self._within_s = within_s
        self._store: SightingStore | None = None
        self._numbers: dict[str, int] = {}

    def __enter__(self) -> "SightingSearch":
        if (self._folder / SIGHTINGS_FILE).exists():
            until = time.monotonic() + self._within_s
            try:
                self._store = SightingStore(self._folder, read_only=True)
                self._store.connection.set_progress_handler(
                    lambda: time.monotonic() > until, _STEPS_A_CHECK
                )
                self._numbers = self._store.cameras()
            except sqlite3.Error as error:
                raise _reported(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._store is not None:
            self._store.close()

    def page(
        self, requested: SightingQuery, limit: int, after: SearchCursor | None = None
    ) -> FoundSightings:
        """Return the first sightings after the cursor."""
        if self._store is None:
            return FoundSightings(items=(), is_more=False)
        try:
            of_cameras = [
                self._of_camera(requested, camera_id, limit + 1, after)
                for camera_id in sorted(requested.hidden.keys() & self._numbers.keys())
            ]
            found = list(islice(heapq.merge(*of_cameras, key=lambda one: one[0]), limit + 1))
            store_id = self._store.store_id()
        except sqlite3.Error as error:
            raise _reported(error) from error
        return FoundSightings(
            items=tuple(found[:limit]), is_more=len(found) > limit, store_id=store_id
        )

    def counts(self, requested: SightingQuery, parts: int) -> list[int]:
        """Return how many sightings start in each equal part of the period.

        Those that started before it count in the first part.
        """
        edges = [
            round(1000 * (requested.from_s + (requested.to_s - requested.from_s) * part / parts))
            for part in range(parts + 1)
        ]
        counts = [0] * parts
        for camera_id in requested.hidden.keys() & self._numbers.keys():
            fits, retained = (
                condition_of(requested, camera_id, self._numbers[camera_id]),
                self._kept(requested, camera_id),
            )
            for part in range(parts):
                counts[part] += self._count_part(fits, retained, edges[part], edges[part + 1])
            fits.add(_REACHES_IN, edges[0])
            counts[0] += self._count(fits, edges[0] - LONGEST_MS, edges[0])
        return counts

    def coverage(
        self, from_s: float, to_s: float, camera_id: str, labels: frozenset[str] | None
    ) -> LookCoverage:
        """Return how well one camera's period is covered, by whole slots."""
        number = self._numbers.get(camera_id)
        if self._store is None or number is None:
            return LookCoverage()
        period = number, slot_of(from_s), round(to_s * 1000)
        try:
            inferences = self._store.connection.execute(
                "SELECT slot_ms, awake_ms, idle_ms FROM looks"
                " WHERE camera = ? AND slot_ms >= ? AND slot_ms < ? ORDER BY slot_ms",
                period,
            ).fetchall()
            cut = self._store.connection.execute(
                f"SELECT slot_ms, sum(dropped) FROM kept WHERE label IN ({numbers_of(labels)})"  # noqa: S608 only numbers
                " AND camera = ? AND slot_ms >= ? AND slot_ms < ? AND dropped > 0"
                " GROUP BY slot_ms ORDER BY slot_ms",
                period,
            ).fetchall()
        except sqlite3.Error as error:
            raise _reported(error) from error
        slots = [
            SlotShare(
                from_s=slot_ms / 1000,
                awake=min(1.0, awake_ms / (SLOT_S * 1000)),
                idle=min(1.0, idle_ms / (SLOT_S * 1000)),
            )
            for slot_ms, awake_ms, idle_ms in inferences
        ]
        return LookCoverage(
            slots=tuple(slots),
            dropped=sum(count for _, count in cut),
            dropped_slots=tuple(slot_ms / 1000 for slot_ms, _ in cut),
        )

    def _kept(self, requested: SightingQuery, camera_id: str) -> SqlCondition | None:
        """Return the condition on counts per slot; None if only the rows can tell."""
        is_simple = requested.box is None and requested.line is None
        if not is_simple or requested.hidden[camera_id] or camera_id in requested.seen:
            return None
        fits = SqlCondition()
        fits.add("s.camera = ?", self._numbers[camera_id])
        if requested.labels is not None:
            fits.add(f"s.label IN ({numbers_of(requested.labels)})")
        if requested.colour is not None:
            fits.add("s.colour = ?", COLOURS.index(requested.colour))
        return fits

    def _count_part(
        self, fits: SqlCondition, retained: SqlCondition | None, start_ms: int, until_ms: int
    ) -> int:
        """Return the number from whole slots' counts and the remaining rows."""
        first, last = -(-start_ms // SLOT_MS) * SLOT_MS, until_ms // SLOT_MS * SLOT_MS
        if retained is None or first >= last:
            return self._count(fits, start_ms, until_ms)
        whole = self._number(
            f"SELECT coalesce(sum(stored), 0) FROM kept AS s WHERE {retained.text}"  # noqa: S608 only fixed conditions
            " AND s.slot_ms >= ? AND s.slot_ms < ?",
            (*retained.values, first, last),
        )
        edges = ((start_ms, first), (last, until_ms))
        return whole + sum(self._count(fits, *edge) for edge in edges if edge[0] < edge[1])

    def _count(self, fits: SqlCondition, start_ms: int, until_ms: int) -> int:
        return self._number(
            f"SELECT count(*) FROM sightings AS s WHERE {fits.text}"  # noqa: S608 only fixed conditions
            " AND s.from_ms >= ? AND s.from_ms < ?",
            (*fits.values, start_ms, until_ms),
        )

    def _number(self, sql: str, values: tuple[object, ...]) -> int:
        if self._store is None:
            return 0
        try:
            return int(self._store.connection.execute(sql, values).fetchone()[0])
        except sqlite3.Error as error:
            raise _reported(error) from error

    def _of_camera(
        self, requested: SightingQuery, camera_id: str, limit: int, after: SearchCursor | None
    ) -> Iterator[tuple[SearchCursor, SightingRecord]]:
        if self._store is None:
            return
        fits = condition_of(requested, camera_id, self._numbers[camera_id])
        fits.add(_REACHES_IN, round(requested.from_s * 1000))
        fits.add("s.from_ms >= ?", round(requested.from_s * 1000) - LONGEST_MS)
        fits.add("s.from_ms < ?", round(requested.to_s * 1000))
        if after is not None:
            is_behind = camera_id > after.camera_id  # at the same moment, it is still to come
            number = after.number if camera_id == after.camera_id else -1
            if is_behind or camera_id == after.camera_id:
                fits.add("(s.from_ms, s.n) > (?, ?)", after.from_ms, number)
            else:
                fits.add("s.from_ms > ?", after.from_ms)
        rows = self._store.connection.execute(
            f"SELECT {_ROW} FROM sightings AS s WHERE {fits.text}"  # noqa: S608 only fixed conditions
            " ORDER BY s.from_ms, s.n LIMIT ?",
            (*fits.values, limit),
        )
        for row in rows:
            passages = self._passages(self._numbers[camera_id], row[0], row[1])
            yield SearchCursor(row[0], camera_id, row[1]), _sighting(camera_id, row, passages)

    def _passages(self, camera: int, from_ms: int, number: int) -> tuple[LinePassage, ...]:
        if self._store is None:
            return ()
        rows = self._store.connection.execute(
            "SELECT line, side, at_ms FROM passages WHERE camera = ? AND from_ms = ? AND n = ?"
            " ORDER BY at_ms",
            (camera, from_ms, number),
        )
        return tuple(
            LinePassage(line=line, to=SIDES[side], at_s=at_ms / 1000) for line, side, at_ms in rows
        )


def _reported(error: sqlite3.Error) -> Exception:
    is_long = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return SearchTooLong(str(error)) if is_long else SearchUnavailable(str(error))


def _sighting(camera_id: str, row: Any, passages: tuple[LinePassage, ...]) -> SightingRecord:
    from_ms, _, lasted_ms, best_after_ms, label, colour, confidence, *cells, boxes = row
    first, middle, last, best = unpack(boxes)
    return SightingRecord(
        camera_id=camera_id,
        label=CLASSES[label],
        from_s=from_ms / 1000,
        to_s=(from_ms + lasted_ms) / 1000,
        best_s=(from_ms + best_after_ms) / 1000,
        confidence=confidence / 100,
        first=first,
        middle=middle,
        last=last,
        best=best,
        cells=cells_from((cells[0], cells[1], cells[2])),
        colour=None if colour is None else COLOURS[colour],
        passages=passages,
    )
