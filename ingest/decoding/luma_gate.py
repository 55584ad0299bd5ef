"""Luma gate: comparison of pictures for streams whose packet sizes say nothing."""

from collections import deque
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from thapcanh.ingest.frame import Plane

_COLUMNS, _ROWS = 40, 24
_STEP_PX = 3  # every third point of every third line is averaged

Grid = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LumaGateSettings:
    """Limits of the difference between two pictures."""

    levels: float = 6.0
    """A cell's mean luma moved by more than this, after the whole picture's own change."""
    cells: int = 3
    """Of 960, at least: a flame of a twentieth of the picture's width and height is four."""
    mads: float = 6.0
    """Above the median of what usually changes: a street is never still."""
    remembered: int = 60
    learned_after: int = 5


class LumaGate:
    """Comparison with the last picture of one camera; not thread-safe."""

    def __init__(self, rules: LumaGateSettings | None = None) -> None:
        self._rules = rules or LumaGateSettings()
        self._before: Grid | None = None
        self._usual: deque[int] = deque(maxlen=self._rules.remembered)

    def differs(self, luma: Plane) -> bool:
        """Return whether this picture differs from the last one more than usual."""
        before, self._before = self._before, grid(luma)
        if before is None or before.shape != self._before.shape:
            return False
        changed = changed_cells(before, self._before, self._rules.levels)
        learned = len(self._usual) >= self._rules.learned_after
        differs = learned and changed >= cells_limit(self._usual, self._rules)
        self._usual.append(changed)
        return differs


def cells_limit(usual: deque[int], rules: LumaGateSettings) -> float:
    """Return the number of changed cells from which a picture differs."""
    middle = median(usual)
    spread = median([abs(one - middle) for one in usual])
    return max(float(rules.cells), middle + 1 + rules.mads * spread)


def grid(luma: Plane) -> Grid:
    """Mean luma of the cells, (rows, columns)."""
    height, width = luma.shape
    cell_h, cell_w = max(1, height // _ROWS), max(1, width // _COLUMNS)
    rows, columns = height // cell_h, width // cell_w
    cells = luma[: rows * cell_h, : columns * cell_w].reshape(rows, cell_h, columns, cell_w)
    step_h, step_w = min(_STEP_PX, cell_h), min(_STEP_PX, cell_w)
    return np.asarray(cells[:, ::step_h, :, ::step_w].mean(axis=(1, 3), dtype=np.float32))


def changed_cells(before: Grid, now: Grid, levels: float) -> int:
    """Return the number of changed cells; a common change of exposure does not count."""
    difference = now - before
    return int(np.count_nonzero(np.abs(difference - np.median(difference)) > levels))
