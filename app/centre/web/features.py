"""List of what each feature makes for its own routes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi.concurrency import run_in_threadpool

from thapcanh.app.calls.sent_media import OfCrews, OfStrangers
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.cameras.camera_list import CameraTexts
from thapcanh.app.cameras.probe_routes import Prober
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.exports.jobs import ExportJobs
from thapcanh.app.health.health_routes import Liveness
from thapcanh.app.imports.file_reader import FileReader, ImportPlaces
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.ptz.acts import PtzActLog
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.sightings.search_routes import SearchRate
from thapcanh.app.site.site_paths import centre_name_of, site_paths_of
from thapcanh.app.site.site_stores import SiteRecordings
from thapcanh.app.stream.change_feed import ChangeFeed
from thapcanh.app.stream.change_source import ArchiveChanges, CameraNews
from thapcanh.app.stream.heartbeat import EventIntake, HeartbeatSource
from thapcanh.app.trials.rule_trial import RuleTrials
from thapcanh.app.viewings.viewing_log import ViewingLog
from thapcanh.app.walls.walls import Walls
from thapcanh.app.web_api.access.directory import Directory
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.oidc_client import OidcClient
from thapcanh.app.web_api.access.second_factors import SecondFactors
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions
from thapcanh.app.web_api.people import People


class Features:
    """Features' parts of one app. `parts` is what routes request, by type."""

    def __init__(
        self,
        services: CentreServices,
        people: People,
        verified: VerifiedSessions,
        liveness: Liveness,
    ) -> None:
        site, archive, clock = services.site, services.archive, services.clock
        sessions = Sessions(archive, verified)
        self.live = LiveView(site, clock, settings=services.live)
        self._liveness, self._sessions, self._clock = liveness, sessions, clock
        self._exports = ExportJobs(
            lambda: site_paths_of(site()).cache_dir / "exports",
            clock.monotonic,
            centre=lambda: centre_name_of(site()),
        )
        self._ptz_log = PtzActLog(archive.database, clock.utc)
        self._ptz = PtzController(site, clock.monotonic, self._ptz_log.note)
        texts, self._trials = CameraTexts(services.cameras), RuleTrials()
        changes = ArchiveChanges(archive, people, clock, services.stages)
        full, counts = services.queue_takes_none, services.consumer_stats
        intake = EventIntake(services.centres, clock, full, counts)
        pulse = HeartbeatSource(services, services.cameras, intake)
        news = CameraNews(services.cameras, texts, self.live.sending)
        self.feed = ChangeFeed(changes, services.bell, pulse, services.feed, news)
        factors = SecondFactors(archive, clock.utc, services.factor_secrets)
        parts = (
            *(texts, changes, intake, pulse, self.feed, sessions, factors),
            *(self.live, self._liveness, self._trials, self._exports, self._ptz),
            _login_service(services, sessions, factors),
            OidcClient(site, archive, clock.utc),
            Walls(archive, sessions, services.passwords, clock),
            ViewingLog(archive, clock.utc),
            services.factor_secrets,
            Prober(site, clock),
            SiteRecordings(site),
            SearchRate(clock),
            FileReader(),
            ImportPlaces(),
            OfStrangers(),
            OfCrews(),
        )
        self.parts: dict[type, object] = {type(part): part for part in parts}
        self.parts[CameraBoard] = services.cameras
        for service in (services.signals, services.positions, services.roads, services.links):
            if service is not None:
                self.parts[type(service)] = service

    async def end_session(self, session: str) -> None:
        """End at once what a session has open."""
        self.feed.end_session(session)
        await run_in_threadpool(self._exports.end_session, session)
        await self.live.end_session(session)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start what has a thread or a task of its own; close everything at the end."""
        async with AsyncExitStack() as stack:
            await run_in_threadpool(self._sessions.load, self._clock.utc())
            stack.callback(self._exports.close)
            stack.callback(self._trials.close)
            await self.feed.start()
            stack.push_async_callback(self.feed.close)
            stack.push_async_callback(self.live.close)
            self._ptz_log.start()
            stack.push_async_callback(self._ptz_log.close)
            self._ptz.start()
            stack.push_async_callback(self._ptz.close)
            self._exports.open()
            self._liveness.start()
            stack.callback(self._liveness.close)
            yield


def _login_service(
    services: CentreServices, sessions: Sessions, factors: SecondFactors
) -> LoginService:
    archive, directory = services.archive, Directory(services.site, services.archive)
    return LoginService(
        archive, sessions, services.passwords, services.clock, factors, directory=directory
    )
