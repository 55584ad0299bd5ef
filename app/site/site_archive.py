"""The site's archive, opened alike by everything that writes: with the key of its log."""

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.policy import AlertPolicy
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.seals.log_signing import LogKey
from thapcanh.app.site.site_paths import archive_url, log_key_of
from thapcanh.config.site import Site


def site_archive(
    site: Site,
    *,
    settings: AlertPolicy | None = None,
    makes_key: bool = False,
    application: str = "thapcanh",
) -> Archive:
    """Open the archive; raise `ArchiveError`.

    `makes_key`: the centre's alone, whose user has to read it ever after. `application` is how
    PostgreSQL's list of sessions calls this process.
    """
    key = _log_key(site, makes_key=makes_key)
    return Archive(archive_url(site), settings=settings, log_key=key, application=application)


def centre_database(site: Site) -> Database:
    """Return the centre's archive as it is, before its tables are brought up to date."""
    return Database(archive_url(site), log_key=_log_key(site, makes_key=True))


def _log_key(site: Site, *, makes_key: bool) -> LogKey | None:
    path = log_key_of(site)
    has_key = path is not None and (makes_key or path.exists())
    return LogKey(path, makes=makes_key) if path is not None and has_key else None
