"""Interface of telephone exchanges: an adapter connects, reports calls, raises on failure.

Adapters never retry; the telephone service does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from thapcanh.alerts.calls.incoming_calls import CallNotice


class ExchangeError(Exception):
    """Failure of an exchange; the message is one sentence without secrets."""


class ExchangeUnreachable(ExchangeError):
    """No connection, or it ended."""


class ExchangeRefused(ExchangeError):
    """It answers, and does not accept our login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCall:
    """One notice of one call, in this centre's terms."""

    call_id: str
    notice: CallNotice
    line: str
    caller: str | None


class Exchange(Protocol):
    """Exchange of one maker."""

    async def listen(
        self, on_call: Callable[[ReceivedCall], Awaitable[None]], up: Callable[[], None]
    ) -> None:
        """Connect, call `up` once it works, and report calls until it ends.

        Raises `ExchangeError`.
        """
        ...
