"""Hot reload: watches files and registry, and hands over each new site that can run.

`poll` is called by the owner's loop (no thread here). A change that cannot run, or that brings a
problem which the files in force do not have, is logged with all its problems and the last good site
stays in force: what is watched is not lost to a slip of the hand.
"""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from app.registry.handed import HandedRegistry
from app.registry.reader import RegistryReader
from app.site.site_file import SiteLoader, load_site
from config.credentials import CREDENTIALS_FILE
from config.difference import Difference, difference
from config.load import Loaded
from config.loading.read import EXTRA_FOLDER, RawConfig, extra_files
from config.problem import ConfigProblem
from config.registry.entries import REGISTRY
from config.site import Site

log = logging.getLogger(__name__)

Fingerprint = tuple[tuple[str, int, int, int], ...]


class ConfigWatch:
    """Remembers what the files looked like, and the site they gave.

    `site` is in force; `problems` are those of the files as they are now.
    """

    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        registry: RegistryReader | HandedRegistry | None = None,
        load: SiteLoader = load_site,
    ) -> None:
        """`loaded` came from `path` just now, by `load`.

        Raises `ConfigError` when it cannot start.
        """
        self._load = load
        self._path = path
        self._registry = registry
        self.site = loaded.site_or_raise()
        self._raw = loaded.raw
        self.problems: Sequence[ConfigProblem] = ()
        self._accepted = _of_files(loaded.problems)
        self._seen = _fingerprint(path)
        self._note(loaded.problems)

    @property
    def raw(self) -> RawConfig | None:
        """The entries as they were written when `site` was last read."""
        return self._raw

    def poll(self) -> tuple[Site, Difference] | None:
        """Return the new site and what changed, or None when the files are as they were."""
        now = _fingerprint(self._path)
        registered = self._registry is not None and self._registry.poll(time.time())
        if now == self._seen and not registered:
            return None
        self._seen = now
        entries = self._registry.entries() if self._registry is not None else None
        loaded = self._load(self._path, registry=entries, before=self._raw)
        self._raw = loaded.raw
        self._note(loaded.problems)
        found = _of_files(loaded.problems)
        if loaded.site is None or not self._accepted.issuperset(found):
            log.error("configuration not applied, the last good one stays in force")
            return None
        self._accepted = found
        changed = difference(self.site, loaded.site)
        self.site = loaded.site
        if changed.needs_restart:
            log.warning("restart to apply: %s", ", ".join(changed.needs_restart))
        return loaded.site, changed

    def _note(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = problems
        for problem in problems:
            log.warning("configuration: %s", problem)


def _of_files(problems: Sequence[ConfigProblem]) -> frozenset[ConfigProblem]:
    """Those of files: an entry of the registry was judged when it was written, each by itself."""
    return frozenset(problem for problem in problems if problem.file != REGISTRY)


def _fingerprint(path: Path) -> Fingerprint:
    folder = path.parent / EXTRA_FOLDER
    files = [path, path.parent / CREDENTIALS_FILE, folder, *_extras(folder)]
    seen = []
    for file in files:
        try:
            facts = file.stat()
        except OSError:
            continue
        seen.append((str(file), facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size))
    return tuple(seen)


def _extras(folder: Path) -> list[Path]:
    try:
        return extra_files(folder)
    except OSError:
        return []
