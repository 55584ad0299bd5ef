"""`create_app` puts the API together: parts, routes, layers, and the life of the change feed.

Nothing is opened or started until the server starts the app.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI

from app.api import (
    alert_routes,
    camera_routes,
    coverage_routes,
    doorway,
    drill_routes,
    evidence_routes,
    front_end,
    health_routes,
    history_routes,
    hold_routes,
    live_routes,
    map_routes,
    metrics_routes,
    nuisance_routes,
    oidc_routes,
    phone_feed_routes,
    phone_routes,
    probe_routes,
    refusal,
    report_routes,
    session_routes,
    shape_routes,
    shelf_routes,
    shift_routes,
    site_routes,
    stream_routes,
    wall_routes,
)
from app.api.camera_board import CameraBoard
from app.api.change_feed import ChangeFeed
from app.api.change_source import ArchiveChanges
from app.api.forms import Problem
from app.api.language import Language
from app.api.parts import Parts
from app.api.people import People
from app.api.prober import Prober
from app.api.pulse import PulseMaker
from app.api.services import Services
from app.api.sessions import Sessions
from app.api.sign_in import SignIn
from app.api.walls import Walls
from app.live.live_view import LiveView
from app.oidc import OidcDoor

THREADS = 16  # at most so many archive calls at once; who waits beyond is bounded by the doorway
_API_ROUTES = (
    session_routes,
    oidc_routes,
    alert_routes,
    stream_routes,
    evidence_routes,
    camera_routes,
    live_routes,
    phone_routes,
    phone_feed_routes,
    site_routes,
    map_routes,
    shape_routes,
    wall_routes,
    probe_routes,
    history_routes,
    report_routes,
    hold_routes,
    drill_routes,
    shift_routes,
    shelf_routes,
    coverage_routes,
    nuisance_routes,
)
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (401, 403, 404, 422, 503)
}

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(services: Services) -> FastAPI:
    """Return the whole of the centre's web face."""
    parts = _parts_of(services)
    app = new_app(_life_of(parts))
    app.state.parts = parts
    default = Language(services.site().site.locale)
    refusal.install(app, default)
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
    parts: Parts = app.state.parts
    parts.feed.end_streams()
    parts.live.end_streams()


def _parts_of(services: Services) -> Parts:
    people = People(services.archive.users, services.clock)
    cameras = CameraBoard(services.read_workers, services.site, services.clock)
    changes = ArchiveChanges(services.archive, people, services.clock, services.stages)
    pulse = PulseMaker(cameras, services.archive, services.clock)
    sessions = Sessions(services.archive)
    return Parts(
        services=services,
        people=people,
        cameras=cameras,
        changes=changes,
        pulse=pulse,
        feed=ChangeFeed(changes, services.bell, pulse, services.feed),
        live=LiveView(services.site, services.clock, settings=services.live),
        oidc=OidcDoor(services.site, services.archive, services.clock.utc),
        sessions=sessions,
        sign_in=SignIn(services.archive, sessions, services.passwords, services.clock),
        walls=Walls(services.archive, sessions, services.passwords, services.clock),
        prober=Prober(services.site, services.clock),
        crowd=doorway.Crowd(),
    )


def _life_of(parts: Parts) -> Lifespan:
    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await parts.feed.start()
        try:
            yield
        finally:
            await parts.live.close()
            await parts.feed.close()

    return life


def _add_layers(app: FastAPI, parts: Parts, default: Language) -> None:
    """Innermost first: each layer that is added lies around those before it."""
    app.add_middleware(doorway.BoundedBody, default=default)
    app.add_middleware(doorway.BoundedCrowd, default=default, crowd=parts.crowd)
    app.add_middleware(doorway.KnownHost, names=parts.services.host_names, default=default)
    app.add_middleware(doorway.Unbroken, default=default)
    app.add_middleware(doorway.SafeHeaders, is_tls=parts.services.site().centre.is_tls)
