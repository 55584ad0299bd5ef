"""Evidence store of the centre, with its identity and a monitoring thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thapcanh.alerts.evidence.staging import remembered_store_id
from thapcanh.alerts.evidence.store_monitor import StoreIdentity, StoreMonitor
from thapcanh.app.health.store_checks import StoreReport, store_report
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.config.site import Site


class CentreEvidence:
    """Evidence store whose state can be read on any thread without waiting for it."""

    def __init__(self, site: Site, spool: Path) -> None:
        """Open the store; its identity is stored beside the centre's spool."""
        self.store = site_evidence(site)
        self.identity = StoreIdentity(self.store, remembered_store_id(spool))
        self._monitor = StoreMonitor(self.identity)
        self._data_dir = site.site.data_dir

    def error(self) -> str | None:
        """Return why the store is unusable now, or None."""
        return self._monitor.state().error

    def report(self) -> StoreReport:
        """Return the report for health checks."""
        return store_report(self._monitor, self._data_dir)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._monitor.start()
        try:
            yield
        finally:
            self._monitor.stop()
