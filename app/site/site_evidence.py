"""Where a site keeps its evidence, opened alike by every process and command."""

from alerts.evidence.stores.folder import FolderStore
from alerts.evidence.stores.s3 import S3Store
from alerts.evidence.stores.store import EvidenceStore
from app.site.site_paths import site_paths_of
from config.site import Site
from ingest.address_guard import servers


def site_evidence(site: Site) -> EvidenceStore:
    """Return the store; nothing is connected before it is asked. Raises `S3LibraryMissing`."""
    if site.evidence.store == "s3" and site.evidence.s3 is not None:
        return S3Store(site.evidence.s3, servers(site.networks))
    return FolderStore(site_paths_of(site).evidence_dir)
