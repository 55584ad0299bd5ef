"""Stage times from picture to screen, measured as messages pass the centre."""

from typing import Any

from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.ingest.histogram import Histogram

STAGES = (
    "captured_inferred",
    "inferred_spooled",
    "spooled_queued",
    "queued_stored",
    "stored_pushed",
    "pushed_rendered",
)
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class StageTimes:
    """Histogram of each stage."""

    def __init__(self) -> None:
        self._times = {stage: Histogram(_BOUNDS_S) for stage in STAGES}

    def stored(self, message: Message, queued_at: float, now: float) -> None:
        """Record that a message is in the archive; inference stages only for fresh events."""
        event = message.event
        if not (message.evidence_only or is_system(event.kind) or event.kind == SELF_TEST):
            self._observe("captured_inferred", event.captured_at, event.inferred_at)
            self._observe("inferred_spooled", event.inferred_at, message.spooled_at)
        self._observe("spooled_queued", message.spooled_at, queued_at)
        self._observe("queued_stored", queued_at, now)

    def pushed(self, stored_at: float, now: float) -> None:
        """Record that a change went out to the screens."""
        self._observe("stored_pushed", stored_at, now)

    def rendered(self, pushed_at: float, now: float) -> None:
        """Record that a screen drew an alert for the first time."""
        self._observe("pushed_rendered", pushed_at, now)

    def counted(self) -> dict[str, dict[str, Any]]:
        return {stage: times.counted() for stage, times in self._times.items()}

    def _observe(self, stage: str, since: float, now: float) -> None:
        self._times[stage].observe(max(0.0, now - since))
