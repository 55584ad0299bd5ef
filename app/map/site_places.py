"""The site's list of wards and streets, read again when its file changes. Thread-safe."""

import logging
import threading
from pathlib import Path

from thapcanh.alerts.map.places import PlaceIndex, read_places

log = logging.getLogger(__name__)

_NOTHING = PlaceIndex(())
_MOST_REPORTED = 5


class SitePlaces:
    """Index of one file; an unreadable file leaves the last index."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_as: tuple[Path, int] | None = None
        self._index = _NOTHING

    def index(self, path: Path | None) -> PlaceIndex:
        """Return the places of a file; none if the site has no file."""
        if path is None:
            return _NOTHING
        with self._lock:
            self._refresh(path)
            return self._index

    def _refresh(self, path: Path) -> None:
        try:
            now = (path, path.stat().st_mtime_ns)
            if now == self._read_as:
                return
            with path.open(encoding="utf-8-sig", newline="") as lines:
                found = read_places(lines)
        except (OSError, UnicodeDecodeError) as error:
            log.warning("centre.places_file: %s cannot be read: %s", path, error)
            return
        for problem in found.problems[:_MOST_REPORTED]:
            log.warning("centre.places_file: %s: %s; the line is left out", path, problem)
        self._read_as, self._index = now, PlaceIndex(found.places)


SITE_PLACES = SitePlaces()
"""One a process: the file is the same for every app of it."""
