"""The recorders of a worker's cameras, of packets and of sightings, as the site wants them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from thapcanh.alerts.queue.workers.worker_report import SightingsWord
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.site.site_stores import limits_of, site_recordings
from thapcanh.config.site import Site
from thapcanh.detection.sightings.sighting_recorder import SightingRecorder
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from thapcanh.ingest.recording.store.uploader import SegmentUploader


class WorkerRecording:
    """Recording of a worker, with the upload to a shared store if there is one."""

    def __init__(
        self, site: Site, others_days: Mapping[str, float], evidence_waits: Callable[[], bool]
    ) -> None:
        """`evidence_waits`: evidence has the network first. Raises `S3LibraryMissing`."""
        self.packets = recorder_of(site, others_days)
        self.sightings = sightings_of(site, others_days)
        store = site_recordings(site)
        self._uploader: SegmentUploader | None = None
        if store is not None:
            self._uploader = SegmentUploader(
                _folder(site),
                store,
                SystemClock(),
                mbit=site.recording.upload_mbit,
                remembered=_remembered(site),
                evidence_waits=evidence_waits,
            )

    def start(self) -> None:
        """Start uploading; recorders start with their first camera."""
        if self._uploader is not None:
            self._uploader.start()

    def stop(self) -> None:
        """Write what waits for the disk; what waits for the store stays there."""
        self.packets.stop()
        if self._uploader is not None:
            self._uploader.stop()

    def figures(self) -> dict[str, Any]:
        """Return the recorder's part of the report."""
        upload = None if self._uploader is None else self._uploader.figures()
        return {**self.packets.figures(), "upload": upload}

    def sightings_figures(self) -> SightingsWord:
        """Return the sightings' part of the report."""
        return cast(SightingsWord, self.sightings.figures())


def recorder_of(site: Site, others_days: Mapping[str, float]) -> PacketRecorder:
    """Return the recorder; the folder is not accessed before a camera records.

    `others_days` are the retention days of cameras that this worker's site does not name.
    """
    config = site.recording
    limits = RecorderLimits(
        queue_bytes=int(config.queue_mb * 1e6), kept=limits_of(site, others_days)
    )
    return PacketRecorder(_folder(site), SystemClock(), limits, remembered=_remembered(site))


def sightings_of(site: Site, others_days: Mapping[str, float]) -> SightingRecorder:
    """Return the recorder of sightings, with the retention of the recordings."""
    limits = limits_of(site, others_days)
    return SightingRecorder(_folder(site), SystemClock(), limits, remembered=_remembered(site))


def _folder(site: Site) -> Path:
    if site.recording.dir is None:
        raise ValueError("the site was not loaded from a file: its recording folder is not known")
    return site.recording.dir


def _remembered(site: Site) -> Path:
    return site_paths_of(site).remembered_recordings(_folder(site))
