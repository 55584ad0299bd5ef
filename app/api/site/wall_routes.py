"""Links for walls: made by those who run the site, opened once by the wall itself."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from alerts.lifecycle.roles import Role
from app.api.app_state import AppStateDep
from app.api.auth.access import CurrentUserDep, enforce
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import OPEN
from app.api.auth.session_routes import session_response
from app.api.middleware.known_sessions import COOKIE
from app.api.prefix import PREFIX
from app.api.schemas.base import ApiModel, Time
from app.api.schemas.session import SessionResponse
from app.api.site.walls import SESSION_S

router = APIRouter(prefix=PREFIX, tags=["walls"])


class WallLinkRequest(BaseModel):
    """Which wall the link is for."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]*$")]


class OpenWallRequest(BaseModel):
    """The code of a link."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=128, repr=False)]


class WallLinkResponse(ApiModel):
    """Where to open the wall. The code stands behind `#`, which browsers send to nobody."""

    path: str
    expires_at: Time


@router.post("/walls", status_code=201)
@permits(frozenset({Role.LEADER, Role.ADMIN}))
def make_link(
    wanted: WallLinkRequest, caller: CurrentUserDep, here: AppStateDep
) -> WallLinkResponse:
    """A link that lets one wall in, once, within ten minutes."""
    link = here.walls.link(wanted.name.strip() or wanted.name, caller.session.user)
    return WallLinkResponse(path=f"/wall#{link.code}", expires_at=link.expires_at)


@router.post("/walls/session", dependencies=[Depends(enforce)])
@permits(OPEN)  # the link's code is the login
async def open_wall(
    given: OpenWallRequest, here: AppStateDep, request: Request, response: Response
) -> SessionResponse:
    """Let a wall in by its code; sets the session's cookie, which outlives the browser."""
    address = request.client.host if request.client else ""
    opened = await here.logins.run(address, partial(here.walls.open, given.code, address))
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(SESSION_S),  # a wall that restarts at night must come back by itself
        path="/",
        secure=here.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )
    return session_response(opened.session)
