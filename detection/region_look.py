"""Region looks: beside the whole picture, one part of it at its own resolution, for fires far away.

What the whole look saw goes in, the same with what the part showed comes out. Only flame is taken
from a part: people and vehicles would be counted twice, and smoke raised a false alert. Owned by
the thread that looks. Dropped where others wait, and what fails is dropped too: the whole look
stands.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from detection.detections import Detections, Row
from detection.errors import DetectorError
from detection.region import overlap
from detection.region_choice import Choice, RegionChoice, share_for
from ingest.frame import Frame

LABEL = "fire"
SAME_THING = 0.4  # intersection over union from which both looks saw the same flame
SURE = 0.3  # of the whole look: above what the rules ask for, a closer look adds nothing
_log = logging.getLogger(__name__)

Detect = Callable[[Sequence[Frame]], list[Detections]]


@dataclass(slots=True, kw_only=True)
class RegionCounts:
    """What became of the region looks that were asked for."""

    done: int = 0
    dropped: int = 0  # somebody waited, or the detector failed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of a frame, as a frame of its own, and where it lies."""

    choice: Choice
    frame: Frame
    left: int
    top: int


@dataclass(slots=True, kw_only=True)
class _Watched:
    choice: RegionChoice = field(default_factory=RegionChoice)
    flames: list[Row] = field(default_factory=list)  # what the last region look saw


class RegionLooks:
    """The region looks of every camera that this detector looks at."""

    def __init__(self, detect: Detect, size_px: int, *, is_on: bool = True) -> None:
        """`detect` looks at parts as at frames; `size_px`: the longest side of what it sees."""
        self._detect = detect
        self._is_on = is_on
        self._size_px = size_px
        self._cameras: dict[str, _Watched] = {}
        self.counts = RegionCounts()

    def forget(self, camera_id: str) -> None:
        """A camera that is looked at no more, or begins anew; from any thread."""
        self._cameras.pop(camera_id, None)

    def closer(
        self,
        frames: Sequence[Frame],
        found: Sequence[Detections],
        has_time: Callable[[], bool] = lambda: True,
    ) -> list[Detections]:
        """The same looks, each with the flames of its region look, if there was one."""
        if not self._is_on:
            return list(found)
        try:
            return self._closer(frames, found, has_time)
        except (DetectorError, cv2.error, ValueError) as error:
            self.counts.dropped += 1
            _log.debug("a region look failed: %s", error)
            return list(found)

    def _closer(
        self, frames: Sequence[Frame], found: Sequence[Detections], has_time: Callable[[], bool]
    ) -> list[Detections]:
        looks = list(found)
        pairs = zip(frames, looks, strict=True)
        parts = {at: part for at, pair in enumerate(pairs) if (part := self._part(*pair))}
        if not parts:
            return looks
        if not has_time():
            self.counts.dropped += len(parts)
            return looks
        seen = self._detect([part.frame for part in parts.values()])
        for (at, part), flames in zip(parts.items(), seen, strict=True):
            looks[at] = self._together(looks[at], part, flames)
        self.counts.done += len(parts)
        return looks

    def _part(self, frame: Frame, whole: Detections) -> _Part | None:
        share = share_for(frame.width, frame.height, self._size_px)
        if share is None:
            return None
        camera = self._cameras.setdefault(frame.camera_id, _Watched())
        flames = [row for row in whole.rows() if row.label == LABEL]
        hints = _doubtful([*camera.flames, *flames], flames)
        choice = camera.choice.choose(frame.at_s, frame.small_luma(), share, hints)
        return None if choice is None else _cut(frame, choice)

    def _together(self, whole: Detections, part: _Part, seen: Detections) -> Detections:
        flames = _flames(seen, whole, part)
        camera = self._cameras.setdefault(whole.camera_id, _Watched())
        camera.flames = list(flames.rows())
        camera.choice.looked(part.choice, saw_something=len(flames) > 0)
        return _merged(whole, flames)


def _doubtful(hints: Sequence[Row], flames: Sequence[Row]) -> list[Row]:
    """The hints but for those of flames that the whole look is sure of."""
    sure = [row.box for row in flames if row.confidence >= SURE]
    return [hint for hint in hints if all(overlap(hint.box, box) <= SAME_THING for box in sure)]


def _cut(frame: Frame, choice: Choice) -> _Part:
    left, right = (_even(share * frame.width) for share in choice.region[::2])
    top, bottom = (_even(share * frame.height) for share in choice.region[1::2])
    part = frame.cut(left, top, right - left, bottom - top)
    return _Part(choice=choice, frame=part, left=left, top=top)


def _even(pixels: float) -> int:
    return int(pixels) // 2 * 2


def _flames(seen: Detections, whole: Detections, part: _Part) -> Detections:
    """The flames of the part, in pixels of the whole picture."""
    is_flame = [label == LABEL for label in seen.label]
    corner = np.array([part.left, part.top] * 2, dtype=np.float32)
    return replace(
        whole,
        xyxy=seen.xyxy[is_flame] + corner,
        confidence=seen.confidence[is_flame],
        label=(LABEL,) * sum(is_flame),
    )


def _merged(whole: Detections, flames: Detections) -> Detections:
    """Both, surest first; what both saw keeps the whole look's box and the greater confidence."""
    confidence = whole.confidence.copy()
    seen = list(whole.rows())
    new = []
    for index, flame in enumerate(flames.rows()):
        shared = [overlap(flame.box, row.box) if row.label == LABEL else 0.0 for row in seen]
        most = max(shared, default=0.0)
        if most <= SAME_THING:
            new.append(index)
            continue
        same = shared.index(most)
        confidence[same] = max(confidence[same], flames.confidence[index])
    xyxy = np.concatenate([whole.xyxy, flames.xyxy[new]])
    confidence = np.concatenate([confidence, flames.confidence[new]])
    label = whole.label + (LABEL,) * len(new)
    order = np.argsort(-confidence, kind="stable")
    return replace(
        whole,
        xyxy=xyxy[order],
        confidence=confidence[order],
        label=tuple(label[index] for index in order),
    )
