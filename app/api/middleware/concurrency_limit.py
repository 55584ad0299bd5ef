"""How many requests are in work at once: too many are turned away, and none waits."""

import contextlib
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.api.errors import answer_in
from app.api.language import Language
from app.api.middleware.known_sessions import KnownSessions
from app.api.middleware.overload import BUSY, address_of, busy, counted, let_wait
from app.api.prefix import PREFIX

MAX_AT_ONCE = 200  # requests of sessions in force, in work or waiting for a thread
STRANGERS_AT_ONCE = 64  # the same of all others
STRANGERS_OF_ADDRESS = 24  # behind a proxy that is not on this machine, all of them
_UNCOUNTED = frozenset({f"{PREFIX}/stream", "/healthz", "/readyz"})


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
