"""The heartbeat's words: that the centre lives, and how much of the city it sees.

Called in threads. Made at most once a second for each scope, however many screens come at once, and
again when a camera's state changed.
"""

import threading

from alerts.lifecycle.archive import Archive
from alerts.store.roles import DataFilter
from app.cameras.camera_board import CameraBoard
from app.stream.event_intake import EventIntake
from app.stream.stream_schemas import HeartbeatResponse
from app.web_api.app_state import SiteHolder
from ingest.clock import Clock

KEEP_S = 1.0
_MOST_SCOPES = 200  # beyond, all are made again: a bound, not a policy


class HeartbeatSource:
    """Makes a scope's heartbeat text. Thread-safe."""

    def __init__(
        self,
        cameras: CameraBoard,
        archive: Archive,
        intake: EventIntake,
        site: SiteHolder,
        clock: Clock,
    ) -> None:
        self._cameras = cameras
        self._archive = archive
        self._intake = intake
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._made: dict[DataFilter, tuple[float, int, str]] = {}

    def __call__(self, scope: DataFilter) -> str:
        """Return the heartbeat's text for what this scope may see."""
        with self._lock:
            now, version = self._clock.monotonic(), self._cameras.report().version
            made_at, made_of, text = self._made.get(scope, (float("-inf"), -1, ""))
            if now - made_at >= KEEP_S or version != made_of:
                text = self._new(scope)
                if len(self._made) >= _MOST_SCOPES:
                    self._made.clear()
                self._made[scope] = (now, version, text)
            return text

    def _new(self, scope: DataFilter) -> str:
        total, online = self._cameras.counts(scope)
        return HeartbeatResponse(
            now=self._clock.utc(),
            cameras_total=total,
            cameras_online=online,
            cameras_version=self._cameras.name_of(self._cameras.report().version),
            last_proven=self._archive.last_proven(),
            intake_stopped_at=self._intake.stopped_since(),
            configuration_refused_at=self._site.refused_since,
        ).model_dump_json()
