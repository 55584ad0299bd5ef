"""Site of one process, from its files or with the registry's cameras."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from thapcanh.alerts.registry.records import RegisteredEntry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.registry.reader import ReaderSettings, RegistryReader
from thapcanh.app.registry.registry_share import AssignedRegistry, RegistryShare
from thapcanh.app.site.site_file import SiteLoader, load_in_force, load_site
from thapcanh.app.site.site_paths import archive_url, missing_archive, site_paths_of
from thapcanh.config.load import Loaded
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.registry.entries import RegistryEntries
from thapcanh.ingest.stoppable_thread import StoppableThread

SiteRegistry = RegistryReader | AssignedRegistry
LOOK_EVERY_S = 0.5  # a change reaches its worker within 2 s


class ChangeReader(Protocol):
    """The registry itself."""

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        """Return the last revision and the changes after this one; raises `AlertsError`."""
        ...


class RegistryFollower:
    """Hands over what its thread has read. The first reading is done by who calls first."""

    def __init__(self, inner: ChangeReader, every_s: float = LOOK_EVERY_S) -> None:
        self._inner = inner
        self._every_s = every_s
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._follow, "registry")
        self._revision = 0
        self._waiting: dict[tuple[str, str], RegisteredEntry] = {}  # the newest of each entry
        self._error: AlertsError | None = None

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        """Return the changes read since the last call; raises the last read's error."""
        if not self._thread.was_started:
            self._revision = revision
            try:
                self._look()
            finally:
                self._thread.start()
        with self._lock:
            if self._error is not None and not self._waiting:
                raise self._error
            rows = list(self._waiting.values())
            self._waiting.clear()
            return self._revision, rows

    def close(self) -> None:
        """End the thread; it may be inside the database for some seconds."""
        self._thread.stop()

    def _follow(self) -> None:
        while not self._thread.pause(self._every_s):
            self._look()

    def _look(self) -> None:
        try:
            revision, rows = self._inner.since(self._revision)
        except AlertsError as error:
            with self._lock:
                self._error = error
            return
        with self._lock:
            self._error = None
            self._revision = revision
            self._waiting.update({(row.kind, row.id): row for row in rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSite:
    """Loaded configuration, and its registry if there is one."""

    loaded: Loaded
    registry: SiteRegistry | None = None
    close: Callable[[], None] = lambda: None


def open_site(
    path: Path,
    part: str,
    has: Callable[[str], bool] | None = None,
    load: SiteLoader = load_site,
    handed: RegistryShare | None = None,
) -> OpenedSite:
    """Read the site at `path` for a process that follows it; `part` names its copy on disk.

    `has` tells which cameras concern it, `handed` is the Fleet's share. `close` stops following.
    """
    loaded = load_in_force(path, load)
    if loaded.site is None or loaded.site.registry.source == "files":
        return OpenedSite(loaded=loaded)
    if loaded.site.registry.source == "fleet":
        return _assigned_site(path, loaded, load, handed)
    database = Database(archive_url(loaded.site))
    follower = RegistryFollower(RegistryRepository(database))
    settings = ReaderSettings(
        config_path=path,
        copy=site_paths_of(loaded.site).run_dir / f"registry-{part}.json",
        takes_targets=load is load_site,
        has=has or (lambda _: True),
    )
    reader = RegistryReader(follower, settings, os.environ)
    reader.start()

    def close() -> None:
        follower.close()
        database.close()

    return OpenedSite(
        loaded=_with_registry(path, loaded, load, reader.entries()), registry=reader, close=close
    )


def _with_registry(
    path: Path, loaded: Loaded, load: SiteLoader, entries: RegistryEntries
) -> Loaded:
    """Return the files loaded again with the registry's entries."""
    again = load(path, registry=entries, before=loaded.raw, files=loaded.files)
    return replace(again, refused=loaded.refused)


def _assigned_site(
    path: Path, loaded: Loaded, load: SiteLoader, share: RegistryShare | None
) -> OpenedSite:
    if share is None:
        problem = ConfigProblem(
            file=path.name,
            path="registry.source",
            message='"fleet" is for the workers of `thapcanh cluster join`: they are handed their '
            'cameras. Here it must be "files" or "database"',
            weight=Weight.FATAL,
        )
        return OpenedSite(loaded=replace(loaded, site=None, problems=(*loaded.problems, problem)))
    registry = AssignedRegistry(share, path.parent)
    loaded = _with_registry(path, loaded, load, registry.entries())
    return OpenedSite(loaded=loaded, registry=registry)


def read_site(path: Path, *, in_force: bool = False) -> Loaded:
    """Read the site at `path` once, with the registry where it is used; writes nothing.

    `in_force`: as a process would be started with it now, where the files are broken too.
    """
    loaded = load_in_force(path, stores_good=False) if in_force else load_site(path)
    if loaded.site is None or loaded.site.registry.source != "database":
        return loaded
    url = archive_url(loaded.site)
    if missing_archive(url) is not None:
        return loaded
    database = Database(url)
    try:
        copy = site_paths_of(loaded.site).run_dir / "registry-centre.json"
        settings = ReaderSettings(
            config_path=path, copy=copy if copy.exists() else None, takes_targets=True
        )
        reader = RegistryReader(RegistryRepository(database), settings, os.environ)
        reader.start()
        return _with_registry(path, loaded, load_site, reader.entries())
    finally:
        database.close()
