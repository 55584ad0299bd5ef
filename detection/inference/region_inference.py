"""Region inference: one unshrunk part beside the whole picture, for distant fires.

Owned by the inference thread.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.inference.region_choice import RegionChoice, RegionSelector, share_for
from thapcanh.detection.region import overlap
from thapcanh.ingest.frame import Frame

FLAME, SMOKE = "fire", "smoke"
PLUME_SHARE = 0.5  # of a part's area: larger smoke may be the sky
SAME_THING = 0.4  # intersection over union from which both looks saw the same flame
SURE = 0.3  # of the whole look: above what the rules ask for, a closer look adds nothing
LEADING_SMOKE = 0.15  # of a part: from here smoke leads the next look there
log = logging.getLogger(__name__)

Detect = Callable[[Sequence[Frame]], list[Detections]]


@dataclass(slots=True, kw_only=True)
class RegionCounts:
    """Counts of region inferences by outcome."""

    done: int = 0
    dropped: int = 0  # somebody waited, or the detector failed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Part of a frame as a frame of its own, with its position."""

    choice: RegionChoice
    frame: Frame
    left: int
    top: int


_Parts = dict[int, _Part]  # by the number of the frame


@dataclass(slots=True, kw_only=True)
class _Watched:
    choice: RegionSelector = field(default_factory=RegionSelector)
    seen: list[Detection] = field(default_factory=list)  # by the last region looks, to follow
    seen_at_s: float | None = None


class RegionInference:
    """Region inferences of all cameras of a detector."""

    def __init__(self, detect: Detect, size_px: int, *, is_on: bool = True) -> None:
        """Create it; `detect` takes frames, `size_px` is the longest side of its input."""
        self._detect = detect
        self._is_on = is_on
        self._size_px = size_px
        self._cameras: dict[str, _Watched] = {}
        self.counts = RegionCounts()

    def discard(self, camera_id: str) -> None:
        """Discard a camera that stopped or restarts; thread-safe."""
        self._cameras.pop(camera_id, None)

    def observe(
        self, frames: Sequence[Frame], has_time: Callable[[], bool] = lambda: True
    ) -> list[Detections]:
        """Return the detections of each frame, with the flames of its region if there was one.

        Raise `DetectorError` if the whole pictures fail.
        """
        if not self._is_on:
            return list(self._detect(frames))
        changed = self._parts(map(self._changed, frames), has_time)
        seen = self._seen_with(frames, changed) or self._detect(frames)
        inferences = list(seen[: len(frames)])
        hinted = self._parts(map(self._hinted, frames, inferences), has_time)
        self._add(inferences, changed, seen[len(frames) :])
        self._add(inferences, hinted, self._seen_with([], hinted))
        return inferences

    def _parts(self, chosen: Iterator[_Part | None], has_time: Callable[[], bool]) -> _Parts:
        """Return the parts by frame number; none if other cameras wait."""
        try:
            parts = {at: part for at, part in enumerate(chosen) if part is not None}
        except Exception as error:  # noqa: BLE001 — whatever a part brings about, the whole stands
            self._dropped(1, error)
            return {}
        if parts and not has_time():
            self._dropped(len(parts), "others wait")
            return {}
        return parts

    def _changed(self, frame: Frame) -> _Part | None:
        return self._part(
            frame,
            lambda watched, share: watched.choice.change(frame.at_s, frame.small_luma(), share),
        )

    def _hinted(self, frame: Frame, whole: Detections) -> _Part | None:
        burning = [row for row in whole.rows() if row.label in (FLAME, SMOKE)]
        flames = [row for row in burning if row.label == FLAME]
        return self._part(
            frame,
            lambda watched, share: watched.choice.hint(
                share, _doubtful([*watched.seen, *flames], burning)
            ),
        )

    def _part(
        self, frame: Frame, choose: Callable[[_Watched, float], RegionChoice | None]
    ) -> _Part | None:
        share = share_for(frame.width, frame.height, self._size_px)
        if share is None:
            return None
        choice = choose(self._cameras.setdefault(frame.camera_id, _Watched()), share)
        return None if choice is None else _cut(frame, choice)

    def _seen_with(self, frames: Sequence[Frame], parts: _Parts) -> Sequence[Detections]:
        """Return the results of the frames and then the parts in one batch.

        Empty without a part or on failure, when the parts are dropped.
        """
        if not parts:
            return []
        try:
            return self._detect([*frames, *(part.frame for part in parts.values())])
        except Exception as error:  # noqa: BLE001 — as above
            self._dropped(len(parts), error)
            return []

    def _add(self, inferences: list[Detections], parts: _Parts, seen: Sequence[Detections]) -> None:
        """Merge the parts' flames; `seen` is empty if they were dropped."""
        for (at, part), flames in zip(parts.items(), seen, strict=False):
            inferences[at] = self._together(inferences[at], part, flames)
        self.counts.done += len(seen)

    def _together(self, whole: Detections, part: _Part, seen: Detections) -> Detections:
        accepted = _accepted(seen, whole, part)
        leading = [
            row for row in accepted.rows() if row.label == FLAME or row.confidence >= LEADING_SMOKE
        ]
        camera = self._cameras.setdefault(whole.camera_id, _Watched())
        if camera.seen_at_s != whole.at_s:
            camera.seen, camera.seen_at_s = [], whole.at_s
        camera.seen += leading
        camera.choice.looked(part.choice, saw_something=len(leading) > 0)
        return merged(whole, accepted)

    def _dropped(self, number: int, why: object) -> None:
        self.counts.dropped += number
        log.debug("%d region looks dropped: %s", number, why)


