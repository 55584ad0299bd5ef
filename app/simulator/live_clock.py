"""A camera's live clock: which access unit is on air when, round after round of its recording.

`Timeline` is a cursor over a `Recording` that never ends. Times are seconds since the camera was
switched on and only grow, over loops and over a change to another variant of the recording.
No clock is read here.
"""

from dataclasses import dataclass

from app.simulator.recording import Recording
from app.simulator.rtsp.access_unit import AccessUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledUnit:
    """A unit with its place on the live clock: when to send it, when it is to be shown."""

    unit: AccessUnit
    due_s: float
    shown_s: float


class Timeline:
    """Cursor over one recording played round and round."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._index = 0
        self._round_start_s = 0.0
        self.rounds = 0

    @property
    def position_s(self) -> float:
        """Where in the recording the next unit is."""
        return self.recording.units[self._index].dts_s

    def current(self) -> ScheduledUnit:
        """The next unit to go on air."""
        unit = self.recording.units[self._index]
        return ScheduledUnit(
            unit=unit,
            due_s=self._round_start_s + unit.dts_s,
            shown_s=self._round_start_s + unit.pts_s,
        )

    def advance(self) -> None:
        """Go on to the next unit."""
        self._index += 1
        if self._index == len(self.recording.units):
            self._index = 0
            self._round_start_s += self.recording.duration_s
            self.rounds += 1

    def switch_to(self, variant: Recording) -> None:
        """Go on in `variant` at its first keyframe that is not earlier than now."""
        position_s = self.position_s
        self.recording = variant
        for index, unit in enumerate(variant.units):
            if unit.is_keyframe and unit.dts_s >= position_s:
                self._index = index
                return
        # No keyframe is left in this round: its remainder is silence, the next round follows.
        self._index = 0
        self._round_start_s += variant.duration_s
        self.rounds += 1
