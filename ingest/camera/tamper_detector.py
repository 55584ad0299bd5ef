"""Tamper detection: a covered, moved or blurred camera compared with its known views.

A suspicion must last before it counts and fade before it ends, since lorries and headlights pass.
Times are seconds of camera time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from thapcanh.ingest.camera.view_signature import (
    ViewSignature,
    blended,
    blocks_found,
    edge_correlation,
)


class Visibility(StrEnum):
    """Visibility verdict of one view or of the recent ones."""

    LEARNING = "learning"
    """Too little is known of this place, or too little of it stands still."""
    CLEAR = "clear"
    """The known place is there, as sharp as it was."""
    MOVED = "moved"
    """Something else is seen, and seen well."""
    COVERED = "covered"
    """Hardly anything is seen, though it is not black."""
    BLURRED = "blurred"
    """The place is there, and out of focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TamperSettings:
    """Limits of tampering. Shares are relative to the known view."""

    hold_s: float = 20.0
    """Twice as long as a lorry stands before a camera."""
    fade_s: float = 8.0
    accept_after_s: float = 1800.0
    learned_after_s: float = 15.0
    learned_views: int = 4
    memory_s: float = 300.0
    """What is older hardly counts: dusk and dawn are slower than this, hands are faster."""
    gap_s: float = 6.0
    """A longer time between two views is none that was watched. Sweeps come every 4 s."""
    found_share: float = 0.3
    steady_share: float = 0.6
    """A place of which less is usually found is a crowd, a sea or a camera on patrol."""
    least_blocks: int = 5
    faint_contrast: float = 0.35
    soft_share: float = 0.4
    """Of the known sharpness; a defocus of a hundredth of the width leaves 0.05 to 0.3."""
    alike: float = 0.7
    flat_spread: float = 7.0
    flat_contrast: float = 0.7
    """Luma levels: a cloth or a palm before the lens; fog shows more than this."""
    most_known: int = 4
    is_fixed: bool = True
    """A camera that is turned by people has no view to know: only a cover is told."""
    tells_moved: bool = True
    """A camera that is turned from here, and perhaps by others, may show any view."""
    most_positions: int = 32


@dataclass(slots=True, kw_only=True)
class ReferenceView:
    """View of the place as it usually is."""

    mean: ViewSignature
    learned_s: float = 0.0
    views: int = 1
    found: float = 1.0
    """Share of its blocks that is usually found."""
    used_at: float = 0.0


def judge(
    existing: ReferenceView | None, view: ViewSignature, rules: TamperSettings
) -> tuple[Visibility, float]:
    """Return the verdict on a view, and the share of the known view's blocks found in it."""
    found, blocks = blocks_found(existing.mean, view) if existing else (0.0, 0)
    flat = view.spread < rules.flat_spread and view.contrast < rules.flat_contrast
    if flat and (existing is None or found < rules.found_share):
        return Visibility.COVERED, found
    if existing is None or blocks < rules.least_blocks or not _is_learned(existing, rules):
        return Visibility.LEARNING, found
    soft = view.sharpness < rules.soft_share * existing.mean.sharpness
    alike = edge_correlation(existing.mean, view) >= rules.alike
    faint = view.contrast < rules.faint_contrast * existing.mean.contrast
    if soft and alike:
        return Visibility.BLURRED, found
    if existing.found < rules.steady_share:
        return Visibility.LEARNING, found
    if found >= rules.found_share:
        return Visibility.CLEAR, found
    if not rules.tells_moved:
        return Visibility.LEARNING, found
    return (Visibility.COVERED if faint else Visibility.MOVED), found


