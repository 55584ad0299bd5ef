"""Where a site keeps evidence and recordings, and its queue: opened alike by every process."""

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache

from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.evidence.stores.s3_objects import S3Objects
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.app.site.site_paths import queue_address, site_paths_of
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.site import Site
from thapcanh.config.storage import RecordingConfig, S3Config
from thapcanh.ingest.address_guard import servers
from thapcanh.ingest.recording.disk import RecordingDisk
from thapcanh.ingest.recording.retention import RecordingLimits
from thapcanh.ingest.recording.store.objects import ObjectStore
from thapcanh.ingest.recording.store.recorded_film import RecordedFilm


def site_recordings(site: Site) -> ObjectStore | None:
    """Return the store; None where each machine keeps its own. Raises `S3LibraryMissing`.

    Nothing is connected before it is asked.
    """
    wanted = site.recording
    if wanted.store != "s3" or wanted.s3 is None:
        return None
    return _opened(wanted.s3, site.networks)


@lru_cache(maxsize=4)
def _opened(settings: S3Config, networks: NetworksConfig) -> S3Objects:
    """One client for all who ask: it is slow to make, and any thread may use it."""
    return S3Objects(settings, servers(networks))


def limits_of(site: Site, others_days: Mapping[str, float]) -> RecordingLimits:
    """For how long film and sightings are kept on this disk, of its own cameras and of others."""
    wanted = site.recording
    own = {one.id: one.record_days for one in site.cameras if one.record_days is not None}
    return RecordingLimits(
        days=wanted.days,
        max_bytes=int(wanted.max_gb * 1e9),
        min_free_bytes=int(wanted.min_free_gb * 1e9),
        days_of={**others_days, **own},
        local_days=wanted.local_days if wanted.store == "s3" else None,
    )


def site_recording_disk(site: Site) -> RecordingDisk | None:
    """The disk of this machine's recordings; None where the site was not loaded from a file."""
    folder = site.recording.dir
    if folder is None:
        return None
    return RecordingDisk(folder, site_paths_of(site).remembered_recordings(folder))


class SiteFilm:
    """A centre's one door to recorded film. Any thread may use it."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._opened: tuple[RecordingConfig, RecordedFilm] | None = None

    def get(self) -> RecordedFilm | None:
        """The film of the site as it is now; None where nothing could be recorded."""
        site = self._site()
        disk = site_recording_disk(site)
        if disk is None:
            return None
        with self._lock:
            if self._opened is None or self._opened[0] != site.recording:
                cache = site_paths_of(site).cache_dir / "films"
                film = RecordedFilm(disk, site_recordings(site), cache)
                self._opened = site.recording, film
            return self._opened[1]


def site_evidence(site: Site) -> EvidenceStore:
    """Return the store; nothing is connected before it is asked. Raises `S3LibraryMissing`."""
    if site.evidence.store == "s3" and site.evidence.s3 is not None:
        return S3Store(site.evidence.s3, servers(site.networks))
    return FolderStore(site_paths_of(site).evidence_dir)


def site_queue(site: Site) -> EventQueue:
    """Return a queue that connects when first asked; raises `QueueAddressMissing`."""
    return EventQueue(queue_address(site), settings=QueueSettings(replicas=site.queue.replicas))
