"""The centre process: events from the queue into the archive, screens and web API out."""

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from thapcanh.alerts.alert.agreement import AgreementSettings
from thapcanh.alerts.alert.deduplication import DedupSettings
from thapcanh.alerts.health.status import UnlistedAlarms
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.lifecycle.nearby_reports import AreaSettings
from thapcanh.alerts.lifecycle.policy import AlertPolicy
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.coordination.session import application_of
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.weather.wide_weather import WeatherSettings
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre import centre
from thapcanh.app.centre.centre_membership import CentreMembership
from thapcanh.app.centre.features import CentreParts, built_features
from thapcanh.app.centre.intake import Intake
from thapcanh.app.centre.outside import Outside
from thapcanh.app.centre.periodic_tasks import at_work, runners
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.evidence.centre_evidence import CentreEvidence
from thapcanh.app.health.health_tasks import SOURCE
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask
from thapcanh.app.process.first_secret import PASSWORD_VARIABLE, pop_from_environment
from thapcanh.app.process.resources import TIDY_EVERY_S, MemoryManager
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.site.site_stores import site_queue
from thapcanh.app.web_api.access.credentials import ensure_first_admin, print_first_password
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets, stored_secrets
from thapcanh.app.web_api.access.passwords.process import PasswordProcess
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.site import LearnedSuppressionConfig, Site
from thapcanh.ingest.clock import SystemClock


def archive_settings(quiet: LearnedSuppressionConfig) -> AlertPolicy:
    """Return the archive's policy with the site's settings for rejected places."""
    return AlertPolicy(
        episode=DedupSettings(
            quiet_after_rejection_s=quiet.after_rejection_s,
            surer_by=quiet.surer_by,
            agrees_within_m=quiet.agrees_within_m,
        ),
        area=AreaSettings(agreement=AgreementSettings(within_m=quiet.agrees_within_m)),
    )


def secrets_of_factors(site: Site, database: Database) -> FactorSecrets:
    """Code generators' secrets, with the key that the site names or its data folder holds."""
    key = site.centre.second_factor_key or site_paths_of(site).second_factor_key
    return stored_secrets(key, database)


log = logging.getLogger(__name__)
RELOAD_EVERY_S = 1.0


class Centre:
    """Everything the centre owns, made but not started."""

    def __init__(self, configuration: ConfigWatch) -> None:
        site = configuration.site
        self._configuration = configuration
        self._reloading, self._queue = threading.Lock(), site_queue(site)
        self._holder, self._notifier = SiteHolder(site), ChangeNotifier()
        self._place = CentreMembership(site, self._notifier.notify)
        rules = centre.archive_settings(site.quiet_places)
        self._archive = site_archive(
            site, settings=rules, makes_key=True, application=application_of(self._place.name)
        )
        password = pop_from_environment(PASSWORD_VARIABLE)
        print_first_password(ensure_first_admin(self._archive, password))
        self._intake = Intake(
            self._archive,
            self._holder,
            rules.area.weather,
            device_of=self._device,
            links=lambda: self._live.links,
            reload=self._reload,
        )
        self._consumer = self._intake.consumer(
            self._queue, self._notifier.notify, self._place.leads
        )
        self._board = CameraBoard(self._queue.worker_states, self._holder, SystemClock())
        self._spool = Spool(site_paths_of(site).spool(SOURCE), SOURCE)
        outlet = ArchiveTransport(
            self._archive, self._intake.facts, notify=lambda _: self._notifier.notify()
        )
        self._publisher = EventPublisher(self._spool, outlet)
        self._evidence = CentreEvidence(site, self._spool.path)
        self._unlisted = UnlistedAlarms(site_paths_of(site).alarms, self._place.leads)
        self._outside = Outside(
            self._archive,
            self._holder,
            self._notifier,
            outlet,
            heard=self._queue.devices,
            leads=self._place.leads,
            unlisted=self._unlisted,
        )
        self.app = create_app(self._outside.joined(self._services()))
        self._live: LiveView = self.app.state.here.part(LiveView)
        self._features = self._all_features(outlet, rules.area.weather)

    def _all_features(
        self, outlet: ArchiveTransport, weather: WeatherSettings
    ) -> list[BuiltFeature]:
        has = CentreParts(
            configuration=self._configuration,
            site=self._holder,
            archive=self._archive,
            queue=self._queue,
            spool=self._spool,
            outlet=outlet,
            bell=self._notifier,
            place=self._place,
            unlisted=self._unlisted,
            board=self._board,
            density=self._intake.density,
            weather=weather,
            evidence=self._evidence,
            outside=self._outside,
            live=self._live,
            ptz=self.app.state.here.part(PtzController),
        )
        return [self._own(), *built_features(has)]

    def _device(self, name: str) -> DeviceConfig | None:
        return self._outside.devices.find(name)

    def _services(self) -> CentreServices:
        site = self._configuration.site
        return CentreServices(
            archive=self._archive,
            evidence=self._evidence.store,
            store_error=self._evidence.error,
            site=self._holder,
            cameras=self._board,
            read_figures=self._queue.camera_figures,
            read_listed_figures=self._queue.listed_figures,
            clock=SystemClock(),
            bell=self._notifier,
            passwords=PasswordProcess(),
            factor_secrets=centre.secrets_of_factors(site, self._archive.database),
            web_dist=Path(__file__).parents[1] / "web_dist",
            docs_dist=Path(__file__).parents[1] / "docs_dist",
            host_names=site.centre.host_names,
            stages=self._intake.stages,
            read_depth=self._queue.depth,
            queue_takes_none=self._queue.stream.is_full,
            consumer_stats=self._consumer.stats,
            centres=self._place.living(self._archive),
            expected_centres=self._place.expected,
            unlisted_alarms=self._unlisted,
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start everything that has a thread; stop it in the opposite order, then close."""
        with ExitStack() as stack:
            stack.callback(self._queue.close)
            stack.callback(self._archive.close)
            stack.callback(self._spool.close)
            stack.enter_context(self._place.running(self._archive))
            self._publisher.start()
            stack.callback(self._publisher.stop)
            self._consumer.start()
            stack.callback(self._consumer.stop)
            stack.enter_context(self._evidence.running())
            for feature in self._features:
                stack.enter_context(feature.running())
            stack.enter_context(at_work(runners(self._features, self._place.leads)))
            log.info("the centre's parts run")
            yield
        log.info("stopped")

    def _own(self) -> BuiltFeature:
        archive = self._archive.database
        memory = MemoryManager(refreezes_once=True, shrink=archive.give_memory_back)
        rounds = (
            ("configuration", RELOAD_EVERY_S, self._reload),
            ("memory", TIDY_EVERY_S, memory.round),
        )
        return BuiltFeature(
            rounds=tuple(
                CentreTask(name=name, every_s=every_s, run=run, everywhere=True)
                for name, every_s, run in rounds
            )
        )

    def _reload(self) -> None:
        with self._reloading:
            if (change := self._configuration.poll()) is not None:
                self._holder.replace(change[0])
            self._holder.refused_since = self._configuration.refused_since
