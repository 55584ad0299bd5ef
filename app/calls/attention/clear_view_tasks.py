"""Periodic check whether cameras bound to a device observe what the device reports."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from thapcanh.alerts.calls.clear_views import (
    CameraInferenceCount,
    ClearViews,
    device_only_alerts,
    lower_unseen,
)
from thapcanh.alerts.queue.workers.worker_report import CameraFigures
from thapcanh.alerts.store.database import Database
from thapcanh.app.calls.attention.attention_plan import SETTINGS, DeviceOf
from thapcanh.app.cameras.camera_board import CameraBoard, CameraReport, sees
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.config.rules import BurningRule
from thapcanh.config.site import Site

CLEAR_VIEWS_EVERY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSources:
    """Sources of cameras' states, counts and attention."""

    board: CameraBoard
    figures: Callable[[Collection[str]], Mapping[str, CameraFigures]]
    looking_harder: Callable[[], Collection[str]]


def build(
    database: Database, cameras: CameraSources, site: Callable[[], Site], device_of: DeviceOf
) -> BuiltFeature:
    """Return the task that follows device alarms that no nearby camera confirms."""
    run = ClearViewTask(database, cameras, site, device_of).round
    return BuiltFeature(
        rounds=(
            CentreTask(
                name="clear views",
                every_s=CLEAR_VIEWS_EVERY_S,
                run=run,
                thread=TaskThread.QUEUE,
            ),
        )
    )


class ClearViewTask:
    """Owned by the thread that calls `round`."""

    def __init__(
        self,
        database: Database,
        cameras: CameraSources,
        site: Callable[[], Site],
        device_of: DeviceOf,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._cameras = cameras
        self._site = site
        self._device_of = device_of
        self._utc = utc
        self._views = ClearViews()

    def round(self) -> None:
        """Compare alarms with cameras; raises `QueueError` or `ArchiveError`, then retries."""
        now = self._utc()
        alarms = device_only_alerts(self._database, now - SETTINGS.for_s)
        self._views.follow({item.alert_id for item in alarms})
        if not alarms:
            return
        report = self._cameras.board.report()
        bound = {item.alert_id: self._bound(item.device_id) for item in alarms}
        names = {name for cameras in bound.values() for name in cameras}
        claimed = {report.cameras[name][0] for name in names if name in report.cameras}
        figures = self._cameras.figures(claimed) if claimed else {}
        for item in alarms:
            looks = [self._looks(name, report, figures) for name in bound[item.alert_id]]
            if self._views.are_clear(item, looks, now):
                lower_unseen(self._database, item, looks, now)

    def _bound(self, device_id: str) -> tuple[str, ...]:
        device = self._device_of(device_id)
        return () if device is None else device.cameras

    def _looks(
        self, name: str, report: CameraReport, figures: Mapping[str, CameraFigures]
    ) -> CameraInferenceCount:
        """Return a camera's inference count; empty if it could not detect a fire now."""
        site = self._site()
        camera = site.camera(name)
        could_see = (
            camera is not None
            and not camera.ptz
            and name in self._cameras.looking_harder()
            and sees(name, report)
            and any(isinstance(rule, BurningRule) for rule in site.rules_of(camera))
        )
        counted = figures.get(name, {}).get("looks") if could_see else None
        return CameraInferenceCount(camera_id=name, looks=counted)
