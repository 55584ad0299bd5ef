"""Access declaration of routes: set with `permits`, checked by `enforce`.

Below `@router.get("/alerts")` stands `@permits(EVERYONE, token=TokenScope.READ)`. The roles are
those of people; `token` is the scope that a program's token needs, None refuses tokens: programs do
not log in, go on duty, make links, probe addresses or act as a screen.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.token_scopes import TokenScope

_DECLARED = "endpoint_access"
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class PublicEndpoint:
    """Reachable without login."""


Access = PublicEndpoint | frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAccess:
    """Declaration of one route."""

    roles: Access
    token: TokenScope | None = None


NOBODY = EndpointAccess(roles=frozenset())


def permits(roles: Access, *, token: TokenScope | None = None) -> Callable[[_Endpoint], _Endpoint]:
    """Declare who may call the endpoint below; stands between its route and its function."""

    def declare(endpoint: _Endpoint) -> _Endpoint:
        setattr(endpoint, _DECLARED, EndpointAccess(roles=roles, token=token))
        return endpoint

    return declare


def access_of(endpoint: Callable[..., Any]) -> EndpointAccess:
    """Return the route's declaration; without one nobody may call it."""
    return getattr(inspect.unwrap(endpoint), _DECLARED, NOBODY)


def access_table(app: FastAPI) -> dict[tuple[str, str], EndpointAccess]:
    """Return the declaration of every method and path of an application."""
    return {
        (method, context.path or ""): access_of(context.endpoint)
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if method != "HEAD" and context.endpoint is not None
    }
