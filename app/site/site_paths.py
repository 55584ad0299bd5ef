"""Paths of a site's data, derived from the data folder."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.config.files import create_file
from thapcanh.config.site import Site

if TYPE_CHECKING:
    from thapcanh.alerts.queue.redis_client import QueueAddress

_ID_FILE = "centre-id"
_ID_LENGTH = frozenset("0123456789abcdef")


class QueueAddressMissing(Exception):
    """No queue is configured, and no embedded one was started on this data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePaths:
    """Paths of one site's data."""

    data_dir: Path
    cache_dir: Path

    @property
    def run_dir(self) -> Path:
        """Signs of life, the supervisor's lock, the embedded queue's address."""
        return self.data_dir / "run"

    def last_good(self, part: str) -> Path:
        """Return the last configuration in force: the whole `site`, or a `worker`'s."""
        return self.run_dir / f"last-good-{part}.json"

    @property
    def evidence_dir(self) -> Path:
        """Snapshots, clips and manifests."""
        return self.data_dir / "evidence"

    @property
    def reference_views_dir(self) -> Path:
        """Folder of fixed cameras' reference views, one file per camera."""
        return self.data_dir / "known-views"

    @property
    def model_cache_dir(self) -> Path:
        """Exported models: can be made again."""
        return self.cache_dir / "models"

    @property
    def worker_keys_dir(self) -> Path:
        """Public keys of the workers that are enrolled."""
        return self.data_dir / "worker-keys"

    def own_worker_key(self, worker_id: str) -> Path:
        """Return the private key of a worker beside the embedded queue."""
        return self.data_dir / "worker-keys" / f"{worker_id}.key"

    @property
    def second_factor_key(self) -> Path:
        """Key of code generators' secrets, unless `[centre] second_factor_key` names one."""
        return self.data_dir / "second-factor.key"

    @property
    def log_key(self) -> Path:
        """Key that signs the action log's end, unless `[archive] log_key` names one."""
        return self.data_dir / "log.key"

    def remembered_recordings(self, folder: Path) -> Path:
        """Return the file that identifies the disk of a recording folder."""
        return self.data_dir / "spool" / f"recordings-{_place(folder)}.store-id"

    def remembered_copies(self, folder: Path) -> Path:
        """Return the file that identifies the disk of a backup folder."""
        return self.data_dir / "spool" / f"copies-{_place(folder)}.store-id"

    def place_of_copies(self, folder: Path) -> Path:
        return self.data_dir / "spool" / f"copies-{_place(folder)}.folder"

    def places_of_copies(self) -> Iterator[Path]:
        """Return all files that name a backup folder."""
        return (self.data_dir / "spool").glob("copies-*.folder")

    @property
    def backup_record(self) -> Path:
        return self.data_dir / "spool" / "backups.json"

    def spool(self, worker_id: str) -> Path:
        return self.data_dir / "spool" / f"{worker_id}.sqlite"


def _place(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.abspath(folder))).hexdigest()[:8]


def site_paths_of(site: Site) -> SitePaths:
    facts = site.site
    return SitePaths(data_dir=facts.data_dir, cache_dir=facts.cache_dir or facts.data_dir / "cache")


def queue_address(site: Site) -> "QueueAddress":
    """Return the queue's address with its password: configured, or the embedded one's."""
    from thapcanh.alerts.queue.redis_client import QueueAddress
    from thapcanh.app.process.embedded_valkey import ADDRESS_FILE

    if site.queue.url is not None:
        sentinels = tuple(sentinel.reveal() for sentinel in site.queue.sentinels)
        return QueueAddress(url=site.queue.url.reveal(), sentinels=sentinels)
    path = site_paths_of(site).run_dir / ADDRESS_FILE
    try:
        return QueueAddress(url=path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise QueueAddressMissing(
            f"no [queue] url, and no embedded queue runs ({path}: {error.strerror}): "
            "start `thapcanh run`, or set [queue] url"
        ) from None


def archive_url(site: Site) -> str:
    """Return the archive's SQLAlchemy URL: configured, or SQLite in the data folder."""
    if site.archive.url is not None:
        return site.archive.url.reveal()
    return f"sqlite:///{site.site.data_dir / 'archive.sqlite'}"


def log_key_of(site: Site) -> Path | None:
    """Return the key that signs the log's end: configured, or beside an SQLite archive.

    None for a shared archive without one, because each centre would make its own.
    """
    if site.archive.log_key is not None:
        return site.archive.log_key
    return site_paths_of(site).log_key if site.archive.url is None else None


def missing_archive(url: str) -> Path | None:
    """Return the path of a missing SQLite archive, which opening would create, else None."""
    path = Path(url.removeprefix("sqlite:///"))
    return path if url.startswith("sqlite:///") and not path.exists() else None


def user_cache_dir() -> Path:
    """Return the cache folder of tools without a site."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "thapcanh"


def centre_name_of(site: Site) -> str:
    """Return a centre's name, which depends on host and data folder."""
    from thapcanh.alerts.store.coordination.session import centre_name

    return centre_name(_folder_id(site_paths_of(site).data_dir))


def _folder_id(folder: Path) -> str:
    """Return a short generated id of the folder; empty if it cannot be stored."""
    path = folder / _ID_FILE
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError):
                create_file(path, secrets.token_hex(3))
        found = path.read_text(encoding="ascii", errors="replace").strip()
        if found and _ID_LENGTH.issuperset(found):
            return found[:12]
    return ""
