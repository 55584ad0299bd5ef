"""The recorders of a worker's cameras, of packets and of sightings, as the site wants them."""

from collections.abc import Mapping
from pathlib import Path

from config.site import Site
from detection.sightings.sighting_recorder import SightingRecorder
from ingest.clock import SystemClock
from ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from ingest.recording.retention import RecordingLimits


def recorder_of(site: Site, others_days: Mapping[str, float]) -> PacketRecorder:
    """The recorder on the site's recording folder; nothing is touched before a camera records.

    `others_days` are the days of cameras that the site, as this worker has it, does not name.
    """
    wanted = site.recording
    limits = RecorderLimits(
        queue_bytes=int(wanted.queue_mb * 1e6), kept=limits_of(site, others_days)
    )
    return PacketRecorder(_folder(site), SystemClock(), limits)


def sightings_of(site: Site, others_days: Mapping[str, float]) -> SightingRecorder:
    """The record of what recorded cameras saw, beside their film and kept as long."""
    return SightingRecorder(_folder(site), SystemClock(), limits_of(site, others_days))


def _folder(site: Site) -> Path:
    if site.recording.dir is None:
        raise ValueError("the site was not loaded from a file: its recording folder is not known")
    return site.recording.dir


def limits_of(site: Site, others_days: Mapping[str, float]) -> RecordingLimits:
    """For how long film and sightings are kept on this disk, of its own cameras and of others."""
    wanted = site.recording
    own = {one.id: one.record_days for one in site.cameras if one.record_days is not None}
    return RecordingLimits(
        days=wanted.days,
        max_bytes=int(wanted.max_gb * 1e9),
        min_free_bytes=int(wanted.min_free_gb * 1e9),
        days_of={**others_days, **own},
    )
