"""What every request passes before any route: limits, the checks of host and origin, the headers.

Plain ASGI layers, outermost first: `SecurityHeaders`, `ErrorHandling` (a crash becomes one clear
answer), `TrustedHost`, `ConcurrencyLimit` (too many at once are turned away at once),
`BodySizeLimit`.
"""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.api.errors import MAX_BODY_BYTES, ApiError, answer_in
from app.api.language import Language
from app.api.prefix import PREFIX

log = logging.getLogger(__name__)

READ_AWAY_BYTES = 1 << 20  # of a body that is too long, before the answer is sent
READ_AWAY_S = 2.0
BODY_WITHIN_S = 15.0  # between two pieces of a body; a place in the crowd is not held for ever
MAX_AT_ONCE = 200  # requests in work or waiting for a thread; streams are counted by the feed
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",  # a snapshot that is drawn upon, an icon in a style sheet
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_TWO_YEARS = "max-age=63072000"


class SecurityHeaders:
    """Adds the security headers to every answer, and `no-store` to the API's."""

    def __init__(self, app: ASGIApp, is_tls: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if is_tls:
            self._headers["Strict-Transport-Security"] = _TWO_YEARS

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if _is_api(scope):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)


class ErrorHandling:
    """The outermost line of a request: a fault of ours is logged and answered, never shown."""

    def __init__(self, app: ASGIApp, default: Language) -> None:
        self._app = app
        self._default = default

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception:  # the outermost line of a request: a fault of ours, told as `internal`
            if scope["type"] != "http":
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            if not started:
                refusal = answer_in(scope, ApiError(500, "internal"), self._default)
                await refusal(scope, receive, send)


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
        if not self._is_known(host):
            return ApiError(421, "wrong_host")
        origin = headers.get(b"origin")
        if scope["method"] in _UNSAFE and origin is not None and _netloc(origin) != host.lower():
            return ApiError(403, "wrong_origin")
        return None

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if name is None:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return str(name) in self._names
        return True


@dataclass(slots=True, kw_only=True)
class RequestLimit:
    """Who is in work; counted on the event loop, read from anywhere."""

    inside: int = 0
    turned_away: int = 0


class ConcurrencyLimit:
    """Turns requests away at once when too many are in work, and lets none of them wait."""

    def __init__(self, app: ASGIApp, default: Language, crowd: RequestLimit) -> None:
        self._app = app
        self._default = default
        self._crowd = crowd

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == f"{PREFIX}/stream":
            await self._app(scope, receive, send)
        elif self._crowd.inside >= MAX_AT_ONCE:
            self._crowd.turned_away += 1
            refused = ApiError(503, "busy", headers={"Retry-After": "2"})
            await answer_in(scope, refused, self._default)(scope, receive, send)
        else:
            self._crowd.inside += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._crowd.inside -= 1


class BodySizeLimit:
    """Refuses a body over the limit, whether its length was told or not, before it is kept."""

    def __init__(self, app: ASGIApp, default: Language) -> None:
        self._app = app
        self._default = default

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > MAX_BODY_BYTES:
            await self._refuse(scope, receive, send)
            return
        received, is_whole = 0, False

        async def receive_bounded() -> Message:
            nonlocal received, is_whole
            if is_whole:  # from now on one only waits for the other side to leave
                return await receive()
            message = await _in_time(receive)
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413)  # the only error the framework lets through its reader
            return message

        await self._app(scope, receive_bounded, send)

    async def _refuse(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        await _read_away(receive)
        refused = ApiError(413, "too_large", headers={"Connection": "close"}, limit=MAX_BODY_BYTES)
        await answer_in(scope, refused, self._default)(scope, receive, send)


async def _read_away(receive: Receive) -> None:
    """Take in some of what is refused anyway: who is cut off while sending reads no answer."""
    taken = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READ_AWAY_S):
            while taken <= READ_AWAY_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


async def _in_time(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await receive()
    except TimeoutError:
        raise HTTPException(408) from None


def _is_api(scope: AsgiScope) -> bool:
    return scope["type"] == "http" and str(scope["path"]).startswith(("/api/", "/healthz"))


def _netloc(origin: str) -> str:
    return origin.partition("://")[2].lower()
