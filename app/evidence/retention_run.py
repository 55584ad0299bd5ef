"""Deletes the evidence whose time is over, by the configuration in force.

Runs on a thread of its own: a store that hangs holds up deletion and nothing else.
"""

import logging
import time
from collections.abc import Callable, Sequence

from thapcanh.alerts.alert.records import OwnRetention
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.evidence.keeping.retention import (
    EvidenceRetention,
    RetentionArchive,
    RetentionSettings,
)
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.store.database import Database
from thapcanh.app.process.feature_tasks import BuiltFeature, RetentionRule
from thapcanh.config.site import Site

log = logging.getLogger(__name__)


def build(
    database: Database,
    store: EvidenceStore,
    site: Callable[[], Site],
    store_error: Callable[[], str | None],
    own: Callable[[], Sequence[OwnRetention]],
) -> BuiltFeature:
    """Evidence whose time is over. A store may hang."""
    archive = RetentionRepository(database)
    run = RetentionRun(archive, store, site, store_error, own).run
    rule = RetentionRule(name="evidence", every_s=300.0, run=run, may_hang=True)
    return BuiltFeature(rules=(rule,))


class RetentionRun:
    """Deletion of expired evidence; each `run` is one pass."""

    def __init__(
        self,
        archive: RetentionArchive,
        store: EvidenceStore,
        site: Callable[[], Site],
        store_error: Callable[[], str | None],
        own: Callable[[], Sequence[OwnRetention]] = tuple,
    ) -> None:
        """Create the task; `store_error` returns why the store is unusable, without querying it.

        `own` are the retentions of temporary watch areas, read again in each run.
        """
        self._archive = archive
        self._store = store
        self._site = site
        self._store_error = store_error
        self._own = own

    def run(self) -> None:
        """Delete what may go; wait for the next round where the store cannot be used."""
        if (error := self._store_error()) is not None:
            log.warning("retention waits: %s", error)
            return
        retention = self._site().retention
        settings = RetentionSettings(
            confirmed_days=retention.confirmed_days,
            rejected_days=retention.rejected_days,
            budget_bytes=int(retention.budget_gb * 1e9),
            own=tuple(self._own()),
        )
        report = EvidenceRetention(self._archive, self._store, settings).run(time.time())
        if report.deleted:
            log.info("retention: %d cases, %d MB", report.deleted, report.freed_bytes // 1_000_000)
        if report.short_bytes:
            log.error(
                "evidence is %d MB over its budget and only open or held alerts are left: "
                "close alerts, end holds, or raise [retention] budget_gb",
                report.short_bytes // 1_000_000,
            )
