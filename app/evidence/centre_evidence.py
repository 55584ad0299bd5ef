"""The evidence store as the centre has it: opened, known by its identity, watched by a thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thapcanh.alerts.evidence.staging import remembered_store_id
from thapcanh.alerts.evidence.store_monitor import StoreIdentity, StoreMonitor
from thapcanh.app.health.store_checks import StoreReport, store_report
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.config.site import Site


class CentreEvidence:
    """Its state may be asked for on any thread, and never waits for the store."""

    def __init__(self, site: Site, spool: Path) -> None:
        """The store's identity is remembered beside the centre's own spool."""
        self.store = site_evidence(site)
        self.identity = StoreIdentity(self.store, remembered_store_id(spool))
        self._monitor = StoreMonitor(self.identity)
        self._data_dir = site.site.data_dir

    def error(self) -> str | None:
        """Why the store cannot be used now."""
        return self._monitor.state().error

    def report(self) -> StoreReport:
        """What the health rounds judge it by."""
        return store_report(self._monitor, self._data_dir)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch the store."""
        self._monitor.start()
        try:
            yield
        finally:
            self._monitor.stop()
