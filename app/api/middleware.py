"""What every request passes before any route: limits, the checks of host and origin, the headers.

Plain ASGI layers, outermost first: `SecurityHeaders`, `ErrorHandling` (a crash becomes one clear
answer), `TrustedHost`, `BodySizeLimit` (a body is in, whole and in time, before anything is counted
or done), `ConcurrencyLimit` (too many at once are turned away at once).
"""

import asyncio
import contextlib
import ipaddress
import logging
import random
import socket
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.api.errors import MAX_BODY_BYTES, ApiError, answer_in
from app.api.known_sessions import KnownSessions
from app.api.language import Language
from app.api.prefix import PREFIX

log = logging.getLogger(__name__)

READ_AWAY_BYTES = 1 << 20  # of a body that is too long, before the answer is sent
READ_AWAY_S = 2.0
BODY_WITHIN_S = 15.0  # for the whole of a body
BODIES_OF_ADDRESS = 24  # that are on their way from one address
BODIES_AT_ONCE = 256
MAX_AT_ONCE = 200  # requests of sessions in force, in work or waiting for a thread
STRANGERS_AT_ONCE = 64  # the same of all others
REFUSED_AFTER_S = (1.0, 3.0)  # until a stranger hears that there is no place; nothing is held
STRANGERS_OF_ADDRESS = 24  # behind a proxy that is not on this machine, all of them
_UNCOUNTED = frozenset({f"{PREFIX}/stream", "/healthz", "/readyz"})
_BUSY = 503
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
        """Handle one ASGI request."""

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
        """Handle one ASGI request."""
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
        """Handle one ASGI request."""
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

    known: int = 0
    strangers: Counter[str] = field(default_factory=Counter)
    turned_away: int = 0


class ConcurrencyLimit:
    """Turns requests away at once when too many are in work, and lets none of them wait.

    Sessions in force have places of their own; of all others no address takes more than a share.
    Streams are counted by the feed, and health is asked by who must know that there is a crowd.
    """

    def __init__(
        self, app: ASGIApp, default: Language, crowd: RequestLimit, known: KnownSessions
    ) -> None:
        self._app = app
        self._default = default
        self._crowd = crowd
        self._known = known

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        if scope["type"] != "http" or scope["path"] in _UNCOUNTED:
            await self._app(scope, receive, send)
        elif self._known.knows(scope["headers"]):
            await self._as_known(scope, receive, send)
        else:
            await self._as_stranger(scope, receive, send)

    async def _as_known(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if self._crowd.known >= MAX_AT_ONCE:
            await self._turn_away(scope, receive, send)
            return
        self._crowd.known += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._crowd.known -= 1

    async def _as_stranger(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        strangers, address = self._crowd.strangers, _address(scope)
        if strangers.total() >= STRANGERS_AT_ONCE or strangers[address] >= STRANGERS_OF_ADDRESS:
            await _let_wait()
            await self._turn_away(scope, receive, send)
            return
        with contextlib.ExitStack() as place:
            place.enter_context(_counted(strangers, address))

            async def send_late(message: Message) -> None:
                """An answer that waits holds no place."""
                if message.get("status") == _BUSY:
                    place.close()
                    await _let_wait()
                await send(message)

            await self._app(scope, receive, send_late)

    async def _turn_away(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        self._crowd.turned_away += 1
        await answer_in(scope, _busy(), self._default)(scope, receive, send)


class BodySizeLimit:
    """Takes a body in before the request goes on: whole, not over the limit, and in time.

    Who sends slowly holds nothing but the connection, and no address more than a few of them.
    """

    def __init__(self, app: ASGIApp, default: Language) -> None:
        self._app = app
        self._default = default
        self._on_their_way: Counter[str] = Counter()

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._whole(scope, receive)
        except ApiError as refused:
            refused.headers["Connection"] = "close"
            if refused.status == _BUSY:
                await _let_wait()
            await answer_in(scope, refused, self._default)(scope, receive, send)
            return
        except _Left:
            return
        is_told = False

        async def receive_whole() -> Message:
            nonlocal is_told
            if is_told:  # from now on one only waits for the other side to leave
                return await receive()
            is_told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_whole, send)

    async def _whole(self, scope: AsgiScope, receive: Receive) -> bytes:
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or len(told) > 18 or int(told) > MAX_BODY_BYTES:
            await _read_away(receive)
            raise ApiError(413, "too_large", limit=MAX_BODY_BYTES)
        address, under_way = _address(scope), self._on_their_way
        if under_way.total() >= BODIES_AT_ONCE or under_way[address] >= BODIES_OF_ADDRESS:
            raise _busy()
        with _counted(under_way, address):
            try:
                async with asyncio.timeout(BODY_WITHIN_S):
                    return await _read(receive)
            except TimeoutError:
                raise ApiError(408, "too_slow") from None


class _Left(Exception):
    """The other side went before its body was in."""


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Left
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            await _read_away(receive)
            raise ApiError(413, "too_large", limit=MAX_BODY_BYTES)
        if not message.get("more_body", False):
            return bytes(body)


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


@contextlib.contextmanager
def _counted(counter: Counter[str], address: str) -> Iterator[None]:
    counter[address] += 1
    try:
        yield
    finally:
        counter[address] -= 1
        if not counter[address]:
            del counter[address]


async def _let_wait() -> None:
    """Who is refused tries again at once: many of them shall not do so at the same moment."""
    await asyncio.sleep(random.uniform(*REFUSED_AFTER_S))  # noqa: S311 no secret


def _has_body(scope: AsgiScope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _address(scope: AsgiScope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _busy() -> ApiError:
    return ApiError(_BUSY, "busy", headers={"Retry-After": "2"})


def _is_api(scope: AsgiScope) -> bool:
    return scope["type"] == "http" and str(scope["path"]).startswith(
        ("/api/", "/healthz", "/readyz")
    )


def _netloc(origin: str) -> str:
    return origin.partition("://")[2].lower()
