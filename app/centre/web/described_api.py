"""The API as it describes itself: OpenAPI with who may call what, under names for programs."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from thapcanh.app.web_api.access.access import CSRF_HEADER
from thapcanh.app.web_api.access.endpoint_access import EndpointAccess, PublicEndpoint, access_table
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE

TITLE = "Thap Canh"  # generators make names of packages from it, which are ASCII
_SAFE = frozenset({"get", "head"})
_METRICS = "/metrics"
_SCHEMES: Mapping[str, Mapping[str, str]] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "a person's login, made by `POST /api/v1/session`",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "beside `session` where something is changed: `csrf` of the login's answer",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "a program's, of `thapcanh token add`; the power that it needs is named",
    },
    "metrics": {
        "type": "http",
        "scheme": "bearer",
        "description": "`[metrics] token` of the configuration",
    },
}


class DescribedApi(FastAPI):
    """FastAPI app whose document describes access too."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        return self._document

    @cached_property
    def openapi_text(self) -> bytes:
        """The document as it is sent."""
        return json.dumps(self._document, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def _document(self) -> dict[str, Any]:
        document = super().openapi()
        document.setdefault("components", {})["securitySchemes"] = _SCHEMES
        access = {
            (method.lower(), path.replace(":path}", "}")): item
            for (method, path), item in access_table(self).items()
        }
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                found = (
                    _METRICS_ONLY if path == _METRICS else _security(method, access[method, path])
                )
                operation["security"] = list(found)
        return document


def operation_id(route: APIRoute) -> str:
    """Return the function's name; a single word gets its subject: `count_history`."""
    subject = route.endpoint.__module__.rpartition(".")[2].removesuffix("_routes")
    name = route.name
    if "_" in name:
        return name
    return f"get_{name}" if name == subject else f"{name}_{subject}"


_METRICS_ONLY: tuple[dict[str, list[str]], ...] = ({"metrics": []},)


def _security(method: str, access: EndpointAccess) -> Iterator[dict[str, list[str]]]:
    if isinstance(access.roles, PublicEndpoint):
        return
    yield {"session": []} if method in _SAFE else {"session": [], "csrf": []}
    if access.token is not None:
        yield {"token": [access.token.value]}
