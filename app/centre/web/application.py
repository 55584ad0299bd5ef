"""`create_app` puts the API together: parts, routes, layers, and the life of the change feed."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any, TextIO

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Route

from thapcanh.app.centre.web import front_end
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.centre.web.described_api import TITLE, DescribedApi, operation_id
from thapcanh.app.centre.web.features import Features
from thapcanh.app.centre.web.file_doors import file_doors
from thapcanh.app.health import health_routes, metrics_routes
from thapcanh.app.health.health_routes import Liveness
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.process.admission import LOGINS, PROVIDER_CALLS
from thapcanh.app.site.feature import features_on, found_features, route_modules
from thapcanh.app.stream.change_feed import ChangeFeed
from thapcanh.app.web_api import errors
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.bounded_executor import BoundedExecutor
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.middleware.body_size_limit import BodySizeLimit
from thapcanh.app.web_api.middleware.concurrency_limit import ConcurrencyLimit, RequestLimit
from thapcanh.app.web_api.middleware.error_handling import ErrorHandling
from thapcanh.app.web_api.middleware.security_headers import SecurityHeaders
from thapcanh.app.web_api.middleware.trusted_host import TrustedHost
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ProblemResponse

THREADS = 16  # for sessions in force: so many archive calls at once; the doorway bounds who waits
LOOKUPS = 6  # threads in which it is looked up who asks with a key that was in force
STREAM_LOOKUPS, STRANGERS_LOOKUPS = 2, 2  # the same of streams, and of other keys
HEALTH_THREADS = 2
# A password takes 64 MiB and a core for 0.2 s: one at a time leaves the officers the others.
LOGIN_THREADS, PROVIDER_THREADS = 1, 2
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemResponse} for status in (401, 403, 404, 422, 503)
}

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(services: CentreServices) -> FastAPI:
    """Return the whole of the centre's web face."""
    here, features = _made(services)
    app = new_app(_life_of(here, features, services))
    app.state.here = here
    default = Language(services.site().site.locale)
    errors.install(app, default)
    add_api_routes(app, here.features)
    app.include_router(front_end.router(services.web_dist, services.docs_dist))
    _add_layers(app, here, services, default)
    return app


def new_app(lifespan: Lifespan | None = None) -> DescribedApi:
    """Return an app without routes."""
    return DescribedApi(
        title=TITLE,
        version="1",
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        openapi_url=None,  # served by ourselves
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


def add_api_routes(app: FastAPI, on: frozenset[str] | None = None) -> None:
    """Add the routes of the given features, or of all; the screens' files are not among them."""
    app.router.routes.extend(_api_routes(frozenset(found_features()) if on is None else on))


@cache
def _api_routes(on: frozenset[str]) -> tuple[BaseRoute, ...]:
    """Return the routes, which hold nothing of an app and are shared by all apps."""
    pattern = new_app()
    routers = (getattr(module, "router", None) for module in route_modules(on))
    pattern.include_router(_joined(filter(None, routers)), responses=_REFUSALS)
    pattern.include_router(health_routes.schema)
    pattern.include_router(health_routes.health)
    pattern.include_router(metrics_routes.page)
    return tuple(pattern.router.routes)


def _joined(routers: Iterable[APIRouter]) -> APIRouter:
    """Return one router; where two of its paths fit a request, the one with more words answers."""
    joined = APIRouter()
    joined.routes.extend(sorted((route for one in routers for route in one.routes), key=_order_of))
    return joined


def _order_of(route: BaseRoute) -> list[tuple[int, str]]:
    """Segment by segment: words by the alphabet, then words with a parameter, then parameters."""
    path = route.path if isinstance(route, Route) else ""
    return [_segment_order(segment) for segment in path.split("/")]


def _segment_order(segment: str) -> tuple[int, str]:
    if segment.startswith("{") and segment.endswith("}"):
        return (3 if ":" in segment else 2), ""
    return int("{" in segment), segment


def prepare_routes(app: FastAPI) -> None:
    """Work out what FastAPI leaves to the first request that passes by a route: more than a second.

    On the event loop all requests, and all open streams, would wait for it.
    """
    nowhere = {"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": []}
    for route in app.routes:
        route.matches(nowhere)


def end_streams(app: FastAPI) -> None:
    """End every answer that would never end by itself, so that the server can stop."""
    here: AppState = app.state.here
    here.part(ChangeFeed).end_streams()
    here.part(LiveView).end_streams()


def _made(services: CentreServices) -> tuple[AppState, Features]:
    people = People(services.archive.users, services.clock)
    crowd, lookups, known = RequestLimit(), CapacityLimiter(LOOKUPS), VerifiedSessions()
    features = Features(services, people, known, Liveness(crowd.turns, lookups))
    here = AppState(
        services=services,
        features=features_on(services.site()),
        people=people,
        crowd=crowd,
        known=known,
        began_at=services.clock.monotonic(),
        lookups=lookups,
        stream_lookups=CapacityLimiter(STREAM_LOOKUPS),
        strangers_lookups=CapacityLimiter(STRANGERS_LOOKUPS),
        health=CapacityLimiter(HEALTH_THREADS),
        logins=BoundedExecutor("login", LOGIN_THREADS, LOGINS),
        provider_calls=BoundedExecutor("provider", PROVIDER_THREADS, PROVIDER_CALLS),
        end_session=features.end_session,
        parts=features.parts,
    )
    return here, features


def _life_of(here: AppState, features: Features, services: CentreServices) -> Lifespan:
    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        try:
            async with features.running():
                yield
        finally:
            here.logins.close()
            services.passwords.close()
            here.provider_calls.close()

    return life


def _add_layers(app: FastAPI, here: AppState, services: CentreServices, default: Language) -> None:
    """Innermost first: each layer that is added lies around those before it."""
    app.add_middleware(ConcurrencyLimit, default=default, crowd=here.crowd, known=here.known)
    app.add_middleware(
        BodySizeLimit,
        default=default,
        known=here.known,
        files=file_doors(here),
    )
    app.add_middleware(TrustedHost, names=services.host_names, default=default)
    app.add_middleware(ErrorHandling, default=default)
    app.add_middleware(SecurityHeaders, is_tls=services.site().centre.is_tls)


def openapi() -> dict[str, Any]:
    """Return the document of the whole API, without a site: no archive or port is opened."""
    app = new_app()
    add_api_routes(app)
    return app.openapi()


def print_openapi(out: TextIO) -> int:
    """Print it; the exit code."""
    out.write(json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n")
    return 0
