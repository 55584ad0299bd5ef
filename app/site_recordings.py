"""Where a site keeps the recordings of all its machines, opened alike by every process."""

import threading
from collections.abc import Callable

from alerts.evidence.stores.s3_objects import S3Objects
from app.site_paths import site_paths_of
from config.site import Site
from config.storage import RecordingConfig
from ingest.recording.store.objects import ObjectStore
from ingest.recording.store.recorded_film import RecordedFilm


def site_recordings(site: Site) -> ObjectStore | None:
    """Return the store; None where each machine keeps its own. Raises `S3LibraryMissing`.

    Nothing is connected before it is asked.
    """
    wanted = site.recording
    return S3Objects(wanted.s3) if wanted.store == "s3" and wanted.s3 is not None else None


class SiteFilm:
    """A centre's one door to recorded film. Any thread may use it."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._opened: tuple[RecordingConfig, RecordedFilm] | None = None

    def get(self) -> RecordedFilm | None:
        """The film of the site as it is now; None where nothing could be recorded."""
        site = self._site()
        if site.recording.dir is None:
            return None
        with self._lock:
            if self._opened is None or self._opened[0] != site.recording:
                cache = site_paths_of(site).cache_dir / "films"
                film = RecordedFilm(site.recording.dir, site_recordings(site), cache)
                self._opened = site.recording, film
            return self._opened[1]
