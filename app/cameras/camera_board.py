"""Cameras' states: the workers' reports joined with the site's configuration."""

import logging
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.store.errors import QueueError, QueueUnreachable
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.cameras.camera_claims import CameraClaims, Claim
from thapcanh.app.process.bounded_reader import LatestReading
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

CACHED_S = 2.0
STALE_S = 8.0  # below the 10 s within which a lost worker is known
UNWATCHED = "unwatched"
NO_REPORT = "no_worker_reports"
NO_QUEUE = "queue_unavailable"
_ONLINE = "online"
_USABLE = "ok"

_STORED_CHANGES = 1000  # readings: half an hour in which a screen may have been away
_Owner = tuple[str | None, str | None]  # agency and area


class CameraCounts:
    """Counts of cameras by scope; not thread-safe. `is_online` is called for changes only."""

    def __init__(self) -> None:
        self._total: Counter[_Owner] = Counter()
        self._online: Counter[_Owner] = Counter()
        self._counted: dict[str, tuple[_Owner, bool]] = {}

    def replace(self, cameras: Iterable[CameraConfig], is_online: Callable[[str], bool]) -> None:
        """Count all of them again."""
        for counted in (self._total, self._online, self._counted):
            counted.clear()
        for camera in cameras:
            self.update(camera.id, camera, is_online)

    def update(
        self, camera_id: str, camera: CameraConfig | None, is_online: Callable[[str], bool]
    ) -> None:
        """Count one camera again; None means that it was removed."""
        before = self._counted.pop(camera_id, None)
        if before is not None:
            owner, was_online = before
            self._total[owner] -= 1
            self._online[owner] -= was_online
        if camera is not None:
            owner, online = (camera.agency, camera.area), is_online(camera_id)
            self._counted[camera_id] = owner, online
            self._total[owner] += 1
            self._online[owner] += online

    def of(self, scope: DataFilter) -> tuple[int, int]:
        """Return how many cameras are in the scope, and how many of them are online."""
        visible = [owner for owner in self._total if scope.sees(*owner)]
        return sum(self._total[item] for item in visible), sum(
            self._online[item] for item in visible
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraReport:
    """All workers' reports at one time; `is_known` is False while the queue does not answer."""

    at: float  # time of reading, by the monotonic clock
    is_known: bool
    workers: Sequence[WorkerReport]
    cameras: Mapping[str, Claim]  # camera id: worker and its word
    version: int = 0  # another one when the word on any camera, or the site's cameras, changed
    error: QueueError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Result of one reading, and its start on the monotonic clock."""

    at: float
    workers: Sequence[WorkerReport] = ()
    error: QueueError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraChanges:
    """Cameras whose state or configuration changed since a report."""

    ids: frozenset[str]
    before: Mapping[str, CameraConfig]  # as the site had those that it changed or took away


class CameraBoard:
    """Board of cameras' states that reads old reports again when queried. Thread-safe."""

    def __init__(
        self,
        read_workers: Callable[[], Sequence[WorkerReport]],
        site: Callable[[], Site],
        clock: Clock,
    ) -> None:
        self._read_workers = read_workers
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._run = secrets.token_hex(4)  # versions of another run are others
        self._claims = CameraClaims()
        self._changes: deque[tuple[int, CameraChanges | None]] = deque(maxlen=_STORED_CHANGES)
        self._configured: tuple[CameraConfig, ...] = ()
        self._counting = threading.Lock()
        self._counts = CameraCounts()
        self._counted = -1  # the version that is counted
        self._entered = _Reading(at=float("-inf"), error=QueueUnreachable("queue: not read yet"))
        self._reading = LatestReading(self._read, self._entered)
        self._report = CameraReport(
            at=self._entered.at, is_known=False, workers=(), cameras={}, error=self._entered.error
        )

    def report(self, max_age_s: float = CACHED_S) -> CameraReport:
        """Return the newest report: at most `max_age_s` old, unless the queue hangs."""
        for _ in range(2):  # a reading that was under way may have begun too early
            if self._clock.monotonic() - self._entered.at >= max_age_s:
                self._enter(self._reading.get())
        with self._lock:
            self._follow_site()
            silent_s = self._clock.monotonic() - self._report.at
            if self._report.is_known and silent_s >= STALE_S:
                self._lose(QueueUnreachable(f"queue: no answer for {silent_s:.0f} s"))
            return self._report

    def workers(self, max_age_s: float) -> Sequence[WorkerReport]:
        """Return the workers' reports of at most this age; raises `QueueError`."""
        report = self.report(max_age_s)
        if report.error is not None:
            raise report.error
        return report.workers

    def changed_since(self, version: int) -> CameraChanges | None:
        """Return what changed since this version, or None if that is too old to say."""
        with self._lock:
            newest = self._report.version
            later = [changes for number, changes in self._changes if number > version]
        if version > newest or len(later) < newest - version or None in later:
            return None
        changed = [changes for changes in later if changes is not None]
        before: dict[str, CameraConfig] = {}
        for changes in reversed(changed):  # the oldest of each counts
            before.update(changes.before)
        return CameraChanges(
            ids=frozenset().union(*(changes.ids for changes in changed)), before=before
        )

    def cameras(self, scope: DataFilter) -> list[CameraConfig]:
        return [camera for camera in self._site().cameras if scope.sees(camera.agency, camera.area)]

    def name_of(self, version: int) -> str:
        """Return a version's name that also identifies this run of the centre."""
        return f"{self._run}-{version}"

    def changed_since_named(self, name: str) -> CameraChanges | None:
        """Return what changed since a version's name, or None as in `changed_since`."""
        run, _, number = name.partition("-")
        if run != self._run or not number.isdecimal():
            return None
        return self.changed_since(int(number))

    def camera(self, camera_id: str) -> CameraConfig | None:
        """Return the site's camera with this id, or None."""
        return self._site().camera(camera_id)

    def counts(self, scope: DataFilter) -> tuple[int, int]:
        """Return how many cameras are in the scope, and how many of them are online."""
        with self._counting:
            report = self.report()
            if report.version != self._counted:
                self._count(report)
            return self._counts.of(scope)

    def _count(self, report: CameraReport) -> None:
        def is_online(camera_id: str) -> bool:
            return state_of(camera_id, report) == _ONLINE

        changes = self.changed_since(self._counted)
        if changes is None:
            self._counts.replace(self._site().cameras, is_online)
        else:
            for camera_id in changes.ids:
                self._counts.update(camera_id, self.camera(camera_id), is_online)
        self._counted = report.version

    def _read(self) -> _Reading:
        at = self._clock.monotonic()
        try:
            return _Reading(at=at, workers=list(self._read_workers()))
        except QueueError as error:
            return _Reading(at=at, error=error)

    def _lose(self, error: QueueError) -> None:
        before = self._report
        if before.is_known or not before.workers:
            log.warning("workers' reports cannot be read: %s", error)
        self._report = replace(before, is_known=False, cameras={}, error=error)
        if before.is_known:
            self._note_change(None)

    def _enter(self, newest: _Reading) -> None:
        with self._lock:
            self._follow_site()
            if newest.at > self._entered.at:  # else another caller was first
                self._entered = newest
                if newest.error is None:
                    self._receive(newest)
                else:
                    self._lose(newest.error)

    def _receive(self, newest: _Reading) -> None:
        before = self._report
        changed = self._claims.update(newest.workers)
        self._report = replace(
            before,
            at=newest.at,
            is_known=True,
            workers=newest.workers,
            cameras=self._claims.cameras,
            error=None,
        )
        if not before.is_known:
            self._note_change(None)
        elif changed:
            self._note_change(CameraChanges(ids=changed, before={}))

    def _follow_site(self) -> None:
        """Apply an edited site; unchanged cameras are the same objects as before."""
        cameras, before = self._site().cameras, self._configured
        if cameras is not before:
            self._configured = cameras
            was = {camera.id: camera for camera in before}
            now = {camera.id: camera for camera in cameras}
            same = {item for item, camera in now.items() if was.get(item) is camera}
            left = {item: camera for item, camera in was.items() if item not in same}
            ids = frozenset(left.keys() | (now.keys() - same))
            self._note_change(CameraChanges(ids=ids, before=left))

    def _note_change(self, changes: CameraChanges | None) -> None:
        self._report = replace(self._report, version=self._report.version + 1)
        self._changes.append((self._report.version, changes))


def state_of(camera_id: str, report: CameraReport) -> str:
    found = report.cameras.get(camera_id)
    return (found[1].get("state") if found is not None else None) or UNWATCHED


def reason_of(camera_id: str, report: CameraReport) -> str | None:
    found = report.cameras.get(camera_id)
    if found is None:
        return NO_REPORT if report.is_known else NO_QUEUE
    return found[1].get("reason")


def picture_of(camera_id: str, report: CameraReport) -> str | None:
    """Return the picture's usability as reported by the camera's worker."""
    found = report.cameras.get(camera_id)
    return None if found is None else found[1].get("picture")


def sees(camera_id: str, report: CameraReport) -> bool:
    """Return True if the picture arrives and is usable: not dark, frozen, covered or turned."""
    usable = picture_of(camera_id, report) in (None, _USABLE)
    return usable and state_of(camera_id, report) == _ONLINE
