"""Links at work in one centre: reports and pictures on their way, the calling, the findings.

Without a link it looks once in two seconds whether there is one.
"""

import logging
from collections.abc import Callable

from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.links.link_pictures import SitePictureRepository
from thapcanh.alerts.links.outgoing import OutgoingReports
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.health.health_monitor import HealthCheck
from thapcanh.app.links.link_caller import LinkCaller
from thapcanh.app.links.link_door import LinkDoor
from thapcanh.app.links.link_health import link_findings
from thapcanh.app.links.link_way import LinkWay
from thapcanh.app.links.small_pictures import SmallPictures
from thapcanh.app.process.feature_tasks import RetentionRule
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
LOOK_S = 0.5
_IDLE_S = 2.0
_PICTURE_RETENTION_S = 30 * 86_400.0


class LinkService:
    """Links of one centre; `running` starts and ends its threads."""

    def __init__(
        self,
        database: Database,
        site: Callable[[], Site],
        store: Callable[[], EvidenceStore],
        notify: Callable[[], object],
        *,
        leads: Callable[[], bool] = lambda: True,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self.way = LinkWay(database, self._clock, notify)
        self.door = LinkDoor(self.way)
        self.caller = LinkCaller(self.way, site, leads, SystemClock())
        self._leads = leads
        self._reports = OutgoingReports(database)
        self._pictures = SmallPictures(self.way, store, site)
        self._stored = SitePictureRepository(database)
        self._thread = StoppableThread(self._run, "links", SystemClock())
        self._began = self._clock.monotonic()

    def rules(self) -> list[RetentionRule]:
        """Return the retention of lower sites' pictures, and of events that were read."""
        return [RetentionRule(name="linked sites' pictures", every_s=600.0, run=self._delete_old)]

    def findings(self, now: float) -> list[HealthCheck]:
        """Return what is wrong with the links, for the health thread."""
        up_s = self._clock.monotonic() - self._began
        return link_findings(self.way.repository.live(), now, up_s, self.caller.error)

    def start(self) -> None:
        self._began = self._clock.monotonic()
        self._thread.start()
        self.caller.start()

    def stop(self) -> None:
        """End; what waits goes after the next start. Twice is fine."""
        self._thread.request_stop()
        self.caller.stop()
        self._thread.stop()

    def round(self) -> bool:
        """Put on its way what is new; return whether there is a link."""
        if not self._leads() or not self.way.repository.live():
            return False
        if self._reports.route(self.way.now()) + self._pictures.send():
            self.caller.wake()
        return True

    def _run(self) -> None:
        wait_s = 0.0
        while not self._thread.pause(wait_s):
            wait_s = _IDLE_S
            try:
                wait_s = LOOK_S if self.round() else _IDLE_S
            except AlertsError as error:
                log.warning("links: %s", error)
            except Exception:  # outermost line of the thread
                log.exception("links: unexpected")

    def _delete_old(self) -> None:
        self._stored.delete_old(self.way.now() - _PICTURE_RETENTION_S)
        self._reports.delete_read()
