"""The checks of host (DNS rebinding) and origin (requests that another site sent)."""

import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from thapcanh.app.web_api.errors import ApiError, answer_in
from thapcanh.app.web_api.language import Language
from thapcanh.ingest.address_guard import is_address

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class TrustedHost:
    """Refuses foreign host names (DNS rebinding) and mutations that another site sent.

    An address in digits cannot be rebound; names must be `localhost`, this machine's or configured.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], default: Language) -> None:
        self._app = app
        self._names = {name.lower() for name in (*names, "localhost", socket.gethostname())}
        self._default = default

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        refused = self._objection(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await answer_in(scope, refused, self._default)(scope, receive, send)

    def _objection(self, scope: AsgiScope) -> ApiError | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        if not self._is_registered(host):
            return ApiError(421, "wrong_host")
        origin = headers.get(b"origin")
        if scope["method"] in _UNSAFE and origin is not None and _netloc(origin) != host.lower():
            return ApiError(403, "wrong_origin")
        return None

    def _is_registered(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if name is None:
            return False
        return is_address(str(name)) or str(name) in self._names


def _netloc(origin: str) -> str:
    return origin.partition("://")[2].lower()
