"""Whose cameras are by the files of a site without a registry, put down when the files change.

The registry's writer does it for a site that has one.
"""

from collections.abc import Callable

from alerts.registry.camera_owners import KEPT_FACTS, CameraOwners
from alerts.store.database import Database
from config.site import Site


class OwnerRounds:
    """Owned by one thread."""

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
            one.id: one.model_dump(mode="json", include=KEPT_FACTS, exclude_none=True)
            for one in site.cameras
        }
        self._owners.follow_files(cameras, self._now())
        self._followed = site
