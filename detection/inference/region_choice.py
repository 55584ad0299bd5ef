"""Choice of one unshrunk part of the picture for region inference.

Where most has changed and no region inference went for longest, once a second and never twice in a
row; for a sleeping camera one inference of three, its parts in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detections import Detection
from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.region import Region, longer_side

LARGEST_SHARE = 0.4  # of the picture's side: a smaller picture's part is seen enlarged
SMALLEST_SHARE = 0.25  # of a very large picture, so that 16 parts are the whole of it
SMALL_HINT = 0.6  # of the part's side: what is larger, the whole look sees as well
EXPLORE_EVERY_S = 1.0  # without a hint: bounds what a busy street costs
EXPLORE_INFERENCES = 1.5  # nor with two looks in a row
ASLEEP_GAP_S = 1.5  # between two looks at a camera that sleeps; awake it is half a second
ASLEEP_INFERENCES = 2.5  # of its looks, one in three: its sweeps stay cheap
ASLEEP_TURNS = 16.0  # looks for which its parts wait the more: no traffic keeps a far fire waiting
EXPLORE_ANYWAY_S = 5.0  # with one: a lamp that looks like flame must not blind the rest
COLD_FOR_S = 3.0
LONGEST_UNVISITED_S = 10.0
CHANGED = 2.0  # luma, 0..255: noise of a quiet night camera stays below
WORTH_IT = 0.3  # mean excess over a quarter of the part, times the seconds it waited
_COLUMNS, _LINES = 64, 36
_LONG_AGO_S = -1e9
_Grid = npt.NDArray[np.float32]
_Times = npt.NDArray[np.float64]  # camera time, seconds


class RegionReason(StrEnum):
    """Reason of a region inference."""

    HINT = "hint"  # a small flame or smoke, hardly or surely seen
    CHANGE = "change"  # something moves or flickers there


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionChoice:
    """A part of the picture, and why it."""

    region: Region
    why: RegionReason


def share_for(width: int, height: int, size_px: int) -> float | None:
    """Return the share of the sides that the model sees unshrunk, or a smaller one, enlarged.

    None if the whole picture is not shrunk. `size_px` is the longest side of the model's input.
    """
    unshrunk = size_px / max(width, height)
    return None if unshrunk >= 1 else min(LARGEST_SHARE, max(SMALLEST_SHARE, unshrunk))


class RegionSelector:
    """Memory of one camera's picture between inferences."""

    def __init__(self) -> None:
        self._at_s = self._explored_s = _LONG_AGO_S
        self._before: _Grid | None = None
        self._is_hinted = False
        self._visited = _never()
        self._cold_until = _never()

    def change(self, at_s: float, luma: Picture, share: float) -> RegionChoice | None:
        """Return the part with the most change, a `share` of each side, or None.

        Called before each whole inference with its luma, of any size.
        """
        if at_s < self._at_s:
            self._reset()
        gap_s, self._at_s = at_s - self._at_s, at_s
        now = _grid(luma)
        before, self._before = self._before, now
        is_asleep = gap_s >= ASLEEP_GAP_S
        every_s = max(
            EXPLORE_EVERY_S, (ASLEEP_INFERENCES if is_asleep else EXPLORE_INFERENCES) * gap_s
        )
        turn_s = ASLEEP_TURNS * gap_s if is_asleep else LONGEST_UNVISITED_S
        pause_s = EXPLORE_ANYWAY_S if self._is_hinted else every_s
        if before is None or at_s - self._explored_s < pause_s:
            return None
        return self._most_changed(np.maximum(np.abs(now - before) - CHANGED, 0), turn_s, share)

    def hint(self, share: float, hints: Sequence[Detection]) -> RegionChoice | None:
        """Return the part around the surest hint, or None; called after each whole inference."""
        hint = self._best(hints, share)
        self._is_hinted = hint is not None
        return None if hint is None else _about(hint.box, share, RegionReason.HINT)

    def looked(self, choice: RegionChoice, *, saw_something: bool) -> None:
        """Record a completed region inference; dropped ones are not recorded."""
        part = _cells(choice.region)
        self._visited[part] = self._at_s
        if choice.why is RegionReason.CHANGE:
            self._explored_s = self._at_s
        if not saw_something:
            self._cold_until[part] = self._at_s + COLD_FOR_S

    def _reset(self) -> None:
        self._explored_s = _LONG_AGO_S
        self._before = None
        self._is_hinted = False
        self._visited[:] = self._cold_until[:] = _LONG_AGO_S

    def _best(self, hints: Sequence[Detection], share: float) -> Detection | None:
        """Return the surest small hint whose place was not searched in vain lately."""
        small = (hint for hint in hints if longer_side(hint.box) < SMALL_HINT * share)
        warm = (hint for hint in small if self._cold_until[_cell(hint.box)] <= self._at_s)
        return max(warm, key=lambda hint: hint.confidence, default=None)

    def _most_changed(self, changed: _Grid, turn_s: float, share: float) -> RegionChoice | None:
        """Return the part with most change for its waiting time up to `turn_s`, or None."""
        about = (_odd(share * _COLUMNS / 2), _odd(share * _LINES / 2))
        waited = np.minimum(self._at_s - self._visited, turn_s)
        worth = cv2.blur(changed, about) * waited
        best = int(worth.argmax())
        if worth.flat[best] < WORTH_IT * turn_s / LONGEST_UNVISITED_S:
            return None
        line, column = divmod(best, _COLUMNS)
        x, y = (column + 0.5) / _COLUMNS, (line + 0.5) / _LINES
        return _about((x, y, x, y), share, RegionReason.CHANGE)


def _never() -> _Times:
    return np.full((_LINES, _COLUMNS), _LONG_AGO_S, dtype=np.float64)


def _grid(luma: Picture) -> _Grid:
    small = cv2.resize(luma, (_COLUMNS, _LINES), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _about(region: Region, share: float, why: RegionReason) -> RegionChoice:
    """Return the part centred on the region, moved into the picture."""
    left, top = (min(max(0.0, at - share / 2), 1.0 - share) for at in _centre(region))
    return RegionChoice(region=(left, top, left + share, top + share), why=why)


def _centre(region: Region) -> tuple[float, float]:
    return (region[0] + region[2]) / 2, (region[1] + region[3]) / 2


def _cell(region: Region) -> tuple[int, int]:
    x, y = _centre(region)
    return min(int(y * _LINES), _LINES - 1), min(int(x * _COLUMNS), _COLUMNS - 1)


def _cells(region: Region) -> tuple[slice, slice]:
    left, top, right, bottom = region
    return (
        slice(int(top * _LINES), int(np.ceil(bottom * _LINES))),
        slice(int(left * _COLUMNS), int(np.ceil(right * _COLUMNS))),
    )


def _odd(cells: float) -> int:
    return max(1, round(cells)) | 1
