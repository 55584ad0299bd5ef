"""What entries of the stream are judged by: the site in force, the archive, the workers' keys."""

from collections.abc import Callable, Collection

from alerts.alert.event_rows import raised_by
from alerts.queue.sender_check import SenderKnowledge
from alerts.queue.workers.worker_keys import WorkerKeys
from alerts.store.database import Database
from app.site.site_paths import site_paths_of
from config.site import Site
from detection.rules.registry import registry

_SHIPPED = ("fire", "smoke", "person", "bicycle", "motorcycle", "car", "bus", "truck")


def known_site(
    site: Callable[[], Site], database: Database, is_camera: Callable[[str], bool]
) -> SenderKnowledge:
    """What the centre knows, asked again for each entry."""
    return SenderKnowledge(
        is_camera=is_camera,
        labels=lambda: known_labels(site()),
        raised_by=lambda event_ids: raised_by(database, event_ids),
        key_of=WorkerKeys(site_paths_of(site()).worker_keys_dir).find,
        signed_only=lambda: site().queue.signed_only,
    )


def known_labels(site: Site) -> Collection[str]:
    """What a detection may be called: by shipped models, by kinds of rule, by the site's rules."""
    own = (name for kind in registry().kinds.values() for name in kind.labels)
    named = (name for rule in site.rules for name in getattr(rule, "classes", ()))
    return {*_SHIPPED, *own, *named}
