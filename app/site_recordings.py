"""Where a site keeps the recordings of all its machines, opened alike by every process."""

from alerts.evidence.stores.s3_objects import S3Objects
from config.site import Site
from ingest.recording.store.objects import ObjectStore


def site_recordings(site: Site) -> ObjectStore | None:
    """Return the store; None where each machine keeps its own. Raises `S3LibraryMissing`.

    Nothing is connected before it is asked.
    """
    wanted = site.recording
    return S3Objects(wanted.s3) if wanted.store == "s3" and wanted.s3 is not None else None
