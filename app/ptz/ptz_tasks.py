"""Periodic task of PTZ cameras, and the health finding for those that do not stop.

On the housekeeper's thread; `findings` on the health thread.
"""

import time
import uuid
from collections.abc import Mapping

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.ptz.turned_cameras import TurnedCameraPublisher, TurnedCameraStore
from thapcanh.config.rules import Priority

TURNED_EVERY_S = 1.0
RUNAWAY = HealthProblem(
    rule_id="ptz_runaway", kind=SystemKind.CAMERA_TAMPERED, priority=Priority.P2, clear_after_s=2.0
)


class PtzTask:
    """PTZ task owned by the thread that calls `round`; `findings` runs on another."""

    def __init__(self, store: TurnedCameraStore, desk: PtzController) -> None:
        self._desk = desk
        self._publisher = TurnedCameraPublisher(store, desk, str(uuid.uuid4()), time.time)

    def round(self) -> None:
        """Tell the workers and other centres; raises `QueueError`."""
        self._publisher.round()

    def built(self) -> BuiltFeature:
        """Return each centre's task that publishes its turned cameras."""
        return BuiltFeature(
            rounds=(
                CentreTask(
                    name="turned",
                    every_s=TURNED_EVERY_S,
                    run=self.round,
                    thread=TaskThread.QUEUE,
                    everywhere=True,
                ),
            )
        )

    def findings(self) -> list[HealthCheck]:
        """Return a finding for each camera that does not stop."""
        return runaway_findings(self._desk.runaways())


def runaway_findings(runaways: Mapping[str, str]) -> list[HealthCheck]:
    """Return a finding for each camera that ignored stop, with the reason."""
    return [
        HealthCheck(
            trouble=RUNAWAY,
            subject=camera_id,
            verdict=HealthVerdict.FAULT,
            reason=f"the camera does not stop turning: {line}",
        )
        for camera_id, line in runaways.items()
    ]
