"""A login's second step, and the factors of the account that is logged in."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.accounts.second_factors import StoredFactor
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.permissions import FACTORED, OPEN
from thapcanh.app.web_api.access.second_factors import SecondFactors
from thapcanh.app.web_api.access.session_routes import (
    origin_of,
    session_response,
    set_session_cookie,
)
from thapcanh.app.web_api.access.session_schemas import SessionResponse
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, Time

router = APIRouter(prefix=PREFIX, tags=["session"])

FRESH_S = 600.0  # factors are changed only soon after the password was shown
_Code = Annotated[str, Field(min_length=6, max_length=8, pattern=r"^[0-9]*$")]
_Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]*$")]
_TicketText = Annotated[str, Field(min_length=1, max_length=64)]


class SecondStep(BaseModel):
    """The answer to a ticket: a code, or what the authenticator signed."""

    model_config = ConfigDict(extra="forbid")

    ticket: _TicketText
    code: _Code | None = None
    assertion: dict[str, Any] | None = None


class SecondFactorResponse(ApiModel):
    """One factor; its secret is never returned."""

    id: str
    kind: str
    name: str
    created_at: Time


class SecondFactorList(ApiModel):
    """The factors of the account, the oldest first."""

    items: list[SecondFactorResponse]


class CodeBegun(ApiModel):
    """A new secret for a phone; it counts once a code of it is shown."""

    ticket: str
    secret: str
    uri: str


class CodeShown(BaseModel):
    """The first code of a new secret, and what the phone is called."""

    model_config = ConfigDict(extra="forbid")

    ticket: _TicketText
    code: _Code
    name: _Name


class KeyBegun(ApiModel):
    """Request for the authenticator (WebAuthn)."""

    ticket: str
    options: dict[str, Any]


class KeyShown(BaseModel):
    """Answer of the authenticator, and its name."""

    model_config = ConfigDict(extra="forbid")

    ticket: _TicketText
    credential: dict[str, Any]
    name: _Name


@router.post("/session/second-factor", dependencies=[Depends(enforce)])
@permits(OPEN)
async def second_step(
    body: SecondStep, state: AppStateDep, request: Request, response: Response
) -> SessionResponse:
    """Finish a login; sets the session's cookie."""
    address = request.client.host if request.client else ""
    signed_in = await state.logins.run(
        address,
        partial(
            state.part(LoginService).finish,
            body.ticket,
            body.code,
            body.assertion,
            origin_of(request),
            address,
        ),
    )
    set_session_cookie(response, signed_in.token, state)
    return session_response(state, signed_in.session, signed_in.guessed)


@router.get("/second-factors")
@permits(FACTORED)
def list_factors(caller: CurrentUserDep, state: AppStateDep) -> SecondFactorList:
    """List the caller's factors."""
    found = state.part(SecondFactors).of(caller.session.user.username)
    return SecondFactorList(items=[_shown(factor) for factor in found])


@router.post("/second-factors/code")
@permits(FACTORED)
def begin_code(caller: CurrentUserDep, state: AppStateDep) -> CodeBegun:
    """Make a secret for a code generator."""
    username = _fresh(caller, state).session.user.username
    site = state.services.site().site.name
    ticket, secret, uri = state.part(SecondFactors).begin_code(username, site)
    return CodeBegun(ticket=ticket, secret=secret, uri=uri)


@router.post("/second-factors/code/confirm", status_code=201)
@permits(FACTORED)
def finish_code(
    caller: CurrentUserDep, state: AppStateDep, body: CodeShown
) -> SecondFactorResponse:
    """Add the generator; logins require its code from now on."""
    username = _fresh(caller, state).session.user.username
    return _shown(
        state.part(SecondFactors).finish_code(username, body.ticket, body.code, body.name)
    )


@router.post("/second-factors/key")
@permits(FACTORED)
def begin_key(caller: CurrentUserDep, state: AppStateDep, request: Request) -> KeyBegun:
    """Ask for a new authenticator."""
    user, site = _fresh(caller, state).session.user, state.services.site().site.name
    ticket, options = state.part(SecondFactors).begin_key(user, site, origin_of(request))
    return KeyBegun(ticket=ticket, options=options)


@router.post("/second-factors/key/confirm", status_code=201)
@permits(FACTORED)
def finish_key(
    caller: CurrentUserDep, state: AppStateDep, request: Request, body: KeyShown
) -> SecondFactorResponse:
    """Add the authenticator; logins require it from now on."""
    username = _fresh(caller, state).session.user.username
    origin = origin_of(request)
    return _shown(
        state.part(SecondFactors).finish_key(
            username, body.ticket, body.credential, body.name, origin
        )
    )


@router.delete("/second-factors/{factor_id}", status_code=204)
@permits(FACTORED)
def remove_factor(caller: CurrentUserDep, state: AppStateDep, factor_id: str) -> Response:
    """Forget a factor."""
    username = _fresh(caller, state).session.user.username
    state.part(SecondFactors).remove(username, factor_id[:64].replace("\0", ""))
    return Response(status_code=204)


def _fresh(caller: CurrentUser, state: AppStateDep) -> CurrentUser:
    """Refuse an old session, or a provider's account, which has no factors here."""
    if ":" in caller.session.user.username:
        raise ApiError(403, "not_allowed")
    if state.services.clock.utc() - caller.session.created_at > FRESH_S:
        raise ApiError(403, "login_again")
    return caller


def _shown(factor: StoredFactor) -> SecondFactorResponse:
    return SecondFactorResponse(
        id=factor.id, kind=factor.kind, name=factor.name, created_at=factor.created_at
    )
