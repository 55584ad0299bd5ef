"""`create_app` puts the API together: parts, routes, layers, and the life of the change feed.

Nothing is opened or started until the server starts the app.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import FastAPI

from app.accounts import account_routes
from app.alert import alert_routes, bulk_routes, history_routes
from app.calls import call_routes, incoming_routes, redaction_routes
from app.cameras import camera_routes, probe_routes, shape_routes
from app.cameras.camera_texts import CameraTexts
from app.cameras.prober import Prober
from app.centre.web import front_end
from app.coverage import coverage_routes
from app.delivery import delivery_routes
from app.drills import drill_routes
from app.evidence import evidence_routes, hold_routes
from app.exports import export_routes
from app.exports.jobs import ExportJobs
from app.facilities import document_routes, facility_import_routes, facility_routes
from app.health import health_routes, metrics_routes
from app.health.liveness import Liveness
from app.incidents import (
    alert_incident_routes,
    cap_routes,
    command_routes,
    detail_routes,
    incident_routes,
    run_card_routes,
    unit_routes,
)
from app.live import live_routes
from app.live.live_view import LiveView
from app.map import map_routes, nearby_routes, site_routes
from app.phones import phone_feed_routes, phone_routes
from app.ptz import ptz_neighbour_routes, ptz_routes
from app.ptz.acts import PtzActLog
from app.ptz.ptz_desk import PtzDesk
from app.recordings import recording_hold_routes, recording_routes
from app.registry import history_routes as history_routes_of_registry
from app.registry import registry_routes
from app.registry.discovery import discover_routes
from app.reports import report_routes, situation_routes
from app.shifts import roster_routes, shift_routes
from app.sightings import search_routes
from app.signals import signal_routes
from app.site.site_paths import centre_name_of, site_paths_of
from app.site.site_recordings import SiteFilm
from app.stream import stream_routes
from app.stream.camera_news import CameraNews
from app.stream.change_feed import ChangeFeed
from app.stream.change_source import ArchiveChanges
from app.stream.event_intake import EventIntake
from app.stream.heartbeat import HeartbeatSource
from app.suppression import habit_routes, nuisance_routes, shelving_routes
from app.trials import trial_routes
from app.trials.rule_trial import RuleTrials
from app.viewings import viewing_routes
from app.viewings.viewing_log import ViewingLog
from app.walls import wall_routes
from app.walls.walls import Walls
from app.watch_areas import watch_area_routes
from app.web_api import errors
from app.web_api.access import oidc_routes, second_factor_routes, session_routes
from app.web_api.access.bounded_executor import BoundedExecutor, ExecutorLimits
from app.web_api.access.oidc_client import OidcClient
from app.web_api.access.second_factors import SecondFactors
from app.web_api.access.sessions import Sessions
from app.web_api.access.sign_in import SignIn
from app.web_api.app_context import AppContext
from app.web_api.app_state import AppState
from app.web_api.language import Language
from app.web_api.middleware.body_size_limit import BodySizeLimit
from app.web_api.middleware.concurrency_limit import ConcurrencyLimit, RequestLimit
from app.web_api.middleware.error_handling import ErrorHandling
from app.web_api.middleware.known_sessions import KnownSessions
from app.web_api.middleware.security_headers import SecurityHeaders
from app.web_api.middleware.trusted_host import TrustedHost
from app.web_api.people import People
from app.web_api.request_rate import RequestRate
from app.web_api.schemas import ProblemResponse

THREADS = 16  # for sessions in force: so many archive calls at once; the doorway bounds who waits
LOOKUPS = 6  # threads in which it is looked up who asks
HEALTH_THREADS = 2
# A password takes 64 MiB and a core for 0.2 s: one at a time leaves the officers the others.
LOGINS = ExecutorLimits(threads=1, waiting=16, per_address=8)
PROVIDER_CALLS = ExecutorLimits(threads=2, waiting=8, per_address=4)
_API_ROUTES = (
    session_routes,
    oidc_routes,
    second_factor_routes,
    viewing_routes,
    account_routes,
    alert_routes,
    bulk_routes,
    stream_routes,
    evidence_routes,
    camera_routes,
    live_routes,
    ptz_routes,
    ptz_neighbour_routes,
    search_routes,  # before `recordings/{camera_id}`
    recording_routes,
    recording_hold_routes,
    export_routes,
    phone_routes,
    phone_feed_routes,
    site_routes,
    map_routes,
    nearby_routes,
    shape_routes,
    wall_routes,
    probe_routes,
    history_routes,
    report_routes,
    situation_routes,
    hold_routes,
    facility_import_routes,  # before `facilities/{facility_id}`
    facility_routes,
    document_routes,
    drill_routes,
    shift_routes,
    roster_routes,
    shelving_routes,
    coverage_routes,
    nuisance_routes,
    habit_routes,
    alert_incident_routes,
    call_routes,
    cap_routes,
    incident_routes,
    incoming_routes,
    redaction_routes,
    command_routes,
    detail_routes,
    run_card_routes,
    unit_routes,
    delivery_routes,
    history_routes_of_registry,
    discover_routes,
    registry_routes,
    watch_area_routes,
    trial_routes,
    signal_routes,
)
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemResponse} for status in (401, 403, 404, 422, 503)
}

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(services: AppContext) -> FastAPI:
    """Return the whole of the centre's web face."""
    parts = _parts_of(services)
    app = new_app(_life_of(parts))
    app.state.parts = parts
    default = Language(services.site().site.locale)
    errors.install(app, default)
    add_api_routes(app)
    app.include_router(front_end.router(services.web_dist))
    _add_layers(app, parts, default)
    return app


