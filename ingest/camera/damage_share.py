"""Share of time in which a camera shows damaged pictures.

The limits are in `docs/detection-evaluation.md`, "Damaged pictures".
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST_GAP_S = 6.0
"""A picture stands for the time since the one before; a sleeping camera shows one every 4 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageSettings:
    """Limits of damaged pictures."""

    window_s: float = 30.0
    share: float = 0.4
    """Of the window: one packet of a thousand lost damages up to a fifth, one of a hundred most."""
    noticed: Mapping[str, float] = field(default_factory=lambda: {"hevc": 0.3})
    """Share of the damage that a codec's decoder notices. H.265's takes a torn slice for a whole
    one: only pictures that lean on one that never came are known."""
    groups: int = 2
    """Groups of pictures that were hit; of one alone, all of the window must be damaged."""
    all_share: float = 0.9
    over_share: float = 0.5
    """Of the limit: with less than that it is over."""


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
