"""The cameras that the Fleet places: those of the site as it is now, and the phones that send."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.cluster.assignment import FleetCamera
from app.cluster.handed_tables import HandedTables, Tables
from app.registry.config_watch import ConfigWatch
from app.registry.reader import RegistryReader
from app.registry.site import open_site
from app.site.site_file import load_worker_site
from config.loading.read import RawConfig
from config.site import Site


class FleetCameras:
    """Follows the configuration, or the registry. One thread. Raises `ConfigError` at start."""

    def __init__(self, config_path: Path) -> None:
        self._opened = open_site(config_path, "fleet", None, load_worker_site)
        loaded, registry = self._opened.loaded, self._opened.registry
        self._registry = registry if isinstance(registry, RegistryReader) else None
        self._watch = ConfigWatch(config_path, loaded, registry, load_worker_site)
        self._configured = _of_site(self._watch.site)
        self._tables: HandedTables | None = None
        self._is_known = self._registry is None or self._registry.unread is None
        self.version = 0

    @property
    def site(self) -> Site:
        """The site in force."""
        return self._watch.site

    @property
    def unread(self) -> str | None:
        """Why it is not known which cameras there are, if it is not."""
        if self._registry is None:
            return None
        if self._registry.unread is not None:
            return self._registry.unread
        return None if self._is_known else "what the registry says was not applied, see the log"

    @property
    def shut(self) -> frozenset[str]:
        """Cameras of the registry whose logins cannot be opened on this machine."""
        return frozenset() if self._registry is None else self._registry.shut

    def all(
        self, phones: Callable[[], Sequence[Mapping[str, Any]]]
    ) -> tuple[FleetCamera, ...] | None:
        """Every camera, None while that is not known; the same object while nothing changes."""
        change = self._watch.poll()
        if self._registry is None or self._registry.unread is None:
            self._is_known = self._is_known or change is not None or not self._watch.problems
        if change is not None:
            self._configured = _of_site(self._watch.site)
            self._tables = None
            self.version += 1
        if self.unread is not None:
            return None
        known = {one.camera_id for one in self._configured}
        sending = tuple(
            FleetCamera(camera_id=str(phone["id"]), area=phone.get("area"))
            for phone in phones()
            if phone["id"] not in known
        )
        return (*self._configured, *sending) if sending else self._configured

    def tables(self, cameras: Iterable[str]) -> Tables:
        """What a worker of these is handed; another one for another `version`."""
        if self._tables is None:
            self._tables = HandedTables(self._watch.raw or RawConfig())
        return self._tables.of(cameras)


def _of_site(site: Site) -> tuple[FleetCamera, ...]:
    heavy = frozenset(site.cluster.heavy)
    return tuple(
        FleetCamera(camera_id=camera.id, area=camera.area, wants_gpu=camera.id in heavy)
        for camera in site.cameras
    )
