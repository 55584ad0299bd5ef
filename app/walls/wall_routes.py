"""Web routes of walls: a wall shows six digits, an administrator approves them."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.store.roles import Role
from thapcanh.app.walls.walls import SESSION_S, Walls
from thapcanh.app.web_api.access.access import CurrentUserDep, enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.access.session_routes import session_response
from thapcanh.app.web_api.access.session_schemas import SessionResponse
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.public_address import PublicAddress, public_address
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, SpokenModel, Time

router = APIRouter(prefix=PREFIX, tags=["walls"])

_RUNS_WALLS = frozenset({Role.LEADER, Role.ADMIN})
_APPROVE_PATH = "/settings/walls"


class WallPairingResponse(ApiModel):
    """Digits to show, and the secret for polling the approval.

    `approve` is the approval page, with the digits behind `#`.
    """

    code: str
    secret: str
    expires_at: Time
    approve: PublicAddress


class ApproveWallRequest(SpokenModel):
    """The digits that a wall shows, and what the wall is called."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]*$")]


class ApprovedWallResponse(ApiModel):
    """Where the wall that was let in stands in the network."""

    name: str
    address: str


class OpenWallRequest(BaseModel):
    """The secret of a pairing."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[str, Field(min_length=1, max_length=128, repr=False)]


class WallResponse(ApiModel):
    """A wall that was let in."""

    username: str
    name: str
    made_by: PersonResponse | None
    made_at: Time


class WallListResponse(ApiModel):
    """The walls in force that the caller may end."""

    items: list[WallResponse]


@router.post("/walls/pairing", status_code=201, dependencies=[Depends(enforce)])
@permits(OPEN)  # gives nothing but digits to show
def ask(state: AppStateDep, request: Request) -> WallPairingResponse:
    """Six digits for a wall; they live two minutes."""
    pairing = state.part(Walls).ask(_address_of(request))
    path = f"{_APPROVE_PATH}#{pairing.code}"
    return WallPairingResponse(
        code=pairing.code,
        secret=pairing.secret,
        expires_at=pairing.expires_at,
        approve=public_address(state.services.site().centre, request, path),
    )


@router.post("/walls", status_code=201)
@permits(_RUNS_WALLS)
def approve(
    body: ApproveWallRequest, caller: CurrentUserDep, state: AppStateDep
) -> ApprovedWallResponse:
    """Let in the wall that shows these digits; it sees what the caller sees."""
    name = body.name.strip() or body.name
    address = state.part(Walls).approve(body.code, name, caller.session.user)
    return ApprovedWallResponse(name=name, address=address)


@router.post(
    "/walls/session",
    dependencies=[Depends(enforce)],
    response_model=SessionResponse,
    responses={202: {"description": "nobody has typed the digits yet"}},
)
@permits(OPEN)  # the pairing's secret is the login
async def open_wall(
    body: OpenWallRequest, state: AppStateDep, request: Request, response: Response
) -> SessionResponse | Response:
    """Come in by a secret, once approved; sets the session's cookie, which outlives the browser."""
    if not state.part(Walls).is_approved(body.secret):
        return Response(status_code=202)
    address = _address_of(request)
    opened = await state.logins.run(address, partial(state.part(Walls).open, body.secret, address))
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(SESSION_S),  # a wall that restarts at night must come back by itself
        path="/",
        secure=state.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )
    return session_response(state, opened.session)


@router.get("/walls")
@permits(_RUNS_WALLS)
def list_walls(caller: CurrentUserDep, state: AppStateDep) -> WallListResponse:
    """List the walls in force."""
    return WallListResponse(
        items=[_shown(wall, state) for wall in state.part(Walls).in_force(caller.scope)]
    )


@router.delete("/walls/{username}", status_code=204)
@permits(_RUNS_WALLS)
def end_wall(username: str, caller: CurrentUserDep, state: AppStateDep) -> Response:
    """End a wall; it shows so within seconds."""
    state.part(Walls).end(username, caller.session.user, caller.scope)
    return Response(status_code=204)


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _shown(wall: User, state: AppState) -> WallResponse:
    return WallResponse(
        username=wall.username,
        name=wall.name,
        made_by=state.people.person(wall.made_by),
        made_at=wall.created_at,
    )
