"""Heartbeat of the stream: the centre's liveness, and the state of the cameras.

Runs in threads; made at most once a second per scope.
"""

import threading
from collections.abc import Callable, Sequence

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.alerts.store.errors import QueueError
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.process.bounded_reader import LatestReading
from thapcanh.app.stream.stream_schemas import HeartbeatResponse
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.ingest.clock import Clock

CACHED_S = 1.0
_MOST_SCOPES = 200  # beyond, all are made again: a bound, not a policy
GRACE_S = 15.0  # a centre that hangs holds the lock for 8 s, and who follows waits 3.5 s


class EventIntake:
    """Intake monitor. Thread-safe."""

    def __init__(
        self,
        centres: Callable[[], Sequence[LivingCentre]],
        clock: Clock,
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        """Create it; `centres` may raise `ArchiveError`, `is_full` queries the queue."""
        self._centres = centres
        self._query_queue = is_full
        self._is_full = LatestReading(self._queue_is_full, first=False)
        self._grace_s = GRACE_S
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._stood: tuple[float, float] | None = None  # since, monotonic and UTC

    def stopped_since(self) -> float | None:
        """Return the UTC seconds since when events are not stored, or None.

        Raises `ArchiveError`.
        """
        with self._lock:
            now = self._clock.monotonic()
            if now - self._looked_at >= CACHED_S:
                self._look(now)
                self._looked_at = now
            if self._stood is None or now - self._stood[0] < self._grace_s:
                return None
            return self._stood[1]

    def _look(self, now: float) -> None:
        is_full = self._is_full.get()
        self._grace_s = 0.0 if is_full else GRACE_S
        if not is_full and any(centre.leads for centre in self._centres()):
            self._stood = None
        elif self._stood is None:
            self._stood = (now, self._clock.utc())

    def _queue_is_full(self) -> bool:
        try:
            return self._query_queue()
        except QueueError:
            return False  # a queue that does not answer is told by itself


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
            if now - made_at >= CACHED_S or version != made_of:
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
