"""The recorder of a worker's cameras, as the site wants it."""

from config.site import Site
from ingest.clock import SystemClock
from ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from ingest.recording.retention import RecordingLimits


def recorder_of(site: Site) -> PacketRecorder:
    """The recorder on the site's recording folder; nothing is touched before a camera records."""
    wanted = site.recording
    if wanted.dir is None:
        raise ValueError("the site was not loaded from a file: its recording folder is not known")
    kept = RecordingLimits(
        days=wanted.days,
        max_bytes=int(wanted.max_gb * 1e9),
        min_free_bytes=int(wanted.min_free_gb * 1e9),
        days_of={one.id: one.record_days for one in site.cameras if one.record_days is not None},
    )
    limits = RecorderLimits(queue_bytes=int(wanted.queue_mb * 1e6), kept=kept)
    return PacketRecorder(wanted.dir, SystemClock(), limits)
