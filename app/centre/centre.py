"""The centre process: events from the queue into the archive, screens and web API out.

Threads: consumer, housekeeper (leases, retention, reload), system watch and publisher, drills and
recorder, the web server's.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from alerts.alert.records import CameraFacts
from alerts.evidence.keeping.kept_cases import RetentionRepository
from alerts.evidence.staging import remembered_store_id
from alerts.evidence.store_monitor import StoreIdentity, StoreMonitor
from alerts.incidents.escalation import escalate_due
from alerts.lifecycle.archive import Archive
from alerts.lifecycle.archive_transport import ArchiveTransport
from alerts.lifecycle.consumer import Consumer
from alerts.queue.publisher import EventPublisher
from alerts.queue.sender_check import SenderCheck
from alerts.queue.spool import Spool
from alerts.queue.stage_times import StageTimes
from alerts.suppression.shelvings import ShelvingRepository
from alerts.weather.wide_weather import WeatherSettings
from app.calls.attention.attention_plan import AttentionRounds
from app.calls.attention.clear_view_rounds import CameraSources, ClearViewRounds
from app.cameras.camera_board import CameraBoard
from app.centre import site_settings
from app.centre.known_site import camera_facts, known_site
from app.centre.outside import Outside
from app.centre.owner_rounds import OwnerRounds
from app.centre.periodic_tasks import retention_runners
from app.centre.several.one_of_centres import OneOfCentres
from app.centre.several.rounds import WATCH_EVERY_S, CentreRounds, runners
from app.centre.web.application import create_app
from app.centre.web.centre_services import CentreServices
from app.coverage.coverage_recorder import CoverageRecorder
from app.drills.runner import SOURCE as DRILL_SOURCE
from app.drills.runner import DrillPaths, DrillRunner
from app.evidence.log_heads import LogHeadSender
from app.evidence.retention_run import RetentionRun
from app.health.health_rounds import SOURCE, HealthRounds
from app.health.store_checks import store_report
from app.live.live_view import LiveView
from app.phones.phone_cameras import PhoneCameraPublisher
from app.process.change_notifier import ChangeNotifier
from app.process.retention_rule import RetentionRule
from app.ptz.ptz_desk import PtzDesk
from app.ptz.ptz_rounds import PtzRounds
from app.recordings.recording_retention import RecordingRetention
from app.registry.config_watch import ConfigWatch
from app.site.site_paths import archive_url, site_paths_of
from app.site.site_stores import site_evidence, site_queue
from app.suppression.habit_rounds import HabitRounds
from app.watch_areas.watch_area_rounds import WatchAreaRounds
from app.weather.weather_rounds import CameraDensity, WeatherRounds
from app.web_api.access.credentials import ensure_first_admin, tell_first_password
from app.web_api.access.passwords.process import PasswordProcess
from app.web_api.app_state import SiteHolder
from config.site import Site
from ingest.clock import SystemClock

log = logging.getLogger(__name__)
CHANGES_KEPT_S = 7 * 24 * 3600.0  # a screen away for longer reloads everything
KEYS_KEPT_S = 24 * 3600.0  # a command repeated later than this is a new one


class Centre:
    """Everything the centre owns, made but not started."""

    def __init__(self, configuration: ConfigWatch) -> None:
        site = configuration.site
        self._configuration = configuration
        self._reloading, self._queue = threading.Lock(), site_queue(site)
        self._holder, self._bell = SiteHolder(site), ChangeNotifier()
        self._place = OneOfCentres(site, self._bell.notify)
        rules = site_settings.archive_settings(site.quiet_places)
        self._archive = Archive(archive_url(site), settings=rules)
        self._density = CameraDensity(self._holder, rules.area.weather)
        tell_first_password(ensure_first_admin(self._archive, os.environ))
        stages, self._evidence, rows = StageTimes(), site_evidence(site), self._archive.database
        self._consumer = self._made_consumer(stages)
        self._board = CameraBoard(self._queue.worker_states, self._holder, SystemClock())
        self._coverage = CoverageRecorder(rows, self._board, time.time, self._place.term)
        self._spool = Spool(site_paths_of(site).spool(SOURCE), SOURCE)
        self._habits = HabitRounds(self._archive.database, self._queue.habits, time.time)
        self._weather = self._weather_rounds(rules.area.weather)
        outlet = ArchiveTransport(self._archive, self._facts, notify=lambda _: self._bell.notify())
        self._publisher, self._watch = EventPublisher(self._spool, outlet), self._health_rounds()
        self._identity = StoreIdentity(self._evidence, remembered_store_id(self._spool.path))
        self._store_monitor = StoreMonitor(self._identity)
        self._heads = LogHeadSender(self._holder, self._archive.database, time.time)
        self._outside = Outside(self._archive, self._holder, self._bell, outlet, self._place.leads)
        self._device_of = self._outside.devices.find
        self._attention = AttentionRounds(rows, self._queue.calls, self._holder, self._device_of)
        self._clear_views = self._clear_view_rounds()
        self._ptz = PtzRounds(self._queue.turned, lambda: self.app.state.here.part(PtzDesk))
        self._areas = WatchAreaRounds(self._archive.database, self._holder, time.time)
        self._retention = RetentionRun(
            RetentionRepository(self._archive.database), self._evidence, self._holder,
            self._store_error, self._areas.retentions,
        )  # fmt: skip
        self._drill_spool = Spool(site_paths_of(site).spool(DRILL_SOURCE), DRILL_SOURCE)
        self._drills = self._drill_runner(site_paths_of(site).cache_dir, outlet)
        self.listen = site_settings.listen_on(site.centre)
        self.app = create_app(self._outside.joined(self._services(site, stages)))
        live: LiveView = self.app.state.here.part(LiveView)
        self._links = live.links
        self._phones = PhoneCameraPublisher(
            self._queue.phone_list,
            live.sending,
            lambda link: site_settings.feed_address(site, link, live.feed_key),
            pin=site_settings.own_fingerprint(site),
            centre=self._place.name,
        )

    def _weather_rounds(self, settings: WeatherSettings) -> WeatherRounds:
        database, terms = self._archive.database, self._place.terms(self._archive, self._spool)
        return WeatherRounds(database, self._spool, self._density, time.time, settings, terms=terms)

    def _clear_view_rounds(self) -> ClearViewRounds:
        cameras = CameraSources(
            board=self._board,
            figures=self._queue.camera_figures,
            looking_harder=self._attention.looking_harder,
        )
        rows, site = self._archive.database, self._holder
        return ClearViewRounds(rows, cameras, site, self._device_of)

    def _made_consumer(self, stages: StageTimes) -> Consumer:
        return Consumer(
            self._queue,
            self._archive,
            self._facts,
            notify=lambda _: self._bell.notify(),
            stages=stages,
            check=SenderCheck(known_site(self._holder, self._archive.database, self._is_camera)),
            may_take=self._place.leads,
        )

    def _store_error(self) -> str | None:
        return self._store_monitor.state().error

    def _health_rounds(self) -> HealthRounds:
        data_dir = self._configuration.site.site.data_dir
        return HealthRounds(
            self._queue,
            self._archive,
            self._spool,
            self._configuration,
            read_workers=lambda: self._board.workers(WATCH_EVERY_S / 2),
            read_store=lambda: store_report(self._store_monitor, data_dir),
            outside=lambda at: [*self._outside.signs(at), *self._ptz.signs(), *self._place.signs()],
            terms=self._place.terms(self._archive, self._spool),
        )

    def _drill_runner(self, cache_dir: Path, outlet: ArchiveTransport) -> DrillRunner:
        places = DrillPaths(
            store=self._evidence, spool=self._drill_spool, cache_dir=cache_dir,
            identity=self._identity,
        )  # fmt: skip
        return DrillRunner(self._archive, outlet, places, self._holder, notify=self._bell.notify)

    def _services(self, site: Site, stages: StageTimes) -> CentreServices:
        return CentreServices(
            archive=self._archive,
            evidence=self._evidence,
            store_error=self._store_error,
            site=self._holder,
            cameras=self._board,
            read_figures=self._queue.camera_figures,
            clock=SystemClock(),
            bell=self._bell,
            passwords=PasswordProcess(),
            factor_secrets=site_settings.secrets_of_factors(site, self._archive.database),
            web_dist=Path(__file__).parents[1] / "web_dist",
            docs_dist=Path(__file__).parents[1] / "docs_dist",
            host_names=site.centre.host_names,
            stages=stages,
            read_depth=self._queue.depth,
            queue_is_used_up=self._queue.stream.is_used_up,
            consumer_stats=self._consumer.stats,
            centres=self._place.living(self._archive),
            expected_centres=self._place.expected,
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start everything that has a thread; stop it in the opposite order, then close."""
        with ExitStack() as stack:
            stack.callback(self._queue.close)
            stack.callback(self._archive.close)
            stack.callback(self._spool.close)
            stack.callback(self._drill_spool.close)
            stack.enter_context(self._place.running(self._archive))
            self._publisher.start()
            stack.callback(self._publisher.stop)
            self._consumer.start()
            stack.callback(self._consumer.stop)
            self._store_monitor.start()
            stack.callback(self._store_monitor.stop)
            stack.enter_context(self._outside.running())
            self._drills.start()
            stack.callback(self._drills.stop)
            leads = self._place.leads
            by_clock = runners(self._rounds(), leads)
            for runner in (*by_clock, *retention_runners(self.retention_rules(), leads)):
                runner.start()
                stack.callback(runner.stop)
            log.info("centre serves on %s:%d", self.listen.host, self.listen.port)
            yield
        log.info("stopped")

    def _facts(self, camera_id: str) -> CameraFacts | None:
        return camera_facts(camera_id, self._holder, self._links, self._density, self._device_of)

    def _rounds(self) -> CentreRounds:
        return CentreRounds(
            reload=self._reload,
            phones=self._phones.round,
            turned=self._ptz.round,
            calls=self._attention.round,
            clear_views=self._clear_views.round,
            leases=self._expire_leases,
            habits=self._habits.round,
            weather=self._weather.round,
            areas=self._areas.round,
            owners=OwnerRounds(self._archive.database, self._holder, time.time).round,
            coverage=self._coverage.round,
            log_heads=self._heads.round,
            watch=self._watch.round,
            drills=self._drills.round,
        )

    def _is_camera(self, camera_id: str) -> bool:
        """A worker may have read a new camera before us: we look before we say no."""
        if self._facts(camera_id) is None:
            self._reload()
        return self._device_of(camera_id) is None and self._facts(camera_id) is not None

    def _reload(self) -> None:
        with self._reloading:
            if (change := self._configuration.poll()) is not None:
                self._holder.replace(change[0])
            self._holder.refused_since = self._configuration.refused_since

    def _expire_leases(self) -> None:
        """And the shelves whose time is over: both are heard again."""
        now, database = time.time(), self._archive.database
        over, late = ShelvingRepository(database).end_due(now), escalate_due(database, now)
        if self._archive.expire_leases(now) or over or late:
            self._bell.notify()

    def retention_rules(self) -> list[RetentionRule]:
        """What is deleted by the clock, a rule a feature."""
        recordings = RecordingRetention(self._holder, time.time)
        return [
            RetentionRule(name="changes, keys, sessions", every_s=600.0, run=self._forget),
            self._coverage.rule(),
            self._retention.rule(),
            recordings.rule(),
            *self._outside.retention_rules(),
        ]

    def _forget(self) -> None:
        now = time.time()
        self._archive.forget_old(now, changes_kept_s=CHANGES_KEPT_S, keys_kept_s=KEYS_KEPT_S)
