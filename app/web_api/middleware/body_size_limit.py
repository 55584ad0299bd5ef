"""Reading of request bodies, bounded in size and time, before the request is handled.

An ordinary body arrives at once and is never the oldest.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.process.admission import (
    BODIES_OF_ACCOUNTS,
    BODIES_OF_STRANGERS,
    Admission,
    DoorBudget,
)
from thapcanh.app.web_api.errors import MAX_BODY_BYTES, ApiError, answer_in, of_outage
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.middleware.concurrency_limit import BUSY, address_of, busy, let_wait
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions

BODY_STARTED = "thapcanh.body_began"  # in the scope: when the body began to come, monotonic seconds
READ_AWAY_BYTES = 1 << 20  # of a body that is too long, before the answer is sent
READ_AWAY_S = 2.0
BODY_WITHIN_S = 15.0  # for the whole of a body
LOOKUPS_AT_ONCE = 2  # threads that look up who sends a file
_LONGEST_LENGTH = 18  # digits

FILE_WITHIN_S = 120.0  # a film from a phone at the edge of its network


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDoor:
    """Route whose body is a file, with limits of size and time.

    `sender` looks up the sender before a place is given and names the ranks of `budget`; it may
    raise `ApiError` and runs in a thread. `until_answered`: the place is held until the response.
    """

    path: re.Pattern[str]
    most_bytes: int
    budget: DoorBudget
    sender: Callable[[Request], Sequence[str]]
    within_s: float = FILE_WITHIN_S
    until_answered: bool = True


class BodySizeLimit:
    """Middleware that reads the body completely, within limits, before the request.

    A slow sender gives way to later ones. Strangers use no places of sessions, nor a file's sender
    those of another.
    """

    def __init__(
        self,
        app: ASGIApp,
        default: Language,
        known: VerifiedSessions,
        files: Sequence[FileDoor] = (),
    ) -> None:
        self._app = app
        self._registered = known
        self._askers = CapacityLimiter(LOOKUPS_AT_ONCE)
        self._default = default
        self._strangers = Admission(BODIES_OF_STRANGERS)
        self._accounts = Admission(BODIES_OF_ACCOUNTS)
        budgets = {id(door.budget): Admission(door.budget) for door in files}
        self._files = [(door, budgets[id(door.budget)]) for door in files]

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
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
        is_reported = False

        async def receive_whole() -> Message:
            nonlocal is_reported
            if is_reported:  # from now on one only waits for the other side to leave
                return await receive()
            is_reported = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_whole, send)

    async def _whole(self, scope: AsgiScope, receive: Receive, place: ExitStack) -> bytes:
        scope[BODY_STARTED] = asyncio.get_running_loop().time()
        of_file = self._file_door(scope["path"])
        if of_file is not None:
            return await self._file(scope, receive, of_file, place)
        await _check_length(scope, receive, MAX_BODY_BYTES)
        owner = self._registered.owner(scope["headers"])
        if owner is None:
            room = _Room(self._strangers, (address_of(scope),), BODY_WITHIN_S)
        else:
            room = _Room(self._accounts, owner.senders, BODY_WITHIN_S)
        return await _in_time(receive, MAX_BODY_BYTES, room, None)

    async def _file(
        self,
        scope: AsgiScope,
        receive: Receive,
        of_file: tuple[FileDoor, Admission],
        place: ExitStack,
    ) -> bytes:
        door, admission = of_file
        if _length(scope) > door.most_bytes:
            await _check_length(scope, receive, door.most_bytes)
        try:
            senders = await self._sender(scope, door)
        except ApiError:
            await _read_away(receive)
            raise
        await _check_length(scope, receive, door.most_bytes)
        room = _Room(admission, senders, door.within_s)
        return await _in_time(
            receive, door.most_bytes, room, place if door.until_answered else None
        )

    def _file_door(self, path: str) -> tuple[FileDoor, Admission] | None:
        return next((file for file in self._files if file[0].path.fullmatch(path)), None)

    async def _sender(self, scope: AsgiScope, door: FileDoor) -> Sequence[str]:
        """Return the sender of a file before its body; it waits in a stranger's place."""
        try:
            async with asyncio.timeout(BODY_WITHIN_S) as deadline:
                with self._strangers.held((address_of(scope),), _ending(deadline)) as has_place:
                    if not has_place:
                        raise busy()
                    request = Request(scope)
                    return await to_thread.run_sync(door.sender, request, limiter=self._askers)
        except TimeoutError:
            raise busy() from None
        except ArchiveError as error:
            raise of_outage(error) from None


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a body may come in, whose it is, and within how long."""

    admission: Admission
    senders: Sequence[str]
    within_s: float


def _length(scope: AsgiScope) -> int:
    """Return the stated length of a body; an invalid one counts as too long."""
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    return int(stated) if stated.isdigit() and len(stated) <= _LONGEST_LENGTH else 1 << 62


async def _check_length(scope: AsgiScope, receive: Receive, most: int) -> None:
    if _length(scope) > most:
        await _read_away(receive)
        raise ApiError(413, "too_large", limit=most)


def _ending(deadline: asyncio.Timeout) -> Callable[[], None]:
    """Return a function that ends a body."""
    return lambda: deadline.reschedule(asyncio.get_running_loop().time())


class _Left(Exception):
    """The other side went before its body was in."""


async def _in_time(receive: Receive, most: int, room: _Room, answering: ExitStack | None) -> bytes:
    with ExitStack() as reading:
        try:
            async with asyncio.timeout(room.within_s) as deadline:
                place = room.admission.enter(room.senders, _ending(deadline))
                if place is None:
                    raise busy()
                reading.callback(place.leave)
                body = await _read(receive, most)
                place.stays = True
        except TimeoutError:
            raise ApiError(408, "too_slow") from None
        if answering is not None:
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
    received = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READ_AWAY_S):
            while received <= READ_AWAY_BYTES:
                message = await receive()
                received += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


def _has_body(scope: AsgiScope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
