"""`create_app` puts the API together: parts, routes, layers, and the life of the change feed.

Nothing is opened or started until the server starts the app.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import FastAPI

from app.api import errors, front_end
from app.api.accounts import account_routes
from app.api.alerts import (
    alert_routes,
    drill_routes,
    evidence_routes,
    history_routes,
    hold_routes,
    nuisance_routes,
    shelving_routes,
)
from app.api.app_context import AppContext
from app.api.app_state import AppState
from app.api.auth import oidc_routes, second_factor_routes, session_routes
from app.api.auth.bounded_executor import BoundedExecutor, ExecutorLimits
from app.api.auth.oidc_client import OidcClient
from app.api.auth.second_factors import SecondFactors
from app.api.auth.sessions import Sessions
from app.api.auth.sign_in import SignIn
from app.api.cameras import (
    camera_routes,
    habit_routes,
    live_routes,
    phone_feed_routes,
    phone_routes,
    probe_routes,
    ptz_neighbour_routes,
    ptz_routes,
    shape_routes,
)
from app.api.cameras.camera_texts import CameraTexts
from app.api.cameras.prober import Prober
from app.api.deliveries import delivery_routes
from app.api.exports import export_routes
from app.api.health import health_routes, metrics_routes
from app.api.incidents import (
    alert_incident_routes,
    call_routes,
    cap_routes,
    command_routes,
    detail_routes,
    incident_routes,
    incoming_routes,
    redaction_routes,
    run_card_routes,
    unit_routes,
)
from app.api.language import Language
from app.api.middleware.body_size_limit import BodySizeLimit
from app.api.middleware.concurrency_limit import ConcurrencyLimit, RequestLimit
from app.api.middleware.error_handling import ErrorHandling
from app.api.middleware.known_sessions import KnownSessions
from app.api.middleware.security_headers import SecurityHeaders
from app.api.middleware.trusted_host import TrustedHost
from app.api.people import People
from app.api.recordings import recording_hold_routes, recording_routes, search_routes
from app.api.registry import (
    discover_routes,
    registry_routes,
    trial_routes,
    watch_area_routes,
)
from app.api.registry import history_routes as history_routes_of_registry
from app.api.reports import coverage_routes, report_routes, situation_routes, viewing_routes
from app.api.request_rate import RequestRate
from app.api.schemas.base import ProblemResponse
from app.api.shifts import roster_routes, shift_routes
from app.api.signals import signal_routes
from app.api.site import map_routes, nearby_routes, site_routes, wall_routes
from app.api.site.walls import Walls
from app.api.stream import stream_routes
from app.api.stream.camera_news import CameraNews
from app.api.stream.change_feed import ChangeFeed
from app.api.stream.change_source import ArchiveChanges
from app.api.stream.event_intake import EventIntake
from app.api.stream.heartbeat import HeartbeatSource
from app.api.viewing_log import ViewingLog
from app.evaluation.trial.rule_trial import RuleTrials
from app.exports.jobs import ExportJobs
from app.live.live_view import LiveView
from app.ptz.acts import PtzActLog
from app.ptz.ptz_desk import PtzDesk
from app.site_paths import centre_name_of, site_paths_of
from app.site_recordings import SiteFilm

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
    pulse = HeartbeatSource(cameras, services.archive, intake, services.clock)
    live = LiveView(services.site, services.clock, settings=services.live)
    texts = CameraTexts(cameras)
    news = CameraNews(cameras, texts, live.sending)
    sessions = Sessions(services.archive)
    ptz_log = PtzActLog(services.archive.database, services.clock.utc)
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
        crowd=RequestLimit(),
        began_at=services.clock.monotonic(),
        known=KnownSessions(),
        lookups=CapacityLimiter(LOOKUPS),
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
        try:
            yield
        finally:
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
