"""Habit map as text for the queue and the archive.

Raises `HabitsUnreadable`.
"""

import base64
import json
import zlib
from typing import Any

import numpy as np

from thapcanh.detection.confirmation.habits import (
    CHANNELS,
    COLUMNS,
    HOURS,
    KINDS,
    ROWS,
    Cells,
    HabitMap,
)
from thapcanh.detection.confirmation.witness_answer import MOST

_VERSION = 1
_SHAPE = (len(CHANNELS), HOURS, ROWS, COLUMNS)
_MOST_BYTES = 2 * len(CHANNELS) * HOURS * ROWS * COLUMNS


class HabitsUnreadable(ValueError):
    """Error for text that is no habit map of a supported version."""


def to_text(habits: HabitMap) -> str:
    with habits.lock:
        return _text(habits)


def from_text(text: str) -> HabitMap:
    """Read a map; raises `HabitsUnreadable` with what is wrong."""
    try:
        stated = json.loads(text)
        version = stated["version"]
        if version == _VERSION:
            return _filled(stated)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, zlib.error) as error:
        raise HabitsUnreadable(f"not a habit map: {type(error).__name__}: {error}") from error
    raise HabitsUnreadable(f"habit map of version {version!r}, expected {_VERSION}")


def _text(habits: HabitMap) -> str:
    rows, columns = np.nonzero(habits.free_until)
    free = [
        [int(row), int(column), round(float(habits.free_until[row, column]))]
        for row, column in zip(rows, columns, strict=True)
    ]
    return json.dumps(
        {
            "version": _VERSION,
            "since": round(habits.since, 3),
            "learned_to": habits.learned_to,
            "taught_to": habits.taught_to,
            "watched": [round(float(spans), 3) for spans in habits.watched],
            "counts": _packed(habits.counts),
            "free": free,
            "surest": _packed(habits.bounds.surest),
            "largest": _packed(habits.bounds.largest),
        },
        separators=(",", ":"),
    )


def _filled(stated: dict[str, Any]) -> HabitMap:
    habits = HabitMap(float(stated["since"]), learned_to=float(stated["learned_to"]))
    habits.taught_to = int(stated["taught_to"])
    counts = _unpacked(stated["counts"], _SHAPE)
    watched = np.asarray(stated["watched"], np.float32).reshape(HOURS)
    if not np.isfinite(watched).all():
        raise ValueError("a count is not a number")
    habits.counts, habits.watched = np.maximum(counts, 0.0), np.maximum(watched, 0.0)
    for row, column, until in stated["free"]:
        habits.free_until[int(row), int(column)] = float(until)
    _fill_bounds(habits, stated)
    return habits


def _fill_bounds(habits: HabitMap, stated: dict[str, Any]) -> None:
    """Read the bounds; a map from before there were any allows what it counted."""
    bounds, shape = habits.bounds, habits.bounds.surest.shape
    if "surest" in stated:
        bounds.surest[:] = _unpacked(stated["surest"], shape)
        bounds.largest[:] = _unpacked(stated["largest"], shape)
        return
    of_kinds = habits.counts.reshape(-1, len(KINDS), *habits.counts.shape[1:])
    is_counted = of_kinds.sum(axis=(0, 2)) > 0
    bounds.surest[is_counted], bounds.largest[is_counted] = MOST, 1.0


def _packed(values: Cells) -> str:
    return base64.b64encode(zlib.compress(values.astype("<f2").tobytes(), level=6)).decode()


def _unpacked(text: str, shape: tuple[int, ...]) -> Cells:
    content = zlib.decompressobj().decompress(base64.b64decode(text), _MOST_BYTES + 1)
    values = np.frombuffer(content, "<f2").reshape(shape).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("a value is not a number")
    return values
