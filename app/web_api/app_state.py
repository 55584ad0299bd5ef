"""What endpoints work with, handed to each as `AppStateDep`: what all share, and by type the rest.

A feature's own part is asked for by who needs it, `here.part(LiveView)`: no feature's name stands
here, and an endpoint is given no more than what it names.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from app.web_api.app_context import AppContext
from app.web_api.bounded_executor import BoundedExecutor
from app.web_api.middleware.concurrency_limit import RequestLimit
from app.web_api.middleware.known_sessions import KnownSessions
from app.web_api.people import People

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """Made once by `create_app`."""

    services: AppContext
    people: People
    crowd: RequestLimit
    known: KnownSessions
    began_at: float  # by the monotonic clock
    lookups: CapacityLimiter
    health: CapacityLimiter
    logins: BoundedExecutor
    provider_calls: BoundedExecutor
    end_session: Callable[[str], Awaitable[None]]
    """Ends at once what a session has open: streams, exports, live views."""
    parts: Mapping[type, Any] = field(default_factory=dict)
    """What the features made for their own endpoints."""

    def part(self, kind: type[T]) -> T:
        """A feature's own part. Raises `KeyError` where this app was made without."""
        return cast(T, self.parts[kind])

    def part_or_none(self, kind: type[T]) -> T | None:
        """The same; None where this app was made without."""
        return cast(T | None, self.parts.get(kind))


async def app_state_of(request: Request) -> AppState:
    """The state of the app that serves this request."""
    return cast(AppState, request.app.state.here)


AppStateDep = Annotated[AppState, Depends(app_state_of)]
