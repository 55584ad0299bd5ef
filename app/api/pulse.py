"""The heartbeat's words: that the centre lives, and how much of the city it sees."""

from collections.abc import Callable

from alerts.archive import Archive
from alerts.roles import Scope
from app.api.camera_board import CameraBoard
from app.api.forms import Pulse
from ingest.clock import Clock


def pulse_maker(cameras: CameraBoard, archive: Archive, clock: Clock) -> Callable[[Scope], str]:
    """Return what makes a scope's heartbeat text; called in threads."""

    def pulse(scope: Scope) -> str:
        total, online = cameras.counts(scope)
        return Pulse(
            now=clock.utc(),
            cameras_total=total,
            cameras_online=online,
            last_proven=archive.last_proven(),
        ).model_dump_json()

    return pulse
