"""Limits of concurrent requests: excess ones are refused, none waits."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import ExitStack

from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from thapcanh.app.process.admission import (
    ACCOUNTS,
    FILE_REQUEST_S,
    HEALTH,
    OFFICERS,
    REFUSED,
    REQUEST_S,
    STRANGERS,
    STREAMS,
    Admission,
    DoorPlace,
    network_of,
)
from thapcanh.app.web_api.errors import ApiError, answer_in
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.middleware.fair_places import RequestOwner, RequestPlace, request_turns
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions
from thapcanh.app.web_api.prefix import PREFIX

PLACE = "thapcanh.place"  # of a request that is counted, in its ASGI scope
STREAM_PATH = f"{PREFIX}/stream"
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
REFUSED_AFTER_S = (1.0, 3.0)  # until one hears that there is no place; nothing is held
REFUSED_WITHIN_S = 30.0  # who is refused again and again waits as long
STRANGER_WAITS_S = 5.0  # until its address may spend again; a longer wait is refused
BUSY = 503


class RequestLimit:
    """The admissions of requests; belongs to the event loop, counts are read from anywhere."""

    def __init__(self) -> None:
        self.officers = Admission(OFFICERS)
        self.accounts = Admission(ACCOUNTS)
        self.strangers = Admission(STRANGERS)
        self.health = Admission(HEALTH)
        self.streams = Admission(STREAMS)
        self.refused = Admission(REFUSED)
        self.turns = request_turns(self.accounts)

    @property
    def turned_away(self) -> int:
        doors = (self.officers, self.accounts, self.strangers, self.health, self.streams)
        return sum(door.turned_away for door in doors)

    def entered(self, path: str, owner: RequestOwner) -> DoorPlace | None:
        """Return a place for an account's request, or None."""
        if path == STREAM_PATH:
            return self.streams.enter((*owner.senders, owner.session))
        return (self.officers if owner.is_officer else self.accounts).enter(owner.senders)

    def entered_by_stranger(self, path: str, address: str) -> DoorPlace | None:
        """Return a place for a request without a session, or None."""
        door = self.health if path in HEALTH_PATHS else self.strangers
        return door.enter((address,))

    async def may_spend(self, path: str, address: str) -> bool:
        """Charge a stranger's address before the work; wait until it may spend, false if long.

        What is answered at once holds a place for no time: only this bounds how much of it comes.
        """
        cost_s = REQUEST_S if path.startswith(PREFIX) else FILE_REQUEST_S
        self.strangers.correct((address,), cost_s)
        wait_s = self.strangers.wait_s((address,))
        if wait_s > STRANGER_WAITS_S:
            self.strangers.correct((address,), -cost_s)
            self.strangers.turned_away += 1
            return False
        if wait_s:
            await asyncio.sleep(wait_s)
        return True

    async def let_wait(self, senders: Sequence[str]) -> None:
        """Let who is refused wait, the longer the more often it is."""
        self.refused.correct(senders, REQUEST_S)
        with self.refused.held(senders) as has_place:
            if has_place:
                await let_wait()
                await asyncio.sleep(min(self.refused.wait_s(senders), REFUSED_WITHIN_S))


class CountedRequest:
    """Place of one request: a stranger's until its account is found."""

    def __init__(self, limit: RequestLimit, path: str, place: DoorPlace) -> None:
        self._limit = limit
        self._path = path
        self._places = ExitStack()
        self._places.callback(place.leave)
        self._turn: RequestPlace | None = None
        self.is_known = False
        self.is_stream = path == STREAM_PATH

    async def belong_to(self, owner: RequestOwner) -> None:
        """Move to a place of its account, and wait for a turn. Raise `ApiError` without one."""
        if self.is_known:
            return
        place = self._limit.entered(self._path, owner)
        if place is None:
            raise busy()
        self._places.close()
        self._places.callback(place.leave)
        await self.begin(owner)

    async def begin(self, owner: RequestOwner) -> None:
        """Wait for a turn of its account; a stream needs none, for nothing is worked on."""
        self.is_known = True
        if self.is_stream:
            return
        self._turn = RequestPlace(self._limit.turns, owner)
        await self._turn.take()

    async def take(self) -> None:
        """Wait for a turn again: the next piece of an answer is made."""
        if self._turn is not None:
            await self._turn.take()

    def leave(self) -> None:
        """Give the turn back; the place lasts as long as the request."""
        if self._turn is not None:
            self._turn.leave()

    def end(self) -> None:
        """Give everything back; again is fine."""
        self.leave()
        self._places.close()


class ConcurrencyLimit:
    """Turns requests away at once when too many are in work, and lets none of them wait."""

    def __init__(
        self, app: ASGIApp, default: Language, crowd: RequestLimit, known: VerifiedSessions
    ) -> None:
        self._app = app
        self._default = default
        self._crowd = crowd
        self._registered = known

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        is_health = path in HEALTH_PATHS
        owner = None if is_health else self._registered.owner(scope["headers"])
        place = await self._entered(scope, owner)
        if place is None:
            address = address_of(scope)
            await self._crowd.let_wait((address, address) if owner is None else owner.senders)
            await answer_in(scope, busy(), self._default)(scope, receive, send)
            return
        request = scope[PLACE] = CountedRequest(self._crowd, path, place)
        try:
            if owner is not None:
                await request.begin(owner)
            await self._app(scope, receive, _in_time(request, send))
        finally:
            request.end()

    async def _entered(self, scope: AsgiScope, owner: RequestOwner | None) -> DoorPlace | None:
        path, address = scope["path"], address_of(scope)
        if owner is not None:
            return self._crowd.entered(path, owner)
        if path not in HEALTH_PATHS and not await self._crowd.may_spend(path, address):
            return None
        return self._crowd.entered_by_stranger(path, address)


def _in_time(request: CountedRequest, send: Send) -> Send:
    """Return a sender that releases the turn when the response starts."""

    async def send_on(message: Message) -> None:
        request.leave()
        if message.get("status") == BUSY and not request.is_known:
            request.end()  # an answer that waits holds no place
            await let_wait()
        await send(message)

    return send_on


async def let_wait() -> None:
    """Delay a refusal at random, so that retries do not coincide."""
    await asyncio.sleep(random.uniform(*REFUSED_AFTER_S))  # noqa: S311 no secret


def address_of(scope: AsgiScope) -> str:
    """Return who a stranger is: the address of the request, or its network of IPv6.

    Empty where the server names none.
    """
    client = scope.get("client")
    return network_of(str(client[0])) if client else ""


def busy() -> ApiError:
    """Return the answer of a server that has no place: 503, try again in 2 s."""
    return ApiError(BUSY, "busy", headers={"Retry-After": "2"})
