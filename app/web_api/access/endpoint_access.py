"""Who may call an endpoint: declared beside its route with `permits`, asked for by `enforce`.

    @router.get("/alerts")
    @permits(EVERYONE, token=TokenScope.READ)
    def list_alerts(...): ...

An endpoint without the declaration is refused to everybody. A role set says which people may call
it; `token` says for which use a program's token must have been made, and None takes no token:
programs do not log in, go on duty, make links, probe addresses or act as a screen. What of the
cameras and alerts the caller then sees is decided by `data_filter`.
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
    """What one endpoint declares."""

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
    """Return what the endpoint declares; nobody may call one that declares nothing."""
    return getattr(inspect.unwrap(endpoint), _DECLARED, NOBODY)


def access_table(app: FastAPI) -> dict[tuple[str, str], EndpointAccess]:
    """Return the declaration of every method and path of an application."""
    return {
        (method, context.path or ""): access_of(context.endpoint)
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if method != "HEAD" and context.endpoint is not None
    }
