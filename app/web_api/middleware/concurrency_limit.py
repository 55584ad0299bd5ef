"""How many requests are in work at once: too many are turned away, and none waits.

What all limits share stands here too: counting by address, and the answer without a place.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.web_api.errors import ApiError, answer_in
from app.web_api.language import Language
from app.web_api.middleware.fair_places import FairPlaces, RequestOwner, RequestPlace
from app.web_api.middleware.known_sessions import KnownSessions
from app.web_api.prefix import PREFIX

PLACE = "thapcanh.place"  # of a session's request, in its ASGI scope
MAX_AT_ONCE = 200  # requests of sessions in force, in work or waiting
STRANGERS_AT_ONCE = 64  # the same of all others
STRANGERS_OF_ADDRESS = 24  # behind a proxy that is not on this machine, all of them
_UNCOUNTED = frozenset({f"{PREFIX}/stream", "/healthz", "/readyz"})
REFUSED_AFTER_S = (1.0, 3.0)  # until a stranger hears that there is no place; nothing is held
BUSY = 503


@dataclass(slots=True, kw_only=True)
class RequestLimit:
    """Who is in work; counted on the event loop, read from anywhere."""

    known: Counter[str] = field(default_factory=Counter)  # by agency
    places: FairPlaces = field(default_factory=FairPlaces)
    strangers: Counter[str] = field(default_factory=Counter)
    turned_away: int = 0


class ConcurrencyLimit:
    """Turns requests away at once when too many are in work, and lets none of them wait.

    Sessions in force have places of their own, of which no agency takes more than it leaves free;
    of all others no address takes more than a share.
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
            return
        owner = self._known.owner(scope["headers"])
        if owner is None:
            await self._as_stranger(scope, receive, send)
        else:
            await self._as_known(owner, scope, receive, send)

    async def _as_known(
        self, owner: RequestOwner, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        known = self._crowd.known
        if known[owner.agency] >= MAX_AT_ONCE - known.total():
            await let_wait()
            await self._turn_away(scope, receive, send)
            return
        place = RequestPlace(self._crowd.places, owner)
        scope[PLACE] = place

        async def send_on(message: Message) -> None:
            """What follows the beginning of an answer waits for its reader."""
            place.leave()
            await send(message)

        with counted(known, owner.agency):
            await place.take()
            try:
                await self._app(scope, receive, send_on)
            finally:
                place.leave()

    async def _as_stranger(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        strangers, address = self._crowd.strangers, address_of(scope)
        if strangers.total() >= STRANGERS_AT_ONCE or strangers[address] >= STRANGERS_OF_ADDRESS:
            await let_wait()
            await self._turn_away(scope, receive, send)
            return
        with contextlib.ExitStack() as place:
            place.enter_context(counted(strangers, address))

            async def send_late(message: Message) -> None:
                """An answer that waits holds no place."""
                if message.get("status") == BUSY:
                    place.close()
                    await let_wait()
                await send(message)

            await self._app(scope, receive, send_late)

    async def _turn_away(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        self._crowd.turned_away += 1
        await answer_in(scope, busy(), self._default)(scope, receive, send)


@contextlib.contextmanager
def counted(counter: Counter[str], address: str) -> Iterator[None]:
    """Count the address while the block runs; one that is back at 0 takes no memory."""
    counter[address] += 1
    try:
        yield
    finally:
        counter[address] -= 1
        if not counter[address]:
            del counter[address]


async def let_wait() -> None:
    """Who is refused tries again at once: many of them shall not do so at the same moment."""
    await asyncio.sleep(random.uniform(*REFUSED_AFTER_S))  # noqa: S311 no secret


def address_of(scope: AsgiScope) -> str:
    """Return the address that the request comes from; empty where the server names none."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def busy() -> ApiError:
    """Return the answer of a server that has no place: 503, try again in 2 s."""
    return ApiError(BUSY, "busy", headers={"Retry-After": "2"})
