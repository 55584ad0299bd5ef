"""Packet sizes of a camera: as usual, larger, or without information."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

_NO_SPREAD = 0.005  # a picture that never changes
_MAD_TO_SIGMA = 1.4826  # of a normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketSizeSettings:
    """Learning time and limits of packet sizes."""

    window_s: float = 0.5
    """Single packets are too noisy, and P and B ones differ; half a second is still prompt."""
    remembered: int = 240
    """Windows that are the usual: two minutes, so that dusk and rain become usual too."""
    learned_after: int = 20
    mads: float = 6.0
    least_rise: float = 0.25
    """Of the median: a stream whose sizes hardly vary must not wake at every ripple."""
    least_bytes: float = 250.0
    """Per packet: an empty scene sends packets of some dozen bytes with some hundred now and then
    when the encoder catches up with noise; that is nothing."""
    rare_share: float = 0.95
    """A level that one window in twenty reaches is usual too: bytes come in bursts, and a MAD
    knows nothing of tails."""
    constant_groups: int = 12
    constant_spread: float = 0.03
    """Relative spread of the groups' bit rates above which no rate is held. x264 at a constant
    bitrate 0.00 to 0.015, at a constant quality 0.03 to 0.12, measured on four recorded scenes."""
    constant_least_bytes_per_s: float = 8_000.0
    """64 kbit/s: no camera holds less. What is below is a scene in which nothing happens."""
    constant_kept_s: float = 600.0
    """An encoder's mode does not change by itself: one noisy stretch must not blind the gate."""
    constant_sure_after: int = 6
    """Groups in a row after which it is kept so long; a chance resemblance is over sooner."""
    constant_give: float = 2.5
    """Spread of keyframes over that of whole groups above which one gives what the other takes.
    At a constant bitrate 4.7 and more, else at most 0.9."""


class PacketSizeState(StrEnum):
    """Verdict on packet sizes."""

    LEARNING = "learning"
    """Too little was seen to know what is usual."""
    USUAL = "usual"
    GREW = "grew"
    """More than usual: something changes in the picture."""
    CONSTANT = "constant"
    """The encoder holds its bitrate whatever happens: nothing can be read from sizes."""
    NONE = "none"
    """Every packet is a keyframe: there are no changes to measure."""


class PacketSizes:
    """Packet statistics of one camera, across reconnects. `add` is called for every packet."""

    def __init__(self, rules: PacketSizeSettings | None = None) -> None:
        self._rules = rules or PacketSizeSettings()
        self._recent: deque[tuple[float, int]] = deque()
        self._recent_bytes = 0
        self._windows: deque[float] = deque(maxlen=self._rules.remembered)
        self._window_ends_s = float("-inf")
        self._limit = float("inf")
        self._group: _Group | None = None
        self._groups: deque[_Group] = deque(maxlen=self._rules.constant_groups)
        self._is_constant = False
        self._constant_in_a_row = 0
        self._constant_until_s = float("-inf")
        self._keyframes_in_a_row = 0
        self._stirred_until_s = float("-inf")
        self.calm_bytes = 0.0
        """The next packet, if it is not larger, cannot make them grow over what is usual now."""

    def add(self, at_s: float, size_bytes: int, *, is_keyframe: bool) -> None:
        if is_keyframe:
            self._keyframes_in_a_row += 1
            self._end_group(at_s, size_bytes)
            return
        self._keyframes_in_a_row = 0
        if self._group is not None:
            self._group.change_bytes += size_bytes
        self._recent.append((at_s, size_bytes))
        self._recent_bytes += size_bytes
        while self._recent[0][0] <= at_s - self._rules.window_s:
            self._recent_bytes -= self._recent.popleft()[1]
        if at_s >= self._window_ends_s:
            self._end_window(at_s)
        if size_bytes > self._limit:  # while it is in the window, smaller ones may tip the mean
            self._stirred_until_s = at_s + self._rules.window_s
        self.calm_bytes = 0.0 if at_s < self._stirred_until_s else self._limit

    def verdict(self) -> PacketSizeState:
        """Return the verdict at the last packet."""
        if self._keyframes_in_a_row >= self._rules.learned_after:
            return PacketSizeState.NONE
        if len(self._windows) < self._rules.learned_after:
            return PacketSizeState.LEARNING
        if self._is_constant:
            return PacketSizeState.CONSTANT
        return PacketSizeState.GREW if self._mean() > self._limit else PacketSizeState.USUAL

    def interrupted(self) -> None:
        """Mark a gap: packets are missing from now on."""
        self._recent.clear()
        self._recent_bytes = 0
        self._group = None

    def _mean(self) -> float:
        return self._recent_bytes / len(self._recent) if self._recent else 0.0

    def _end_window(self, at_s: float) -> None:
        first = self._window_ends_s == float("-inf")
        self._window_ends_s = at_s + self._rules.window_s
        if first or len(self._recent) < 2:
            return
        self._windows.append(self._mean())
        self._limit = limit(self._windows, self._rules)

    def _end_group(self, at_s: float, keyframe_bytes: int) -> None:
        group = self._group
        if group is not None and at_s > group.begins_s:
            group.seconds = at_s - group.begins_s
            self._groups.append(group)
            self._judge_rate(at_s)
        self._group = _Group(begins_s=at_s, keyframe_bytes=keyframe_bytes)

    def _judge_rate(self, at_s: float) -> None:
        held = is_constant(list(self._groups), self._rules)
        self._constant_in_a_row = self._constant_in_a_row + 1 if held else 0
        if self._constant_in_a_row >= self._rules.constant_sure_after:
            self._constant_until_s = at_s + self._rules.constant_kept_s
        self._is_constant = held or at_s < self._constant_until_s


@dataclass(slots=True, kw_only=True)
class _Group:
    """A keyframe and what follows it."""

    begins_s: float
    keyframe_bytes: int
    change_bytes: int = 0
    seconds: float = 1.0

    @property
    def bytes_per_s(self) -> float:
        return (self.keyframe_bytes + self.change_bytes) / self.seconds


def limit(windows: Iterable[float], rules: PacketSizeSettings) -> float:
    """Return the bytes per packet above which a window is larger than usual."""
    ordered = sorted(windows)
    usual = ordered[len(ordered) // 2]
    spread = _MAD_TO_SIGMA * median([abs(one - usual) for one in ordered])
    rise = max(rules.mads * spread, rules.least_rise * usual, rules.least_bytes)
    return max(usual + rise, ordered[int(len(ordered) * rules.rare_share)])


def is_constant(groups: list[_Group], rules: PacketSizeSettings) -> bool:
    """Return whether the encoder has a constant bitrate, from whole groups of pictures.

    Then groups are of equal size although their keyframes are not.
    """
    if len(groups) < rules.constant_groups:
        return False
    rates = [group.bytes_per_s for group in groups]
    if median(rates) < rules.constant_least_bytes_per_s:
        return False
    spread = _relative_spread(rates)
    of_keyframes = _relative_spread([float(group.keyframe_bytes) for group in groups])
    return (
        spread < rules.constant_spread
        and of_keyframes > rules.constant_give * spread
        and of_keyframes > _NO_SPREAD
    )


def _relative_spread(values: list[float]) -> float:
    usual = median(values)
    return median([abs(one - usual) for one in values]) / max(usual, 1.0)
