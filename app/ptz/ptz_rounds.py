"""What the centre does every second about turned cameras, and its alarm of those that do not stop.

On the housekeeper's thread, and `signs` on that of the health rounds.
"""

import time
import uuid
from collections.abc import Callable, Mapping

from alerts.queue.system_events import SystemKind
from app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from app.ptz.ptz_desk import PtzDesk
from app.ptz.turned_cameras import TurnedCameraPublisher, TurnedCameraStore
from config.rules import Priority

RUNAWAY = HealthProblem(
    rule_id="ptz_runaway", kind=SystemKind.CAMERA_TAMPERED, priority=Priority.P2, clear_after_s=2.0
)


class PtzRounds:
    """`desk` is asked for when it is needed: it is made with the web server's app."""

    def __init__(self, store: TurnedCameraStore, desk: Callable[[], PtzDesk]) -> None:
        self._store = store
        self._desk = desk
        self._centre = str(uuid.uuid4())
        self._publisher: TurnedCameraPublisher | None = None

    def round(self) -> None:
        """Tell the workers and other centres; raises `QueueError`."""
        if self._publisher is None:
            self._publisher = TurnedCameraPublisher(
                self._store, self._desk(), self._centre, time.time
            )
        self._publisher.round()

    def signs(self) -> list[HealthCheck]:
        """A sign for each camera that does not stop."""
        return runaway_signs(self._desk().runaways())


def runaway_signs(runaways: Mapping[str, str]) -> list[HealthCheck]:
    """A sign for each camera that was told to stop and did not, with the line that says why."""
    return [
        HealthCheck(
            trouble=RUNAWAY,
            subject=camera_id,
            verdict=HealthVerdict.FAULT,
            reason=f"the camera does not stop turning: {line}",
        )
        for camera_id, line in runaways.items()
    ]
