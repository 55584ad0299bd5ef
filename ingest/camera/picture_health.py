"""Checks of the pictures: torn, frozen, dark or tampered view.

Times are seconds of camera time.
"""

import math
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from thapcanh.ingest.camera.tamper_detector import (
    ReferenceView,
    TamperDetector,
    TamperSettings,
    Visibility,
)
from thapcanh.ingest.camera.view_signature import view_signature
from thapcanh.ingest.frame import Frame

_LONGEST_GAP_S = 6.0
"""A picture stands for the time since the one before; a sleeping camera shows one every 4 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageSettings:
    """Limits of damaged pictures."""

    window_s: float = 30.0
    share: float = 0.4
    """Share of the window.

    One packet lost of a thousand damages up to a fifth, one of a hundred most.
    """
    noticed: Mapping[str, float] = field(default_factory=lambda: {"hevc": 0.3})
    """Share of the damage that a codec's decoder notices. H.265's takes a torn slice for a whole
    one: only pictures that lean on one that never came are known."""
    groups: int = 2
    """Groups of pictures that were hit; of one alone, all of the window must be damaged."""
    all_share: float = 0.9
    over_share: float = 0.5
    """Share of the limit below which the damage is over."""


class DamageShare:
    """Damage of one camera in the last seconds; used on its thread."""

    def __init__(self, rules: DamageSettings) -> None:
        self._rules = rules
        self._spans: deque[tuple[float, float, int]] = deque()  # of damage: end, seconds, group
        self._damaged_s = 0.0
        self._last_s: float | None = None
        self.is_sustained = False

    def observe(self, at_s: float, damage: int, codec: str) -> bool:
        """Return whether the camera's pictures count as damaged; `damage` is that of a `Frame`."""
        passed_s = 0.0 if self._last_s is None else min(at_s - self._last_s, _LONGEST_GAP_S)
        self._last_s = at_s
        if damage:
            self._spans.append((at_s, passed_s, damage))
            self._damaged_s += passed_s
        while self._spans and self._spans[0][0] <= at_s - self._rules.window_s:
            self._damaged_s -= self._spans.popleft()[1]
        if self._spans or self.is_sustained:
            self.is_sustained = self._decided(codec)
        return self.is_sustained

    def _decided(self, codec: str) -> bool:
        rules = self._rules
        limit_s = rules.window_s * rules.share * rules.noticed.get(codec, 1.0)
        if self.is_sustained:
            return self._damaged_s >= rules.over_share * limit_s
        if self._damaged_s < limit_s:
            return False
        groups = self._spans[-1][2] - self._spans[0][2] + 1
        return groups >= rules.groups or self._damaged_s >= rules.all_share * rules.window_s


class PictureCondition(StrEnum):
    """Condition of the pictures."""

    OK = "ok"
    FROZEN = "frozen"
    """The same picture for too long: the camera or its encoder hangs."""
    DARK = "dark"
    """Nearly black: covered, no light, or the sensor is dead."""
    COVERED = "covered"
    """Something stands right before the lens."""
    MOVED = "moved"
    """The camera looks elsewhere."""
    BLURRED = "blurred"
    """Out of focus, or something on the lens."""
    DAMAGED = "damaged"
    """Torn: data are lost on the way, so that much is grey, smeared or old."""


