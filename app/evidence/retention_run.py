"""Deletes the evidence whose time is over, by the configuration in force.

Runs on a thread of its own: a store that hangs holds up deletion and nothing else.
"""

import logging
import time
from collections.abc import Callable, Sequence

from alerts.alert.records import OwnRetention
from alerts.evidence.keeping.retention import EvidenceRetention, RetentionArchive, RetentionSettings
from alerts.evidence.stores.store import EvidenceStore
from app.process.retention_rule import RetentionRule
from config.site import Site

log = logging.getLogger(__name__)


class RetentionRun:
    """One round of deletion, whenever `run` is called."""

    def __init__(
        self,
        archive: RetentionArchive,
        store: EvidenceStore,
        site: Callable[[], Site],
        store_error: Callable[[], str | None],
        own: Callable[[], Sequence[OwnRetention]] = tuple,
    ) -> None:
        """`store_error` says why the store cannot be used now, without asking it.

        `own` are the retentions of temporary watch areas, read anew in each round.
        """
        self._archive = archive
        self._store = store
        self._site = site
        self._store_error = store_error
        self._own = own

    def rule(self) -> RetentionRule:
        """Every five minutes; a store may hang."""
        return RetentionRule(name="evidence", every_s=300.0, run=self.run, may_hang=True)

    def run(self) -> None:
        """Delete what may go; wait for the next round where the store cannot be used."""
        if (error := self._store_error()) is not None:
            log.warning("retention waits: %s", error)
            return
        wanted = self._site().retention
        settings = RetentionSettings(
            confirmed_days=wanted.confirmed_days,
            rejected_days=wanted.rejected_days,
            budget_bytes=int(wanted.budget_gb * 1e9),
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
