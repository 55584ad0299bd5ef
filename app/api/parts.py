"""The parts of one API, made once by `create_app` and handed to every endpoint as `Here`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from alerts.roles import Scope
from app.api.camera_board import CameraBoard
from app.api.change_feed import ChangeFeed
from app.api.change_source import ArchiveChanges
from app.api.doorway import Crowd
from app.api.people import People
from app.api.prober import Prober
from app.api.services import Services
from app.api.sessions import Sessions
from app.api.sign_in import SignIn
from app.api.walls import Walls
from app.live.live_view import LiveView
from app.oidc import OidcDoor


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What endpoints work with."""

    services: Services
    people: People
    cameras: CameraBoard
    changes: ArchiveChanges
    feed: ChangeFeed
    live: LiveView
    pulse: Callable[[Scope], str]
    sessions: Sessions
    sign_in: SignIn
    oidc: OidcDoor
    walls: Walls
    prober: Prober
    crowd: Crowd


async def parts_of(request: Request) -> Parts:
    """The parts of the app that serves this request."""
    return cast(Parts, request.app.state.parts)


Here = Annotated[Parts, Depends(parts_of)]
