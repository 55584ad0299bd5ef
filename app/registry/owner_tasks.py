"""Periodic task that records cameras' owners from the files of a site without registry."""

import time
from collections.abc import Callable

from thapcanh.alerts.registry.camera_owners import STORED_FACTS, CameraOwners
from thapcanh.alerts.store.database import Database
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.config.site import Site

OWNERS_EVERY_S = 2.0  # film of the seconds between is the former owner's


def build(database: Database, site: Callable[[], Site]) -> BuiltFeature:
    run = OwnerTask(database, site, time.time).round
    return BuiltFeature(
        rounds=(
            CentreTask(
                name="owners of cameras",
                every_s=OWNERS_EVERY_S,
                run=run,
                thread=TaskThread.REGISTRY,
            ),
        )
    )


class OwnerTask:
    """Recorder of owners, owned by one thread."""

    def __init__(
        self, database: Database, site: Callable[[], Site], now: Callable[[], float]
    ) -> None:
        self._owners = CameraOwners(database)
        self._site = site
        self._now = now
        self._followed: Site | None = None

    def round(self) -> None:
        """Compare the site in force with what was put down, once for each site."""
        site = self._site()
        if site is self._followed or site.registry.source != "files":
            return
        cameras = {
            camera.id: camera.model_dump(mode="json", include=STORED_FACTS, exclude_none=True)
            for camera in site.cameras
        }
        self._owners.follow_files(cameras, self._now())
        self._followed = site
