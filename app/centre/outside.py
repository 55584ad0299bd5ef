"""Centre's external connections: targets, SIEM, devices, telephone exchanges, CAP feeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.delivery.outbox.records import TargetState
from thapcanh.alerts.health.status import UnlistedAlarm
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.app.accounts.guess_alarm import GuessFindings
from thapcanh.app.calls.call_retention import call_retention
from thapcanh.app.cap.cap_feeds import CapFeeds
from thapcanh.app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.crews.crew_retention import crew_retention
from thapcanh.app.delivery.mail_pictures import mail_pictures
from thapcanh.app.delivery.service import DeliveryService
from thapcanh.app.delivery.target_health import target_findings
from thapcanh.app.health.health_monitor import HealthCheck
from thapcanh.app.positions.cot_receivers import CotReceivers
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.positions.roads import Roads
from thapcanh.app.positions.track_retention import track_retention
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.process.feature_tasks import BuiltFeature, RetentionRule
from thapcanh.app.siem.siem_sender import SiemSender
from thapcanh.app.signals.device_health import DeviceHealth
from thapcanh.app.signals.device_states import SHARED_EVERY_S, DeviceActivityExchange
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.panels.panel_receivers import PanelReceivers
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.site.feature import features_on
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.app.telephone.service import TelephoneService, exchange_findings
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.ingest.clock import SystemClock

if TYPE_CHECKING:  # a site without links never imports it
    from thapcanh.app.links.link_service import LinkService

SIGNAL_SOURCE = "signals"
_FLUSH_S = 1.0
_DEVICES_S = 2.0
_LOST_CALLS_S = 5.0


class Outside:
    """Made with the centre; runs inside `running`. Signals go into the archive by `transport`."""

    def __init__(
        self,
        archive: Archive,
        site: SiteHolder,
        notifier: ChangeNotifier,
        transport: ArchiveTransport,
        *,
        heard: DeviceActivityExchange,
        leads: Callable[[], bool],
        unlisted: Callable[[], Sequence[UnlistedAlarm]],
    ) -> None:
        clock = self._clock = SystemClock()
        self._notifier = notifier
        self._site = site
        self._database = archive.database
        self._calls = IncomingCallRepository(archive.database)
        self._telephone = TelephoneService(self._calls, site, notifier, clock)
        self._spool = Spool(site_paths_of(site()).spool(SIGNAL_SOURCE), SIGNAL_SOURCE)
        self._publisher = EventPublisher(self._spool, transport)
        self.devices = DevicesInForce(site, DeviceRepository(archive.database), clock)
        signals = SignalRepository(archive.database)
        self.signals = SignalService(self.devices, self._spool, signals, clock)
        self._receivers = PanelReceivers(site, self.signals)
        self._tracks = PositionRepository(archive.database)
        self.positions = PositionService(self._tracks, clock)
        self._cot = CotReceivers(site, self.positions)
        self.roads = Roads(lambda: site().map.roads)
        self._deliveries = DeliveryService(
            archive.database,
            site,
            notifier,
            signals=self.signals,
            positions=self.positions,
            pictures=partial(mail_pictures, archive.database, clock),
            leads=leads,
            unlisted=unlisted,
        )
        self._siem = SiemSender(archive.database, site, leads)
        self._cap_feeds = CapFeeds(archive.database, site, leads, notifier, clock)
        self._devices = DeviceHealth(self.signals, clock)
        self._guesses = GuessFindings(archive.database)
        self._links = _links(archive, site, notifier, leads)
        self._claim_runner = PeriodicRunner(self._tasks(), name="outside")
        self._sharer = PeriodicRunner((self._sharing(heard),), name="heard-devices")

    def built(self) -> BuiltFeature:
        """Return the threads and retention rules of external connections."""
        return BuiltFeature(rules=tuple(self._rules()), running=self.running)

    def _tasks(self) -> tuple[PeriodicTask, ...]:
        return (
            PeriodicTask(name="positions", every_s=_FLUSH_S, run=self.positions.flush),
            PeriodicTask(name="devices", every_s=_DEVICES_S, run=self.devices.poll),
            PeriodicTask(name="folded signals", every_s=_FLUSH_S, run=self.signals.flush),
            PeriodicTask(name="lost calls", every_s=_LOST_CALLS_S, run=self._end_lost_calls),
        )

    def _rules(self) -> list[RetentionRule]:
        calls = call_retention(self._database, self._site, self._notifier, self._clock)
        tracks = track_retention(self._tracks, self._site, self._clock)
        crews = crew_retention(self._database, self._site, self._clock)
        links = [] if self._links is None else self._links.rules()
        return [self.signals.rule(), calls, tracks, crews, self._deliveries.rule(), *links]

    def target_states(self) -> Mapping[str, TargetState]:
        """Return the state of each target some seconds ago. Any thread."""
        return self._deliveries.states()

    def joined(self, services: CentreServices) -> CentreServices:
        """Return the services extended with the external connections."""
        return replace(
            services,
            target_states=self.target_states,
            signals=self.signals,
            positions=self.positions,
            roads=self.roads,
            links=self._links,
        )

    def findings(self, now: float) -> list[HealthCheck]:
        """Return problems of targets, devices and exchanges, for the health thread."""
        findings = target_findings(self.target_states(), now)
        others = (*self._devices.findings(), *exchange_findings(self._telephone.states()))
        others = (*others, *self._siem.findings(), *self._cap_feeds.findings())
        links = [] if self._links is None else self._links.findings(now)
        return [*findings, *others, *links, *self._guesses.findings(now)]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start every thread; stop them in the opposite order, then close the spool."""
        self.devices.poll()
        self._publisher.start()
        self._receivers.start()
        self._cot.start()
        self._deliveries.start()
        self._telephone.start()
        self._siem.start()
        self._cap_feeds.start()
        self._claim_runner.start()
        self._sharer.start()
        if self._links is not None:
            self._links.start()
        try:
            yield
        finally:
            if self._links is not None:
                self._links.stop()
            self._sharer.stop()
            self._claim_runner.stop()
            self._cap_feeds.stop()
            self._siem.stop()
            self._telephone.stop()
            self._deliveries.stop()
            self._cot.stop()
            self._receivers.stop()
            self._publisher.stop()
            self.positions.flush()
            self.roads.close()
            self._spool.close()

    def _sharing(self, heard: DeviceActivityExchange) -> PeriodicTask:
        """Return the sharing task, on its own thread because the queue may be unavailable."""
        share = partial(self.signals.heard.share, heard)
        return PeriodicTask(name="heard devices", every_s=SHARED_EVERY_S, run=share)

    def _end_lost_calls(self) -> None:
        if self._calls.end_lost(self._clock.utc()):
            self._notifier.notify()


def _links(
    archive: Archive, site: SiteHolder, notifier: ChangeNotifier, leads: Callable[[], bool]
) -> "LinkService | None":
    """Return the links of a site that has the feature."""
    if "links" not in features_on(site()):
        return None
    from thapcanh.app.links.link_service import LinkService

    return LinkService(
        archive.database, site, lambda: site_evidence(site()), notifier.notify, leads=leads
    )
