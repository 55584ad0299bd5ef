"""Periodic task that records which cameras see, every few seconds.

On the housekeeper's thread. While the queue does not answer, all count as unseen.
"""

import time
from collections.abc import Callable

from thapcanh.alerts.coverage.coverage import CameraVisibility
from thapcanh.alerts.coverage.coverage_store import CoverageRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.cameras.camera_board import (
    CameraBoard,
    CameraReport,
    picture_of,
    reason_of,
    sees,
    state_of,
)
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, RetentionRule, TaskThread

COVERAGE_EVERY_S = 5.0  # as finely as a camera's outage is told
RETENTION_DAYS = 400  # a year of the ministry and some days, as far as reports reach


def build(database: Database, board: CameraBoard, term: Callable[[], int]) -> BuiltFeature:
    """Return the recording task and its retention rule."""
    recorder = CoverageRecorder(database, board, time.time, term)
    return BuiltFeature(
        rounds=(
            CentreTask(
                name="coverage",
                every_s=COVERAGE_EVERY_S,
                run=recorder.round,
                thread=TaskThread.QUEUE,
            ),
        ),
        rules=(RetentionRule(name="coverage", every_s=600.0, run=recorder.forget),),
    )


class CoverageRecorder:
    """Recorder of coverage, one per centre."""

    def __init__(
        self,
        database: Database,
        board: CameraBoard,
        utc: Callable[[], float],
        term: Callable[[], int] = lambda: 1,
    ) -> None:
        """`term` is another number where another centre may have written meanwhile."""
        self._database = database
        self._term = term
        self._repository_term: int | None = None
        self._repository = CoverageRepository(database)
        self._board = board
        self._utc = utc
        self._version = -1  # of the report that was noted last

    def round(self) -> None:
        """Record changed cameras, or all if the changes are unknown."""
        if (term := self._term()) != self._repository_term:
            self._repository, self._repository_term = CoverageRepository(self._database), term
        report, now = self._board.report(), self._utc()
        changed = self._board.changed_since(self._version)
        if changed is None or self._repository.begins(now):
            cameras = self._board.cameras(EVERYTHING)
            self._repository.note({camera.id: _sight(camera.id, report) for camera in cameras}, now)
        else:
            self._repository.note_changes(
                {camera: self._now(camera, report) for camera in changed.ids}, now
            )
        self._version = report.version

    def _now(self, camera_id: str, report: CameraReport) -> CameraVisibility | None:
        """Return a camera's visibility, or None if it was removed."""
        configured = self._board.camera(camera_id)
        return None if configured is None else _sight(camera_id, report)

    def forget(self) -> None:
        """Drop what no report reaches any more."""
        self._repository.forget(self._utc(), RETENTION_DAYS)


def _sight(camera_id: str, report: CameraReport) -> CameraVisibility:
    return CameraVisibility(
        state=state_of(camera_id, report),
        reason=reason_of(camera_id, report),
        picture=picture_of(camera_id, report),
        sees=sees(camera_id, report),
    )
