"""Habituation: a place that was evaluated and not believed stops waking the camera.

Pure state of one camera, in camera time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.region import Region, area, grown, shared_area, touch, union

_PATCH_PX = 24
_PARTS = 95  # percentile of the differences in a patch: a small flame in a large box counts

_Patch: TypeAlias = NDArray[np.float32]


class Interest(IntEnum):
    """Interest of an inference, for waking the camera."""

    NONE = 0  # nothing concerns a rule, or only what was judged already
    FAINT = 1  # something, with less than the confidence that its rule asks for
    SURE = 2  # something with its rule's own confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class HabituationSettings:
    """Limits for counting a place as evaluated, and for resetting it."""

    judged_s: float = 10.0
    """The usual window of a rule. Beside it, twice the looks that the rule counts are needed."""
    surer_by: float = 0.1
    """Over the greatest confidence while it was judged."""
    larger_by: float = 1.5
    """Times the largest box while it was judged."""
    unlike_levels: float = 5.0
    unlike_times: float = 1.5
    """The place looks different: levels of luma above so many times what it varied by."""
    forget_after_s: float = 900.0
    """All places of a camera are then judged again, together: one awakening for all of them."""
    unseen_s: float = 30.0
    """A place that is not judged yet and is not seen for so long is forgotten."""
    most_places: int = 16
    reach: float = 0.25
    """Share of its longer side by which a place is grown before something counts as inside."""
    inside: float = 0.7
    """Share of a box that must lie in a known place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Observation of a rule that is not believed, or not yet."""

    rule_id: str
    region: Region
    confidence: float
    interest: Interest
    looks_needed: int
    """Looks after which the rule's verdict is one on full evidence."""


@dataclass(slots=True, kw_only=True)
class _Place:
    rule_id: str
    region: Region
    patch: _Patch
    first_s: float
    seen_s: float
    confidence: float
    largest: float
    looks_needed: int
    varies_by: float = 0.0
    looks: int = 0
    is_judged: bool = False


@dataclass(slots=True)
class Habituation:
    """Places of one camera; not thread-safe."""

    settings: HabituationSettings = field(default_factory=HabituationSettings)
    withheld: int = 0
    """Looks that would have woken the camera or kept it awake, and did not."""
    _places: list[_Place] = field(default_factory=list)
    _judged_since_s: float | None = None

    @property
    def evaluated_places(self) -> int:
        """Number of places that no longer wake the camera."""
        return sum(place.is_judged for place in self._places)

    def forget(self) -> None:
        self._places.clear()
        self._judged_since_s = None

    def observe(
        self,
        candidates: Sequence[Candidate],
        luma: Picture,
        at_s: float,
        *,
        believed: Collection[str] = (),
    ) -> Interest:
        """Return the interest of this inference.

        `believed` are the rules with an open episode; their places are evaluated again afterwards.
        `luma` is the small picture.
        """
        self._forget(at_s)
        self._places = [place for place in self._places if place.rule_id not in believed]
        candidates = [one for one in candidates if one.rule_id not in believed]
        self._watch(luma)
        worth = Interest.NONE
        for candidate in candidates:
            worth = max(worth, self._of(candidate, luma, at_s))
        if candidates and worth is Interest.NONE:
            self.withheld += 1
        self._judge(at_s)
        return worth

    def _of(self, candidate: Candidate, luma: Picture, at_s: float) -> Interest:
        place = self._place_of(candidate)
        if place is None:
            self._add(candidate, luma, at_s)
            return candidate.interest
        place.seen_s = at_s
        if place.is_judged:
            if not self._has_changed(place, candidate, luma):
                return Interest.NONE
            self._places.remove(place)
            self._add(candidate, luma, at_s)
            return candidate.interest
        place.confidence = max(place.confidence, candidate.confidence)
        place.largest = max(place.largest, area(candidate.region))
        whole = union(place.region, candidate.region)
        if whole != place.region:
            place.region, place.patch = whole, _patch(luma, whole)
        return candidate.interest

    def _place_of(self, candidate: Candidate) -> _Place | None:
        own = [place for place in self._places if place.rule_id == candidate.rule_id]
        match = (place for place in own if place.is_judged and self._holds(place, candidate))
        others = (
            place
            for place in own
            if not place.is_judged
            and touch(grown(place.region, self.settings.reach), candidate.region)
        )
        return next(match, None) or next(others, None)

    def _holds(self, place: _Place, candidate: Candidate) -> bool:
        existing = grown(place.region, self.settings.reach)
        own = area(candidate.region)
        return own > 0 and shared_area(existing, candidate.region) >= self.settings.inside * own

    def _has_changed(self, place: _Place, candidate: Candidate, luma: Picture) -> bool:
        rules = self.settings
        if candidate.confidence > place.confidence + rules.surer_by:
            return True
        if area(candidate.region) > rules.larger_by * place.largest:
            return True
        usual = rules.unlike_times * place.varies_by + rules.unlike_levels
        return _difference(place.patch, _patch(luma, place.region)) > usual

    def _add(self, candidate: Candidate, luma: Picture, at_s: float) -> None:
        place = _Place(
            rule_id=candidate.rule_id,
            region=candidate.region,
            patch=_patch(luma, candidate.region),
            first_s=at_s,
            seen_s=at_s,
            confidence=candidate.confidence,
            largest=area(candidate.region),
            looks_needed=candidate.looks_needed,
        )
        self._places.append(place)
        if len(self._places) > self.settings.most_places:
            self._places.remove(min(self._places, key=lambda existing: existing.seen_s))

    def _watch(self, luma: Picture) -> None:
        """Update how much the places under evaluation vary by themselves."""
        for place in self._places:
            if not place.is_judged:
                place.looks += 1
                varies_by = _difference(place.patch, _patch(luma, place.region))
                place.varies_by = max(place.varies_by, varies_by)

    def _judge(self, at_s: float) -> None:
        for place in self._places:
            has_time = at_s - place.first_s >= self.settings.judged_s
            if not place.is_judged and has_time and place.looks >= place.looks_needed:
                place.is_judged = True
                if self._judged_since_s is None:
                    self._judged_since_s = at_s

    def _forget(self, at_s: float) -> None:
        since_s = self._judged_since_s
        if since_s is not None and at_s - since_s > self.settings.forget_after_s:
            self.forget()
        self._places = [
            place
            for place in self._places
            if place.is_judged or at_s - place.seen_s <= self.settings.unseen_s
        ]


def _patch(luma: Picture, region: Region) -> _Patch:
    """Return the region as a few cells, (rows, columns) float32; averaging removes noise."""
    height, width = luma.shape
    left, right = _span(region[0], region[2], width)
    top, bottom = _span(region[1], region[3], height)
    part = luma[top:bottom, left:right]
    size = (min(_PATCH_PX, part.shape[1]), min(_PATCH_PX, part.shape[0]))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _span(start: float, end: float, pixels: int) -> tuple[int, int]:
    first = min(int(start * pixels), pixels - 1)
    return first, max(first + 1, min(pixels, round(end * pixels)))


def _difference(before: _Patch, now: _Patch) -> float:
    """Return the levels of the most different part; a common change is exposure."""
    if before.shape != now.shape:
        return float("inf")
    difference = now - before
    return float(np.percentile(np.abs(difference - np.median(difference)), _PARTS))
