"""The door of all exchanges: an adapter connects, tells of calls, and raises when it cannot.

Adapters implement protocols and never retry; the telephone service retries.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from thapcanh.alerts.calls.incoming_calls import CallNotice


class ExchangeError(Exception):
    """An exchange does not serve us; the message says why in one sentence without secrets."""


class ExchangeUnreachable(ExchangeError):
    """No connection, or it ended."""


class ExchangeRefused(ExchangeError):
    """It answers, and does not accept our login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCall:
    """One notice of one call, in the words of this centre."""

    call_id: str
    notice: CallNotice
    line: str
    caller: str | None


class Exchange(Protocol):
    """One maker's exchange."""

    async def listen(
        self, heard: Callable[[HeardCall], Awaitable[None]], up: Callable[[], None]
    ) -> None:
        """Connect, call `up` once it serves us, and tell of calls until it ends.

        Raises `ExchangeError`.
        """
        ...