def new_app(lifespan: Lifespan | None = None) -> FastAPI:
    """An app without routes."""
    return FastAPI(
        title="Tháp Canh",
        version="1",
        lifespan=lifespan,
        openapi_url=None,  # served by ourselves, after login
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={  # newer versions can send traces; nothing of ours leaves the site
            "auto_configure": False,
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
        },
    )


def add_api_routes(app: FastAPI) -> None:
    """Everything but the screens' files."""
    for module in _API_ROUTES:
        app.include_router(module.router, responses=_REFUSALS)
    app.include_router(health_routes.schema)
    app.include_router(health_routes.health)
    app.include_router(metrics_routes.router)


def end_streams(app: FastAPI) -> None:
    """End every answer that would never end by itself, so that the server can stop."""
    parts: AppState = app.state.parts
    parts.feed.end_streams()
    parts.live.end_streams()


def _parts_of(services: AppContext) -> AppState:
    people = People(services.archive.users, services.clock)
    cameras = services.cameras
    changes = ArchiveChanges(services.archive, people, services.clock, services.stages)
    intake = EventIntake(services.centres, services.clock, services.queue_is_used_up)
    pulse = HeartbeatSource(cameras, services.archive, intake, services.site, services.clock)
    live = LiveView(services.site, services.clock, settings=services.live)
    texts = CameraTexts(cameras)
    news = CameraNews(cameras, texts, live.sending)
    sessions = Sessions(services.archive)
    ptz_log = PtzActLog(services.archive.database, services.clock.utc)
    crowd, lookups = RequestLimit(), CapacityLimiter(LOOKUPS)
    second = SecondFactors(services.archive, services.clock.utc, services.factor_secrets)
    return AppState(
        services=services,
        people=people,
        cameras=cameras,
        camera_texts=texts,
        changes=changes,
        pulse=pulse,
        intake=intake,
        feed=ChangeFeed(changes, services.bell, pulse, services.feed, news),
        live=live,
        ptz=PtzDesk(services.site, services.clock.monotonic, ptz_log.note),
        ptz_log=ptz_log,
        oidc=OidcClient(services.site, services.archive, services.clock.utc),
        sessions=sessions,
        sign_in=SignIn(services.archive, sessions, services.passwords, services.clock, second),
        second_factors=second,
        viewings=ViewingLog(services.archive, services.clock.utc),
        walls=Walls(services.archive, sessions, services.passwords, services.clock),
        prober=Prober(services.site, services.clock),
        trials=RuleTrials(),
        exports=ExportJobs(
            lambda: site_paths_of(services.site()).cache_dir / "exports",
            services.clock.monotonic,
            centre=lambda: centre_name_of(services.site()),
        ),
        film=SiteFilm(services.site),
        searches=RequestRate(services.clock, search_routes.MOST_A_MINUTE, "search_too_often"),
        crowd=crowd,
        began_at=services.clock.monotonic(),
        known=KnownSessions(),
        lookups=lookups,
        liveness=Liveness(crowd.places, lookups),
        health=CapacityLimiter(HEALTH_THREADS),
        logins=BoundedExecutor("login", LOGINS),
        provider_calls=BoundedExecutor("provider", PROVIDER_CALLS),
    )


def _life_of(parts: AppState) -> Lifespan:
    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await parts.feed.start()
        parts.ptz_log.start()
        parts.ptz.start()
        parts.exports.open()
        parts.liveness.start()
        try:
            yield
        finally:
            parts.liveness.close()
            await parts.ptz.close()
            await parts.ptz_log.close()
            await parts.live.close()
            await parts.feed.close()
            parts.logins.close()
            parts.trials.close()
            parts.exports.close()
            parts.services.passwords.close()
            parts.provider_calls.close()

    return life


def _add_layers(app: FastAPI, parts: AppState, default: Language) -> None:
    """Innermost first: each layer that is added lies around those before it."""
    app.add_middleware(ConcurrencyLimit, default=default, crowd=parts.crowd, known=parts.known)
    app.add_middleware(BodySizeLimit, default=default, known=parts.known)
    app.add_middleware(TrustedHost, names=parts.services.host_names, default=default)
    app.add_middleware(ErrorHandling, default=default)
    app.add_middleware(SecurityHeaders, is_tls=parts.services.site().centre.is_tls)
