"""The site of one process, from its files or with the cameras of the registry."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from alerts.registry.repository import RegistryRepository
from alerts.store.database import Database
from app.registry.follower import RegistryFollower
from app.registry.handed import HandedRegistry, HandedShare
from app.registry.reader import ReaderSettings, RegistryReader
from app.site.site_file import SiteLoader, load_in_force, load_site
from app.site.site_paths import archive_url, missing_archive, site_paths_of
from config.load import Loaded
from config.problem import ConfigProblem, Weight
from config.registry.entries import RegistryEntries

SiteRegistry = RegistryReader | HandedRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSite:
    """What came of the configuration, and the registry that it is read from, if it is."""

    loaded: Loaded
    registry: SiteRegistry | None = None
    close: Callable[[], None] = lambda: None


def open_site(
    path: Path,
    part: str,
    has: Callable[[str], bool] | None = None,
    load: SiteLoader = load_site,
    handed: HandedShare | None = None,
) -> OpenedSite:
    """Read the site at `path` for a process that follows it: `part` names its copy on the disk.

    `has` says which cameras concern it, `handed` brings them where the Fleet does. `close` ends the
    following.
    """
    loaded = load_in_force(path, load)
    if loaded.site is None or loaded.site.registry.source == "files":
        return OpenedSite(loaded=loaded)
    if loaded.site.registry.source == "fleet":
        return _handed(path, loaded, load, handed)
    database = Database(archive_url(loaded.site))
    follower = RegistryFollower(RegistryRepository(database))
    settings = ReaderSettings(
        config_path=path,
        copy=site_paths_of(loaded.site).run_dir / f"registry-{part}.json",
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
    """The same files again, with what the registry holds."""
    again = load(path, registry=entries, before=loaded.raw, files=loaded.files)
    return replace(again, refused=loaded.refused)


def _handed(path: Path, loaded: Loaded, load: SiteLoader, share: HandedShare | None) -> OpenedSite:
    if share is None:
        problem = ConfigProblem(
            file=path.name,
            path="registry.source",
            message='"fleet" is for the workers of `thapcanh cluster join`: they are handed their '
            'cameras. Here it must be "files" or "database"',
            weight=Weight.FATAL,
        )
        return OpenedSite(loaded=replace(loaded, site=None, problems=(*loaded.problems, problem)))
    registry = HandedRegistry(share, path.parent)
    loaded = _with_registry(path, loaded, load, registry.entries())
    return OpenedSite(loaded=loaded, registry=registry)


def read_site(path: Path, *, in_force: bool = False) -> Loaded:
    """Read the site at `path` once, with the registry where it is used; writes nothing.

    `in_force`: as a process would be started with it now, where the files are broken too.
    """
    loaded = load_in_force(path, keeps=False) if in_force else load_site(path)
    if loaded.site is None or loaded.site.registry.source != "database":
        return loaded
    url = archive_url(loaded.site)
    if missing_archive(url) is not None:
        return loaded
    database = Database(url)
    try:
        copy = site_paths_of(loaded.site).run_dir / "registry-centre.json"
        settings = ReaderSettings(config_path=path, copy=copy if copy.exists() else None)
        reader = RegistryReader(RegistryRepository(database), settings, os.environ)
        reader.start()
        return _with_registry(path, loaded, load_site, reader.entries())
    finally:
        database.close()
