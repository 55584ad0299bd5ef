"""Bounds of what a place came to nothing with: its surest answer and its largest box.

A candidate beyond them is nothing that the camera has shown before, however usual the place is.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from thapcanh.detection.confirmation.witness_answer import MOST

LARGER = 1.5  # times the largest box: the same steam in another look is that much larger
INSIDE = 0.75  # share of a box in cells that have bounds; with less it is at a new place
ROUNDING = 0.01  # of log-odds, in a stored map

Bounds: TypeAlias = npt.NDArray[np.float32]
Mask: TypeAlias = npt.NDArray[np.bool_]


class UsualBounds:
    """Bounds by kind and cell; a box is compared with the cells that it lies in."""

    def __init__(self, kinds: int, rows: int, columns: int) -> None:
        shape = kinds, rows, columns
        self.surest: Bounds = np.full(shape, -MOST, np.float32)
        self.largest: Bounds = np.zeros(shape, np.float32)

    def add(self, kind: int, cells: Mask, log_odds: float, area: float) -> None:
        """Raise the bounds of these cells to a candidate that came to nothing."""
        for bounds, value in ((self.surest, log_odds), (self.largest, area)):
            of_kind = bounds[kind]
            of_kind[cells] = np.maximum(of_kind[cells], value)

    def holds(self, kind: int, shares: Bounds, log_odds: float, area: float) -> bool:
        """Return whether such a candidate was there before; `shares` are the box's in each cell."""
        is_bounded = (self.largest[kind] > 0) & (shares > 0)
        if float(shares[is_bounded].sum()) < INSIDE:
            return False
        surest = float(self.surest[kind][is_bounded].max())
        largest = float(self.largest[kind][is_bounded].max())
        return log_odds <= surest + ROUNDING and area <= LARGER * largest

    def join(self, other: "UsualBounds", cells: Mask | None = None) -> None:
        """Raise the bounds to another's, in some cells or in all."""
        for own, others in ((self.surest, other.surest), (self.largest, other.largest)):
            raised = np.maximum(own, others)
            own[:] = raised if cells is None else np.where(cells, raised, own)

    def clear(self, cells: Mask | None = None) -> None:
        """Remove the bounds of some cells, or of all."""
        self.surest[:, True if cells is None else cells] = -MOST
        self.largest[:, True if cells is None else cells] = 0.0
