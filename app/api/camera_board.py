"""What the workers last said about each camera, joined with what the site decided about it.

Workers report through the queue; a report is read at most every two seconds, however many screens
ask. A camera that no living worker speaks of is `unwatched`: never shown as if it were fine.
A worker's status holds `worker`, `reported_at`, `lost`, `cameras` (each with `id`, `state`,
`reason`, `detail`, `picture`, `since`, `fps`, `last_frame_at`, `look_interval_s`).
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.errors import QueueError
from alerts.lifecycle.roles import DataFilter
from config.camera import CameraConfig
from config.site import Site
from ingest.clock import Clock

log = logging.getLogger(__name__)

KEEP_S = 2.0
UNWATCHED = "unwatched"
NO_REPORT = "no_worker_reports"
NO_QUEUE = "queue_unavailable"
_SEEN = "online"
_USABLE = "ok"

Status = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraReport:
    """All workers' words at one moment; `is_known` is false while the queue does not answer."""

    at: float
    is_known: bool
    workers: Sequence[Status]
    cameras: Mapping[str, tuple[str, Status]]  # camera id: worker and its word


class CameraBoard:
    """Reads reports when asked and they are old. Thread-safe."""

    def __init__(
        self,
        read_workers: Callable[[], Sequence[Status]],
        site: Callable[[], Site],
        clock: Clock,
    ) -> None:
        self._read_workers = read_workers
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._report = CameraReport(at=float("-inf"), is_known=False, workers=(), cameras={})

    def report(self) -> CameraReport:
        """The newest report, at most `KEEP_S` old."""
        with self._lock:  # who comes meanwhile waits for the one reading, instead of reading too
            if self._clock.monotonic() - self._report.at >= KEEP_S:
                self._report = self._read()
            return self._report

    def cameras(self, scope: DataFilter) -> list[CameraConfig]:
        """The site's cameras that may be seen."""
        return [camera for camera in self._site().cameras if scope.sees(camera.agency, camera.area)]

    def counts(self, scope: DataFilter) -> tuple[int, int]:
        """How many cameras may be seen, and how many of them are online."""
        report = self.report()
        cameras = self.cameras(scope)
        return len(cameras), sum(state_of(camera.id, report) == _SEEN for camera in cameras)

    def _read(self) -> CameraReport:
        at = self._clock.monotonic()
        try:
            workers = list(self._read_workers())
        except QueueError as error:
            if self._report.is_known or not self._report.workers:
                log.warning("workers' reports cannot be read: %s", error)
            return CameraReport(at=at, is_known=False, workers=self._report.workers, cameras={})
        return CameraReport(at=at, is_known=True, workers=workers, cameras=_by_camera(workers))


def state_of(camera_id: str, report: CameraReport) -> str:
    """The state to show for a camera."""
    found = report.cameras.get(camera_id)
    return str(found[1].get("state", UNWATCHED)) if found is not None else UNWATCHED


def reason_of(camera_id: str, report: CameraReport) -> str | None:
    """Why a camera is in the state that is shown."""
    found = report.cameras.get(camera_id)
    if found is None:
        return NO_REPORT if report.is_known else NO_QUEUE
    reason = found[1].get("reason")
    return None if reason is None else str(reason)


def picture_of(camera_id: str, report: CameraReport) -> str | None:
    """What a camera's pictures are worth, as its worker says."""
    found = report.cameras.get(camera_id)
    picture = None if found is None else found[1].get("picture")
    return None if picture is None else str(picture)


def sees(camera_id: str, report: CameraReport) -> bool:
    """Whether a camera's picture comes and shows the world: not dark, frozen, covered or turned."""
    usable = picture_of(camera_id, report) in (None, _USABLE)
    return usable and state_of(camera_id, report) == _SEEN


def _by_camera(workers: Sequence[Status]) -> dict[str, tuple[str, Status]]:
    """Where two workers speak of one camera (it just moved), the newer word counts."""
    found: dict[str, tuple[str, Status]] = {}
    for worker in sorted(workers, key=lambda each: float(each.get("reported_at") or 0.0)):
        for camera in worker.get("cameras") or ():
            if isinstance(camera, Mapping) and "id" in camera:
                found[str(camera["id"])] = (str(worker.get("worker", "")), camera)
    return found
