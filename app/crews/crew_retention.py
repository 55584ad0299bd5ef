"""Retention of crews' photos and videos, in days after their incident."""

from collections.abc import Callable

from thapcanh.alerts.crews.crew_files import delete_files
from thapcanh.alerts.store.database import Database
from thapcanh.app.process.feature_tasks import RetentionRule
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

_EVERY_S = 600.0
_DAY_S = 24 * 3600.0


def crew_retention(database: Database, site: Callable[[], Site], clock: Clock) -> RetentionRule:
    """Return the rule, which follows the configuration in force."""

    def run() -> None:
        now = clock.utc()
        while delete_files(database, now - site().retention.crew_days * _DAY_S, now):
            pass

    return RetentionRule(name="crews", every_s=_EVERY_S, run=run)
