"""Writer of the viewing log: one entry per person, object and ten minutes.

Runs in threads. If the archive is unavailable, pictures are still shown and the failure is logged.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.records import Alert, AlertFilter, EvidenceRecord
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.registry.camera_owners import CameraOwners
from thapcanh.alerts.registry.recording_rights import owner_at
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.viewings.viewing_store import Viewing, ViewingRepository
from thapcanh.config.camera import CameraConfig

log = logging.getLogger(__name__)

RENEWED_AFTER_S = 600.0
_MOST_STORED = 20_000
_LONGEST_SEARCH = 400
_OPEN = frozenset(state.value for state in AlertState if state is not AlertState.CLOSED)


class ViewingLog:
    """Viewing log with the ground of each entry: open alert, closed alert, duty, or none."""

    def __init__(self, archive: Archive, utc: Callable[[], float]) -> None:
        self._archive = archive
        self._stored = ViewingRepository(archive.database)
        self._utc = utc
        self._lock = threading.Lock()
        self._lately: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def evidence(self, username: str, role: str, record: EvidenceRecord) -> None:
        """Log that a person is sent a picture or video."""
        if self._start_viewing(username, "evidence", record.id):
            self._note(lambda: self._of_evidence(username, role, record))

    def live(self, username: str, role: str, what: str, camera: CameraConfig) -> None:
        """Log that a person starts to watch a camera."""
        if self._start_viewing(username, what, camera.id):
            self._note(lambda: self._of_camera(username, role, what, camera))

    def recording(self, username: str, role: str, camera: CameraConfig, at_s: float) -> None:
        """Log that a person is sent a recording; one entry per ten minutes of it."""
        start = at_s - at_s % RENEWED_AFTER_S
        subject = f"{camera.id} {datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%MZ}"
        if self._start_viewing(username, "recording", subject):
            self._note(lambda: self._of_recording(username, role, camera, subject, at_s))

    def search(self, username: str, role: str, cameras: Sequence[CameraConfig], query: str) -> None:
        """Log a search in recordings; one entry per agency and area."""
        owned: dict[tuple[str | None, str | None], list[CameraConfig]] = {}
        for camera in cameras:
            owned.setdefault((camera.agency, camera.area), []).append(camera)
        for of_owner in owned.values():
            details = f"{query} · {', '.join(camera.id for camera in of_owner)}"[:_LONGEST_SEARCH]
            if self._start_viewing(username, "search", details):
                self._note(partial(self._of_search, username, role, of_owner, details))

    def _of_search(
        self, username: str, role: str, cameras: Sequence[CameraConfig], details: str
    ) -> Viewing:
        if len(cameras) == 1:
            return replace(self._of_camera(username, role, "search", cameras[0]), object_id=details)
        return Viewing(
            at=self._utc(),
            username=username,
            role=role,
            what="search",
            object_id=details,
            ground=self._duty_of(username),
            agency=cameras[0].agency,
            area=cameras[0].area,
        )

    def _of_recording(
        self, username: str, role: str, camera: CameraConfig, subject: str, at_s: float
    ) -> Viewing:
        former = CameraOwners(self._archive.database).former([camera.id]).get(camera.id, ())
        agency, area = owner_at(former, (camera.agency, camera.area), at_s)
        viewing = self._of_camera(username, role, "recording", camera)
        return replace(viewing, object_id=subject, agency=agency, area=area)

    def _of_evidence(self, username: str, role: str, record: EvidenceRecord) -> Viewing:
        alert = self._archive.alert(record.alert_id) if record.alert_id else None
        return Viewing(
            at=self._utc(),
            username=username,
            role=role,
            what="evidence",
            object_id=f"{record.kind.value}:{alert.number if alert else record.event_id}",
            ground=_ground_of(alert),
            camera=alert.camera_id if alert else None,
            agency=record.agency,
            area=record.area,
        )

    def _of_camera(self, username: str, role: str, what: str, camera: CameraConfig) -> Viewing:
        query = AlertFilter(cameras=frozenset({camera.id}), states=_OPEN, limit=1)
        alerts = self._archive.alerts(query).items
        return Viewing(
            at=self._utc(),
            username=username,
            role=role,
            what=what,
            object_id=camera.id,
            ground=_ground_of(alerts[0]) if alerts else self._duty_of(username),
            camera=camera.id,
            agency=camera.agency,
            area=camera.area,
        )

    def _duty_of(self, username: str) -> str:
        on_duty = ShiftRepository(self._archive.database).on_duty()
        return "duty" if any(item.username == username for item in on_duty) else "none"

    def _note(self, made: Callable[[], Viewing]) -> None:
        try:
            self._stored.note(made())
        except ArchiveError as error:
            log.error("a viewing is not written down: %s", error)

    def _start_viewing(self, username: str, what: str, object_id: str) -> bool:
        """Remember a viewing; return False if it continues one of the last `RENEWED_AFTER_S`."""
        key, now = (username, what, object_id), self._utc()
        with self._lock:
            if now - self._lately.get(key, float("-inf")) < RENEWED_AFTER_S:
                return False
            self._lately[key] = now
            self._lately.move_to_end(key)
            if len(self._lately) > _MOST_STORED:
                self._lately.popitem(last=False)
        return True


def _ground_of(alert: Alert | None) -> str:
    if alert is None:
        return "none"
    word = "open_alert" if alert.state.value in _OPEN else "closed_alert"
    return f"{word}:{alert.number}"
