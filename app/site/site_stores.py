"""Stores of a site for every process: evidence, recordings, and queue."""

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache

from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Objects, S3Store
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
from thapcanh.ingest.recording.store.recording_access import SiteRecordingAccess


def site_recordings(site: Site) -> ObjectStore | None:
    """Return the shared store, or None if each machine has its own. Raises `S3LibraryMissing`.

    It connects on first use.
    """
    config = site.recording
    if config.store != "s3" or config.s3 is None:
        return None
    return _opened(config.s3, site.networks)


@lru_cache(maxsize=4)
def _opened(settings: S3Config, networks: NetworksConfig) -> S3Objects:
    """Return one shared client, because it is slow to create; thread-safe."""
    return S3Objects(settings, servers(networks))


def limits_of(site: Site, others_days: Mapping[str, float]) -> RecordingLimits:
    """Return how long recordings and sightings stay on this disk."""
    config = site.recording
    own = {
        camera.id: camera.record_days for camera in site.cameras if camera.record_days is not None
    }
    return RecordingLimits(
        days=config.days,
        max_bytes=int(config.max_gb * 1e9),
        min_free_bytes=int(config.min_free_gb * 1e9),
        days_of={**others_days, **own},
        local_days=config.local_days if config.store == "s3" else None,
    )


def site_recording_disk(site: Site) -> RecordingDisk | None:
    """Return the recording disk, or None for a site that was not loaded from a file."""
    folder = site.recording.dir
    if folder is None:
        return None
    return RecordingDisk(folder, site_paths_of(site).remembered_recordings(folder))


class SiteRecordings:
    """Access to recordings in a centre. Any thread."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._opened: tuple[RecordingConfig, SiteRecordingAccess] | None = None

    def get(self) -> SiteRecordingAccess | None:
        """Return the recordings of the site as it is now, or None."""
        site = self._site()
        disk = site_recording_disk(site)
        if disk is None:
            return None
        with self._lock:
            if self._opened is None or self._opened[0] != site.recording:
                cache = site_paths_of(site).cache_dir / "films"
                recordings = SiteRecordingAccess(disk, site_recordings(site), cache)
                self._opened = site.recording, recordings
            return self._opened[1]


def site_evidence(site: Site) -> EvidenceStore:
    """Return the store, which connects on first use. Raises `S3LibraryMissing`."""
    if site.evidence.store == "s3" and site.evidence.s3 is not None:
        return S3Store(site.evidence.s3, servers(site.networks))
    return FolderStore(site_paths_of(site).evidence_dir)


def site_queue(site: Site) -> EventQueue:
    """Return a queue that connects on first use; raises `QueueAddressMissing`."""
    return EventQueue(queue_address(site), settings=QueueSettings(replicas=site.queue.replicas))
