"""Picture motion: a moving picture or a cut makes comparisons with the past useless.

Times are camera time.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detectors.letterbox import Picture

SETTLE_S = 3.0  # after a cut or a movement comparisons say little for so long
CHANGED = 6.0  # luma, 0..255, from which a cell of the thumbnail has changed
MOSTLY = 0.4  # share of the picture that changed at once: no thing in it does that
ENOUGH = 0.04  # with less there is nothing to find the shift by
SHIFTED = 0.006  # of the width: fixed cameras stay below 0.003, hands and poles in wind do not
SURE_SHIFT = 0.3  # response of the phase correlation, 0..1
UNLIKE = 0.5  # correlation of the thumbnails below which it is another scene
FLAT = 2.0  # standard deviation of luma: of a picture without anything in it nothing is told
REMEMBERED_S = 30.0
MOVING_SHARE = 0.5  # of the remembered looks: a body or drone camera
MOVING_INFERENCES = 10
_COLUMNS, _LINES = 128, 72
_LONG_AGO_S = -1e9
_Thumbnail = npt.NDArray[np.float32]


class Unsteady(StrEnum):
    """Why the picture cannot be compared with those before."""

    CUT = "cut"  # another scene
    SHIFTED = "shifted"  # the whole of it moved
    CHANGED = "changed"  # most of it became other at once


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureState:
    """Steadiness of the picture at one inference."""

    unsteady: Unsteady | None = None
    """What happened within the last `SETTLE_S`; the latest."""
    is_cut_now: bool = False
    """This very look shows another scene than the one before."""
    is_moving_camera: bool = False
    """It was so in most of the last `REMEMBERED_S`: carried, flown, or steered all the time."""


class MotionMonitor:
    """Thumbnails of one camera; `observe` is called once per inference, in order."""

    def __init__(self) -> None:
        self._before: _Thumbnail | None = None
        self._window = cv2.createHanningWindow((_COLUMNS, _LINES), cv2.CV_32F)
        self._looks: deque[tuple[float, bool]] = deque()
        self._last: Unsteady | None = None
        self._last_at_s = _LONG_AGO_S

    @property
    def is_moving_camera(self) -> bool:
        """True if most of the remembered inferences were cut, shifted or changed as a whole."""
        moved = sum(is_unsteady for _, is_unsteady in self._looks)
        return len(self._looks) >= MOVING_INFERENCES and moved >= MOVING_SHARE * len(self._looks)

    def forget(self) -> None:
        self._before, self._last = None, None
        self._last_at_s = _LONG_AGO_S
        self._looks.clear()

    def observe(self, at_s: float, luma: Picture) -> PictureState:
        """Return the state after a small luma picture (h, w) uint8."""
        small = cv2.resize(luma, (_COLUMNS, _LINES), interpolation=cv2.INTER_AREA)
        now = np.asarray(small, np.float32)
        before, self._before = self._before, now
        happened = None if before is None else self._happened(before, now)
        if happened is not None:
            self._last, self._last_at_s = happened, at_s
        self._looks.append((at_s, happened is not None))
        while at_s - self._looks[0][0] > REMEMBERED_S:
            self._looks.popleft()
        return self._state(at_s, happened)

    def _state(self, at_s: float, happened: Unsteady | None) -> PictureState:
        is_settled = at_s - self._last_at_s >= SETTLE_S
        return PictureState(
            unsteady=None if is_settled else self._last,
            is_cut_now=happened is Unsteady.CUT,
            is_moving_camera=self.is_moving_camera,
        )

    def _happened(self, before: _Thumbnail, now: _Thumbnail) -> Unsteady | None:
        changed = float((np.abs(now - before) > CHANGED).mean())
        if changed < ENOUGH:
            return None
        # copies: OpenCV lays the window over what it is given
        (across, down), sureness = cv2.phaseCorrelate(before.copy(), now.copy(), self._window)
        shifted = float(np.hypot(across, down)) / _COLUMNS
        if sureness >= SURE_SHIFT and shifted >= SHIFTED:
            return Unsteady.SHIFTED
        if changed < MOSTLY:
            return None
        return Unsteady.CUT if _correlation(before, now) < UNLIKE else Unsteady.CHANGED


def _correlation(one: _Thumbnail, other: _Thumbnail) -> float:
    """Return the correlation of two thumbnails, -1..1; 1 if one is flat."""
    if one.std() < FLAT or other.std() < FLAT:
        return 1.0
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
