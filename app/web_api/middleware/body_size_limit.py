"""A body is in, whole and in time, before anything is counted or done."""

import asyncio
import contextlib
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.web_api.errors import MAX_BODY_BYTES, ApiError, answer_in
from app.web_api.language import Language
from app.web_api.middleware.known_sessions import KnownSessions
from app.web_api.middleware.overload import BUSY, address_of, busy, counted, let_wait
from app.web_api.prefix import PREFIX

READ_AWAY_BYTES = 1 << 20  # of a body that is too long, before the answer is sent
READ_AWAY_S = 2.0
BODY_WITHIN_S = 15.0  # for the whole of a body
BODIES_OF_ADDRESS = 24  # that are on their way from one address
BODIES_AT_ONCE = 256
LARGE_BYTES = 16 << 20  # of a file that is imported, by who has a session in force
LARGE_AT_ONCE = 2
LARGE_PATHS = frozenset({f"{PREFIX}/registry/cameras/import"})
_LARGE = "large"


class BodySizeLimit:
    """Takes a body in before the request goes on: whole, not over the limit, and in time.

    Who sends slowly holds nothing but the connection, and no address more than a few of them.
    """

    def __init__(self, app: ASGIApp, default: Language, known: KnownSessions) -> None:
        self._app = app
        self._known = known
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
            if refused.status == BUSY:
                await let_wait()
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
        most = self._most_bytes(scope)
        if not told.isdigit() or len(told) > 18 or int(told) > most:
            await _read_away(receive)
            raise ApiError(413, "too_large", limit=most)
        if most == MAX_BODY_BYTES:
            return await self._in_time(scope, receive, most)
        if self._on_their_way[_LARGE] >= LARGE_AT_ONCE:
            raise busy()
        with counted(self._on_their_way, _LARGE):
            return await self._in_time(scope, receive, most)

    def _most_bytes(self, scope: AsgiScope) -> int:
        """How long a body may be."""
        is_large = scope["path"] in LARGE_PATHS and self._known.knows(scope["headers"])
        return LARGE_BYTES if is_large else MAX_BODY_BYTES

    async def _in_time(self, scope: AsgiScope, receive: Receive, most: int) -> bytes:
        address, under_way = address_of(scope), self._on_their_way
        if under_way.total() >= BODIES_AT_ONCE or under_way[address] >= BODIES_OF_ADDRESS:
            raise busy()
        with counted(under_way, address):
            try:
                async with asyncio.timeout(BODY_WITHIN_S):
                    return await _read(receive, most)
            except TimeoutError:
                raise ApiError(408, "too_slow") from None


class _Left(Exception):
    """The other side went before its body was in."""


async def _read(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Left
        body += message.get("body", b"")
        if len(body) > most:
            await _read_away(receive)
            raise ApiError(413, "too_large", limit=most)
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


def _has_body(scope: AsgiScope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
