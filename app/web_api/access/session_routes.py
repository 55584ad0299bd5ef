"""Web routes of login, current session and logout."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.accounts.account_records import LoginSession
from thapcanh.alerts.accounts.users import GuessedAccount
from thapcanh.app.web_api.access.access import CurrentUserDep, enforce
from thapcanh.app.web_api.access.credentials import LONGEST_PASSWORD, SHORTEST_PASSWORD
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.permissions import ANYBODY, OPEN, main_role
from thapcanh.app.web_api.access.second_factors import Origin
from thapcanh.app.web_api.access.session_schemas import (
    GuessedResponse,
    SessionResponse,
    UserResponse,
)
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ProblemResponse

router = APIRouter(prefix=PREFIX, tags=["session"])

NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


class LoginRequest(BaseModel):
    """Body of a login."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=64, pattern=NO_NUL)
    password: str = Field(min_length=1, max_length=LONGEST_PASSWORD, repr=False)
    new_password: NewPassword | None = Field(None, repr=False)


class ChangePasswordRequest(BaseModel):
    """One's own password, and what it is to be."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=LONGEST_PASSWORD, repr=False)
    new_password: NewPassword = Field(repr=False)


@router.post(
    "/session",
    dependencies=[Depends(enforce)],
    responses={429: {"model": ProblemResponse, "description": "locked out"}},
)
@permits(OPEN)
async def log_in(
    body: LoginRequest, state: AppStateDep, request: Request, response: Response
) -> SessionResponse:
    """Log in and set the session cookie. A password set by another person is replaced."""
    address = request.client.host if request.client else ""
    opened = partial(
        state.part(LoginService).open, body.username, body.password, address, origin_of(request),
        new_password=body.new_password,
    )  # fmt: skip
    signed_in = await state.logins.run(address, opened)
    set_session_cookie(response, signed_in.token, state)
    return session_response(state, signed_in.session, signed_in.guessed)


def set_session_cookie(response: Response, token: str, state: AppState) -> None:
    """Hand the browser its session."""
    response.set_cookie(
        COOKIE,
        token,
        expires=None,  # ends with the browser; the archive ends it at its time
        path="/",
        secure=state.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )


def origin_of(request: Request) -> Origin:
    """Return the browser's origin, which the middleware compared with our own."""
    origin = request.headers.get("origin")
    return Origin(text=origin or f"{request.url.scheme}://{request.headers.get('host', '')}")


@router.get("/session")
@permits(ANYBODY, token=TokenScope.READ)
def who_am_i(caller: CurrentUserDep, state: AppStateDep) -> SessionResponse:
    """Return the current session."""
    guessed = state.part(LoginService).guessed(caller.session.user.username)
    return session_response(state, caller.session, guessed)


@router.post("/session/password", status_code=204)
@permits(ANYBODY)
async def change_own_password(
    body: ChangePasswordRequest, caller: CurrentUserDep, state: AppStateDep, request: Request
) -> None:
    """Change one's own password; one's other sessions end."""
    address = request.client.host if request.client else ""
    user, current_key = caller.session.user, caller.session_key
    changed = partial(
        state.part(LoginService).change_password,
        user.username,
        body.password,
        body.new_password,
        address,
        current_key,
    )
    done = await state.logins.run(address, changed)
    for key in done.ended:
        await end_at_once(state, key)


async def end_at_once(state: AppState, session_key: str) -> None:
    """End a session's streams at once."""
    state.known.forget(session_key)
    await state.end_session(session_key)


@router.delete("/session", status_code=204)
@permits(ANYBODY)
async def log_out(caller: CurrentUserDep, state: AppStateDep) -> Response:
    """Log out; this session's streams and live views end too."""
    await run_in_threadpool(state.part(LoginService).close, caller.session_key)
    await end_at_once(state, caller.session_key)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def session_response(
    state: AppState, session: LoginSession, guessed: GuessedAccount | None = None
) -> SessionResponse:
    """Return a session as its owner sees it."""
    user = session.user
    return SessionResponse(
        user=UserResponse(
            username=user.username,
            name=user.name,
            role=main_role(user.roles),
            roles=sorted(user.roles),
            locale=user.locale,
        ),
        csrf=session.csrf,
        expires_at=session.expires_at,
        guessed=None
        if guessed is None
        else GuessedResponse(at=guessed.at, what="codes" if guessed.of_codes else "password"),
        features=sorted(state.features),
    )