@dataclass(slots=True, kw_only=True)
class TamperDetector:
    """Tamper detector of one camera."""

    rules: TamperSettings = field(default_factory=TamperSettings)
    sight: Visibility = Visibility.LEARNING
    _known: list[ReferenceView] = field(default_factory=list)
    _new: ReferenceView | None = None  # what stands there since the camera moved
    _suspected: dict[Visibility, float] = field(default_factory=dict)  # seconds of each
    _raised: bool = False
    _at_s: float | None = None
    _position: str = ""
    _elsewhere: dict[str, list[ReferenceView]] = field(default_factory=dict)

    def known_views(self) -> tuple[ReferenceView, ...]:
        """Return copies of the learned views of this position, the latest first."""
        learned = [replace(one) for one in self._known if _is_learned(one, self.rules)]
        return tuple(sorted(learned, key=lambda one: -one.used_at))

    def recall(self, views: Sequence[ReferenceView]) -> None:
        """Restore views, the latest first.

        Camera time restarts with each start, so only their order matters.
        """
        self._known = [
            replace(one, used_at=-float(number))
            for number, one in enumerate(views[: self.rules.most_known], start=1)
        ]

    def turn_to(self, position: str) -> None:
        """Switch to the known views of this PTZ position; a suspicion of another one ends."""
        if position == self._position:
            return
        self._elsewhere[self._position] = self._known
        self._known = self._elsewhere.pop(position, [])
        while len(self._elsewhere) > self.rules.most_positions:
            del self._elsewhere[next(iter(self._elsewhere))]
        self._position = position
        self.pause()

    def pause(self) -> None:
        """Pause the evaluation while the camera turns."""
        self._new, self._suspected, self._raised = None, {}, False
        self._at_s = None
        self.sight = Visibility.LEARNING

    def observe(self, view: ViewSignature, at_s: float) -> Visibility:
        passed_s = 0.0 if self._at_s is None else min(at_s - self._at_s, self.rules.gap_s)
        self._at_s = at_s
        existing, (stated, found) = self._nearest(view)
        if stated in (Visibility.CLEAR, Visibility.LEARNING):
            self._learn(existing, view, found, passed_s)
            self._fade(passed_s)
        else:
            self._suspect(stated, passed_s)
            if stated is Visibility.MOVED:
                self._consider(view, passed_s)
        return self._decided(stated)

    def _nearest(
        self, view: ViewSignature
    ) -> tuple[ReferenceView | None, tuple[Visibility, float]]:
        """Return the most similar known view and the verdict against it."""
        best: tuple[ReferenceView | None, tuple[Visibility, float]] = (
            None,
            judge(None, view, self.rules),
        )
        for existing in self._known:
            evaluated = judge(existing, view, self.rules)
            if best[0] is None or evaluated[1] > best[1][1]:
                best = existing, evaluated
        return best

    def _learn(
        self, existing: ReferenceView | None, view: ViewSignature, found: float, passed_s: float
    ) -> None:
        if not self.rules.is_fixed:
            return
        is_other = existing is not None and self._is_other(existing, found)
        if existing is None or is_other:
            existing, found = ReferenceView(mean=view), 1.0
            self._known = sorted(self._known, key=lambda one: -one.used_at)
            self._known = [*self._known[: self.rules.most_known - 1], existing]
        _enter(existing, view, found, passed_s, self.rules)
        existing.used_at = self._at_s or 0.0
        self._new = None

    def _is_other(self, existing: ReferenceView, found: float) -> bool:
        """Return whether a camera that others turn shows an unknown view."""
        is_strange = _is_learned(existing, self.rules) and found < self.rules.found_share
        return is_strange and not self.rules.tells_moved

    def _consider(self, view: ViewSignature, passed_s: float) -> None:
        """Learn a new view beside the old ones; accept it after a long time."""
        found = blocks_found(self._new.mean, view)[0] if self._new else 0.0
        if self._new is None or found < self.rules.found_share:
            self._new = ReferenceView(mean=view)
            return
        _enter(self._new, view, found, passed_s, self.rules)
        if self._new.learned_s >= self.rules.accept_after_s:
            self._new.used_at = self._at_s or 0.0
            self._known = sorted(self._known, key=lambda one: -one.used_at)
            self._known = [self._new, *self._known[: self.rules.most_known - 1]]
            self._new = None

    def _suspect(self, stated: Visibility, passed_s: float) -> None:
        self._suspected[stated] = self._suspected.get(stated, 0.0) + passed_s
        over = sum(self._suspected.values()) - self.rules.hold_s
        if over > 0:  # however long it lasted, it fades in the same time
            longest = max(self._suspected, key=self._suspected.__getitem__)
            other = sum(s for kind, s in self._suspected.items() if kind is not longest)
            self._suspected[longest] = max(self.rules.hold_s - other, 0.0)

    def _fade(self, passed_s: float) -> None:
        share = max(0.0, 1.0 - passed_s / self.rules.fade_s)
        self._suspected = {kind: s * share for kind, s in self._suspected.items() if s * share > 1}

    def _decided(self, stated: Visibility) -> Visibility:
        total = sum(self._suspected.values())
        if not self._raised and total >= self.rules.hold_s - 0.01:
            self._raised = True
        elif self._raised and not self._suspected:
            self._raised = False
        if self._raised:
            self.sight = max(self._suspected, key=self._suspected.__getitem__)
        else:
            self.sight = stated if stated is Visibility.LEARNING else Visibility.CLEAR
        return self.sight


def _is_learned(existing: ReferenceView, rules: TamperSettings) -> bool:
    return existing.learned_s >= rules.learned_after_s and existing.views >= rules.learned_views


def _enter(
    existing: ReferenceView,
    view: ViewSignature,
    found: float,
    passed_s: float,
    rules: TamperSettings,
) -> None:
    """Update a known view: equal weights at first, later the last minutes."""
    existing.learned_s += passed_s
    existing.views += 1
    share = max(1.0 / existing.views, min(1.0, passed_s / rules.memory_s))
    existing.mean = blended(existing.mean, view, share)
    existing.found += share * (found - existing.found)
