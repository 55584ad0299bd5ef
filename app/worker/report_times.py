"""When a worker reports: at a fixed interval, sooner after a camera's change. Pure."""

from collections.abc import Mapping

REPORT_EVERY_S = 2.0
REPORT_GAP_S = 0.5  # between two reports, however often cameras fall and come back

CameraStates = Mapping[str, tuple[str, str]]
"""By camera, its state and what its picture is worth."""


class ReportTimes:
    """Remembers the last report. `now` is of the monotonic clock."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._states: CameraStates = {}

    def is_due(self, now: float, states: CameraStates) -> bool:
        """Return True if a report is due; the caller then reports."""
        since_s = now - self._at
        if since_s < (REPORT_EVERY_S if states == self._states else REPORT_GAP_S):
            return False
        self._at, self._states = now, states
        return True
