"""Reads a request's body whole, bounded in size and time, before the request is handled.

Sessions in force and strangers have places of their own for bodies on their way (`body_places`).
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from alerts.store.errors import ArchiveError
from app.web_api.errors import MAX_BODY_BYTES, ApiError, answer_in, of_outage
from app.web_api.language import Language
from app.web_api.middleware.body_places import BodyLimits, BodyPlaces
from app.web_api.middleware.concurrency_limit import BUSY, address_of, busy, let_wait
from app.web_api.middleware.fair_places import RequestOwner
from app.web_api.middleware.known_sessions import KnownSessions
from app.web_api.prefix import PREFIX

BODY_BEGAN = "thapcanh.body_began"  # in the scope: when the body began to come, monotonic seconds
READ_AWAY_BYTES = 1 << 20  # of a body that is too long, before the answer is sent
READ_AWAY_S = 2.0
BODY_WITHIN_S = 15.0  # for the whole of a body
ASKED_AT_ONCE = 2  # threads that look keys up which no request showed before

BODIES_OF_STRANGERS = BodyLimits(at_once=256, of_sender=(24,))  # by address
BODIES_OF_SESSIONS = BodyLimits(at_once=512, of_sender=(256, 24))  # by agency, by account
LARGE_BODIES = BodyLimits(at_once=4, of_sender=(2, 1), give_way=False)
STRANGERS_FILES = BodyLimits(at_once=6, of_sender=(2,), give_way=False, until_answered=True)
CREWS_FILES = BodyLimits(  # by agency, by account
    at_once=12, of_sender=(12, 2), give_way=False, until_answered=True
)
FILE_WITHIN_S = 120.0  # a film from a phone at the edge of its network
# By the code of a link, or the token of a gateway that may not have been seen yet.
_OF_CITIZENS = re.compile(f"{PREFIX}/(?:caller|messages)/[^/]+/media")
_OF_CREWS = re.compile(f"{PREFIX}/crew/incidents/[^/]+/media")
_FROM_PHONE_BYTES = 20 << 20
_LARGE = (  # files, by who has a session in force
    (re.compile(f"{PREFIX}/registry/cameras/import"), 16 << 20),
    (re.compile(f"{PREFIX}/facilities/import"), 32 << 20),
    (re.compile(f"{PREFIX}/facilities/[^/]+/documents"), 20 << 20),
    (_OF_CREWS, _FROM_PHONE_BYTES),
)


class BodySizeLimit:
    """Takes a body in before the request goes on: whole, not over the limit, and in time.

    Who sends slowly holds nothing but the connection, and gives way to who comes later. Strangers
    take no place of a session in force. `ask` looks up who sends a file with a key that was not
    seen yet: a list may be the first that a program sends since this centre began.
    """

    def __init__(
        self,
        app: ASGIApp,
        default: Language,
        known: KnownSessions,
        ask: Callable[[Request], object],
    ) -> None:
        self._app = app
        self._known = known
        self._ask = ask
        self._askers = CapacityLimiter(ASKED_AT_ONCE)
        self._default = default
        self._strangers = BodyPlaces(BODIES_OF_STRANGERS)
        self._sessions = BodyPlaces(BODIES_OF_SESSIONS)
        self._large = BodyPlaces(LARGE_BODIES)
        self._citizens = BodyPlaces(STRANGERS_FILES)
        self._crews = BodyPlaces(CREWS_FILES)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        with ExitStack() as place:
            await self._handle(scope, receive, send, place)

    async def _handle(
        self, scope: AsgiScope, receive: Receive, send: Send, place: ExitStack
    ) -> None:
        try:
            body = await self._whole(scope, receive, place)
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

    async def _whole(self, scope: AsgiScope, receive: Receive, place: ExitStack) -> bytes:
        scope[BODY_BEGAN] = asyncio.get_running_loop().time()
        of_path = _most_bytes(scope["path"])
        is_file = of_path > MAX_BODY_BYTES
        owner = self._known.owner(scope["headers"])
        if owner is None and is_file:
            owner = await self._asked(scope)
        most = MAX_BODY_BYTES if owner is None else of_path
        is_of_citizen = _OF_CITIZENS.fullmatch(scope["path"]) is not None
        if is_of_citizen:
            owner, most = None, _FROM_PHONE_BYTES
        is_of_crew = _OF_CREWS.fullmatch(scope["path"]) is not None
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or len(told) > 18 or int(told) > most:
            await _read_away(receive)
            may_come = told.isdigit() and len(told) < 18 and int(told) <= of_path
            if owner is None and is_file and may_come:  # a crew's phone keeps it, and logs in first
                raise ApiError(401, "not_logged_in")
            raise ApiError(413, "too_large", limit=most)
        if owner is None:
            places = self._citizens if is_of_citizen else self._strangers
            within_s = FILE_WITHIN_S if is_of_citizen else BODY_WITHIN_S
            return await _in_time(receive, most, (places, within_s), (address_of(scope),), place)
        senders = (owner.agency, owner.account)
        if is_of_crew:
            return await _in_time(receive, most, (self._crews, FILE_WITHIN_S), senders, place)
        places = self._large if is_file else self._sessions
        return await _in_time(receive, most, (places, BODY_WITHIN_S), senders, place)

    async def _asked(self, scope: AsgiScope) -> RequestOwner | None:
        """Whose key a request shows, before its file comes; it waits in a stranger's place."""
        try:
            async with asyncio.timeout(BODY_WITHIN_S) as deadline:
                with self._strangers.held((address_of(scope),), deadline) as has_place:
                    if not has_place:
                        raise busy()
                    request = Request(scope)
                    await to_thread.run_sync(self._ask, request, limiter=self._askers)
        except TimeoutError:
            raise ApiError(408, "too_slow") from None
        except ArchiveError as error:
            raise of_outage(error) from None
        return self._known.owner(scope["headers"])


def _most_bytes(path: str) -> int:
    """How long a body may be that is sent to a path with a session in force."""
    found = (most for wanted, most in _LARGE if wanted.fullmatch(path))
    return next(found, MAX_BODY_BYTES)


class _Left(Exception):
    """The other side went before its body was in."""


async def _in_time(
    receive: Receive,
    most: int,
    room: tuple[BodyPlaces, float],
    senders: Sequence[str],
    answering: ExitStack,
) -> bytes:
    places, within_s = room
    with ExitStack() as reading:
        try:
            async with asyncio.timeout(within_s) as deadline:
                if not reading.enter_context(places.held(senders, deadline)):
                    raise busy()
                body = await _read(receive, most)
        except TimeoutError:
            raise ApiError(408, "too_slow") from None
        if places.until_answered:
            answering.push(reading.pop_all())
        return body


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