_OF_SIGHT = {
    Visibility.COVERED: PictureCondition.COVERED,
    Visibility.MOVED: PictureCondition.MOVED,
    Visibility.BLURRED: PictureCondition.BLURRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHealthSettings:
    """Limits of frozen and dark pictures."""

    every_s: float = 1.0
    frozen_after_s: float = 20.0
    same_levels: int = 2
    """A point within this many luma levels is unchanged."""
    same_share: float = 0.998
    """Share of unchanged points that makes two pictures the same."""
    clock_strip: float = 0.14
    """Share of the height, at the top and at the bottom, in which cameras write clock and name."""
    clock_share: float = 0.02
    """The most that a clock changes there, in points of the whole; noise changes more."""
    dark_after_s: float = 5.0
    dark_luma: float = 28.0
    """Luma below which a point is black; video black is 16."""
    dark_share: float = 0.995
    dim_luma: float = 45.0
    """A featureless picture darker than this has no light rather than a cloth before it."""
    view_every_s: float = 2.0
    sight: TamperSettings = field(default_factory=TamperSettings)
    damage: DamageSettings = field(default_factory=DamageSettings)


class PictureHealth:
    """Picture checks of one camera. `observe` is called with every frame, on one thread."""

    def __init__(self, rules: PictureHealthSettings | None = None) -> None:
        self._rules = rules or PictureHealthSettings()
        self._reference: NDArray[np.int16] | None = None
        self._same_since = 0.0
        self._dark_since: float | None = None
        self._looked_at = float("-inf")
        self._view_lock = threading.Lock()
        self._view_watch = TamperDetector(rules=self._rules.sight)
        self._viewed_at = float("-inf")
        self._is_dim = False
        self._damage = DamageShare(self._rules.damage)
        self.position: str | None = ""
        """Where the camera looks; None while it turns. Set by any thread."""
        self.condition = PictureCondition.OK
        self.since_s = 0.0

    def observe(self, frame: Frame, codec: str = "") -> PictureCondition:
        """Return the condition after this frame; most frames are not examined.

        A damaged frame is neither evaluated further nor learned from.
        """
        if self._damage.observe(frame.at_s, frame.damage, codec):
            self._reference, self._dark_since = None, None
            return self._become(PictureCondition.DAMAGED, frame.at_s)
        is_over = self.condition is PictureCondition.DAMAGED
        is_early = frame.at_s - self._looked_at < self._rules.every_s
        if frame.damage or (is_early and not is_over):
            return self.condition
        self._looked_at = frame.at_s
        points = _luma_points(frame)
        self._compare(points, frame.at_s)
        self._measure_light(points, frame.at_s)
        with self._view_lock:
            self._look(frame)
        return self._become(self._decide(frame.at_s), frame.at_s)

    def known_views(self) -> tuple[ReferenceView, ...]:
        """Return the learned views of the present position, the latest first."""
        with self._view_lock:
            return self._view_watch.known_views()

    def recall(self, views: Sequence[ReferenceView]) -> None:
        """Restore views before the first frame, in their order."""
        with self._view_lock:
            self._view_watch.recall(views)

    def _become(self, found: PictureCondition, at_s: float) -> PictureCondition:
        if found is not self.condition:
            self.condition, self.since_s = found, at_s
        return found

    def _look(self, frame: Frame) -> None:
        position = self.position
        if position is None:
            self._view_watch.pause()
            return
        self._view_watch.turn_to(position)
        if self._dark_since is None and frame.at_s - self._viewed_at >= self._rules.view_every_s:
            view = view_signature(frame.luma())
            self._viewed_at, self._is_dim = frame.at_s, view.light < self._rules.dim_luma
            self._view_watch.observe(view, frame.at_s)

    def _compare(self, points: NDArray[np.int16], at_s: float) -> None:
        before = self._reference
        if (
            before is not None
            and before.shape == points.shape
            and _is_same(np.abs(points - before) > self._rules.same_levels, self._rules)
        ):
            return
        self._reference, self._same_since = points, at_s

    def _measure_light(self, points: NDArray[np.int16], at_s: float) -> None:
        black = np.count_nonzero(points < self._rules.dark_luma)
        if black < self._rules.dark_share * points.size:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = at_s

    def _decide(self, at_s: float) -> PictureCondition:
        dark = self._dark_since
        if dark is not None and at_s - dark >= self._rules.dark_after_s:
            return PictureCondition.DARK
        sight = self._view_watch.sight
        if sight is Visibility.COVERED:
            return PictureCondition.DARK if self._is_dim else PictureCondition.COVERED
        if at_s - self._same_since >= self._rules.frozen_after_s:
            return PictureCondition.FROZEN
        return _OF_SIGHT.get(sight, PictureCondition.OK)


def _is_same(changed: NDArray[np.bool_], rules: PictureHealthSettings) -> bool:
    """Return whether nothing but a displayed clock changed."""
    height = len(changed)
    strip = math.ceil(height * rules.clock_strip)
    between = np.count_nonzero(changed[strip : height - strip])
    written = np.count_nonzero(changed) - between
    most = (1 - rules.same_share) * changed.size
    return bool(between <= most and written <= rules.clock_share * changed.size)


def _luma_points(frame: Frame) -> NDArray[np.int16]:
    """Return about 64 x 36 points of the luma plane."""
    luma = frame.luma()
    height, width = luma.shape
    return luma[:: max(1, height // 36), :: max(1, width // 64)].astype(np.int16)