def _doubtful(hints: Sequence[Detection], burning: Sequence[Detection]) -> list[Detection]:
    """Return the hints apart from those the whole inference is sure of."""
    sure = [row for row in burning if row.confidence >= SURE]
    return [
        hint
        for hint in hints
        if all(row.label != hint.label or overlap(hint.box, row.box) <= SAME_THING for row in sure)
    ]


def _cut(frame: Frame, choice: RegionChoice) -> _Part:
    left, right = (_even(share * frame.width) for share in choice.region[::2])
    top, bottom = (_even(share * frame.height) for share in choice.region[1::2])
    part = frame.cut(left, top, right - left, bottom - top)
    return _Part(choice=choice, frame=part, left=left, top=top)


def _even(pixels: float) -> int:
    return int(pixels) // 2 * 2


def _accepted(seen: Detections, whole: Detections, part: _Part) -> Detections:
    """Return flames, and smoke that ends within the part, in pixels of the whole picture.

    Smoke that fills the part may be sky, a wall or fog.
    """
    size = float(part.frame.width * part.frame.height)
    areas = np.prod(seen.xyxy[:, 2:] - seen.xyxy[:, :2], axis=1)
    accepted = [
        label == FLAME or (label == SMOKE and area <= PLUME_SHARE * size)
        for label, area in zip(seen.label, areas, strict=True)
    ]
    corner = np.array([part.left, part.top] * 2, dtype=np.float32)
    labels = tuple(label for label, is_used in zip(seen.label, accepted, strict=True) if is_used)
    return replace(
        whole,
        xyxy=seen.xyxy[accepted] + corner,
        confidence=seen.confidence[accepted],
        label=labels,
    )


def merged(whole: Detections, parts: Detections) -> Detections:
    """Return both, surest first; duplicates keep the whole's box and the higher confidence."""
    confidence = whole.confidence.copy()
    seen = list(whole.rows())
    new = []
    for index, found in enumerate(parts.rows()):
        shared = [overlap(found.box, row.box) if row.label == found.label else 0.0 for row in seen]
        most = max(shared, default=0.0)
        if most <= SAME_THING:
            new.append(index)
            continue
        same = shared.index(most)
        confidence[same] = max(confidence[same], parts.confidence[index])
    xyxy = np.concatenate([whole.xyxy, parts.xyxy[new]])
    confidence = np.concatenate([confidence, parts.confidence[new]])
    label = whole.label + tuple(parts.label[index] for index in new)
    order = np.argsort(-confidence, kind="stable")
    return replace(
        whole,
        xyxy=xyxy[order],
        confidence=confidence[order],
        label=tuple(label[index] for index in order),
    )
