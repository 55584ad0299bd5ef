"""Hot reload: watches the configuration's files and hands over each new site that can run.

`poll` is called by the owner's loop (no thread here). A change that cannot run is logged with all
its problems and the last good site stays in force.
"""

import logging
from pathlib import Path

from config.credentials import CREDENTIALS_FILE
from config.difference import Difference, difference
from config.load import load
from config.read import EXTRA_FOLDER
from config.site import Site

log = logging.getLogger(__name__)

Fingerprint = tuple[tuple[str, int, int], ...]


class ConfigWatch:
    """Remembers what the files looked like, and the site they gave."""

    def __init__(self, path: Path, site: Site) -> None:
        self._path = path
        self._site = site
        self._seen = _fingerprint(path)

    def poll(self) -> tuple[Site, Difference] | None:
        """Return the new site and what changed, or nothing when the files are as they were."""
        now = _fingerprint(self._path)
        if now == self._seen:
            return None
        self._seen = now
        loaded = load(self._path)
        for problem in loaded.problems:
            log.warning("configuration: %s", problem)
        if loaded.site is None:
            log.error("configuration not applied, the last good one stays in force")
            return None
        changed = difference(self._site, loaded.site)
        self._site = loaded.site
        if changed.needs_restart:
            log.warning("restart to apply: %s", ", ".join(changed.needs_restart))
        return loaded.site, changed


def _fingerprint(path: Path) -> Fingerprint:
    extra = sorted((path.parent / EXTRA_FOLDER).glob("*.toml"))
    files = [path, path.parent / CREDENTIALS_FILE, *extra]
    seen = []
    for file in files:
        try:
            facts = file.stat()
        except OSError:
            continue
        seen.append((str(file), facts.st_mtime_ns, facts.st_size))
    return tuple(seen)
