"""The recorders of a worker's cameras, of packets and of sightings, as the site wants them."""

from pathlib import Path

from config.site import Site
from detection.sightings.sighting_recorder import SightingRecorder
from ingest.clock import SystemClock
from ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from ingest.recording.retention import RecordingLimits


def recorder_of(site: Site) -> PacketRecorder:
    """The recorder on the site's recording folder; nothing is touched before a camera records."""
    wanted = site.recording
    limits = RecorderLimits(queue_bytes=int(wanted.queue_mb * 1e6), kept=_kept(site))
    return PacketRecorder(_folder(site), SystemClock(), limits)


def sightings_of(site: Site) -> SightingRecorder:
    """The record of what recorded cameras saw, beside their film and kept as long."""
    return SightingRecorder(_folder(site), SystemClock(), _kept(site))


def _folder(site: Site) -> Path:
    if site.recording.dir is None:
        raise ValueError("the site was not loaded from a file: its recording folder is not known")
    return site.recording.dir


def _kept(site: Site) -> RecordingLimits:
    wanted = site.recording
    return RecordingLimits(
        days=wanted.days,
        max_bytes=int(wanted.max_gb * 1e9),
        min_free_bytes=int(wanted.min_free_gb * 1e9),
        days_of={one.id: one.record_days for one in site.cameras if one.record_days is not None},
    )
