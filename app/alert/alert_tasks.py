"""Periodic tasks of alerts: end shelving, expire leases and delete old change records."""

import time
from collections.abc import Callable

from thapcanh.alerts.incidents.escalation import escalate_due
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.suppression.shelvings import ShelvingRepository
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, RetentionRule

LEASES_EVERY_S = 1.0  # a lease that ran out sounds again within this
CHANGES_RETAINED_S = 7 * 24 * 3600.0  # a screen away for longer reloads everything
KEYS_RETAINED_S = 24 * 3600.0  # a command repeated later than this is a new one


def build(archive: Archive, notify: Callable[[], None]) -> BuiltFeature:
    """Return the tasks that expire leases, shelves and incidents and delete old changes."""

    def expire() -> None:
        now, database = time.time(), archive.database
        over, late = ShelvingRepository(database).end_due(now), escalate_due(database, now)
        if archive.expire_leases(now) or over or late:
            notify()

    def forget() -> None:
        now = time.time()
        archive.delete_old(now, changes_kept_s=CHANGES_RETAINED_S, keys_kept_s=KEYS_RETAINED_S)

    return BuiltFeature(
        rounds=(CentreTask(name="leases", every_s=LEASES_EVERY_S, run=expire),),
        rules=(RetentionRule(name="changes, keys, sessions", every_s=600.0, run=forget),),
    )
