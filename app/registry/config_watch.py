"""Hot reload: watches files and registry, and returns each new valid site."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from thapcanh.app.registry.reader import RegistryReader
from thapcanh.app.registry.registry_share import AssignedRegistry
from thapcanh.app.site.site_file import SiteLoader, can_follow, file_problems, load_site, store_good
from thapcanh.config.credentials import CREDENTIALS_FILE
from thapcanh.config.difference import Difference, difference, in_force
from thapcanh.config.load import Loaded
from thapcanh.config.loading.files import ON_DISK, ConfigFiles, NotedFiles, StoredFiles
from thapcanh.config.loading.read import EXTRA_FOLDER, RawConfig
from thapcanh.config.problem import ConfigProblem
from thapcanh.config.site import Site

log = logging.getLogger(__name__)

Fingerprint = tuple[tuple[str, int, int, int], ...]


class ConfigWatch:
    """Remembers what the files looked like, and the site they gave.

    `site` is in force; `problems` are those of the files as they are now, `waiting` their sections
    that a restart must apply.
    """

    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        registry: RegistryReader | AssignedRegistry | None = None,
        load: SiteLoader = load_site,
    ) -> None:
        """Create it; `loaded` was just read from `path` by `load`.

        Raises `ConfigError` when it cannot start.
        """
        self._load = load
        self._path = path
        self._registry = registry
        self.site = loaded.site_or_raise()
        self._raw = loaded.raw
        self.problems: Sequence[ConfigProblem] = ()
        self.waiting: Sequence[str] = ()
        self.refused_since: float | None = time.time() if loaded.refused else None
        """Since when the files are not in force, but an earlier state of them (UTC); else None."""
        self._accepted = file_problems(loaded.problems)
        self._visible = _fingerprint(path)
        self._in_force: ConfigFiles = ON_DISK if registry is None else loaded.files
        self._note(loaded.refused or loaded.problems)

    @property
    def raw(self) -> RawConfig | None:
        """The entries as they were written when `site` was last read."""
        return self._raw

    def poll(self) -> tuple[Site, Difference] | None:
        """Return the new site and what changed, or None when the files are as they were."""
        now = _fingerprint(self._path)
        registered = self._registry is not None and self._registry.poll(time.time())
        if now == self._visible and not registered:
            return None
        files_changed, self._visible = now != self._visible, now
        site = self._read(files_changed=files_changed)
        if site is None:
            return None
        changed = difference(self.site, site)
        self.site = in_force(self.site, site)
        self.waiting = changed.needs_restart
        if changed.needs_restart:
            log.warning("restart to apply: %s", ", ".join(changed.needs_restart))
        return self.site, changed

    def _read(self, *, files_changed: bool) -> Site | None:
        """Return the site to put in force, or None. A registry is followed beside broken files.

        The files are held in memory only beside a registry, where they are small.
        """
        entries = self._registry.entries() if self._registry is not None else None
        stay = self.refused_since is not None and not files_changed
        noted = NotedFiles()
        files = self._in_force if stay else noted
        loaded = self._load(self._path, registry=entries, before=self._raw, files=files)
        if not stay:
            self._note(loaded.problems)
        if loaded.site is None or not can_follow(loaded, self._accepted):
            log.error("configuration not applied, the last good one stays in force")
            self.refused_since = self.refused_since or time.time()
            return None
        self._accepted = file_problems(loaded.problems)
        self._raw = loaded.raw
        if not stay:
            self.refused_since = None
            self._in_force = StoredFiles(noted.contents) if self._registry is not None else ON_DISK
            store_good(self._path, self._load, loaded, noted)
        return loaded.site

    def _note(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = problems
        for problem in problems:
            log.warning("configuration: %s", problem)


def _fingerprint(path: Path) -> Fingerprint:
    folder = path.parent / EXTRA_FOLDER
    files = [path, path.parent / CREDENTIALS_FILE, folder, *_extras(folder)]
    reported = []
    for file in files:
        try:
            facts = file.stat()
        except OSError:
            continue
        reported.append((str(file), facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size))
    return tuple(reported)


def _extras(folder: Path) -> list[Path]:
    try:
        return ON_DISK.extras(folder)
    except OSError:
        return []
