"""Grid of 15 × 12 cells over the picture, and sets of cells as numbers."""

from functools import lru_cache

from thapcanh.config.geometry import Polygon
from thapcanh.detection.region import Region
from thapcanh.detection.tracking.drawn_shapes import ZonePolygon

COLUMNS, ROWS = 15, 12
_WORD_BITS = 60
_MOSTLY = 1 / 3

Words = tuple[int, int, int]


def cell_at(x: float, y: float) -> int:
    return _row(y) * COLUMNS + _column(x)


def middle_of(region: Region) -> int:
    return cell_at((region[0] + region[2]) / 2, (region[1] + region[3]) / 2)


def cells_of(region: Region) -> int:
    left, right = _column(region[0]), _column(region[2])
    row = ((1 << (right - left + 1)) - 1) << left
    return sum(row << (line * COLUMNS) for line in range(_row(region[1]), _row(region[3]) + 1))


def mostly_in(region: Region) -> int:
    """Return the cells covered by a third or more, and the one at the region's middle."""
    found = 1 << middle_of(region)
    for line in range(_row(region[1]), _row(region[3]) + 1):
        for column in range(_column(region[0]), _column(region[2]) + 1):
            across = min(region[2] * COLUMNS, column + 1) - max(region[0] * COLUMNS, column)
            down = min(region[3] * ROWS, line + 1) - max(region[1] * ROWS, line)
            if across * down >= _MOSTLY:
                found |= 1 << (line * COLUMNS + column)
    return found


@lru_cache(maxsize=512)
def masked_cells(masks: tuple[Polygon, ...]) -> int:
    """Return the cells whose middle lies under a mask."""
    zones = [ZonePolygon(mask) for mask in masks]
    return sum(
        1 << (line * COLUMNS + column)
        for line in range(ROWS)
        for column in range(COLUMNS)
        if any(zone.holds(((column + 0.5) / COLUMNS, (line + 0.5) / ROWS)) for zone in zones)
    )


def words_of(cells: int) -> Words:
    mask = (1 << _WORD_BITS) - 1
    return cells & mask, cells >> _WORD_BITS & mask, cells >> 2 * _WORD_BITS & mask


def cells_from(words: Words) -> int:
    """Return the set from the numbers of `words_of`."""
    return words[0] | words[1] << _WORD_BITS | words[2] << 2 * _WORD_BITS


def _column(x: float) -> int:
    return min(COLUMNS - 1, max(0, int(x * COLUMNS)))


def _row(y: float) -> int:
    return min(ROWS - 1, max(0, int(y * ROWS)))
