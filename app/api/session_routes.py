"""Logging in, asking who one is, logging out."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from alerts.archive import Session
from app.accounts import LONGEST_PASSWORD
from app.api.access import COOKIE, Asking, enforce
from app.api.forms import Problem, ShownSession, ShownUser
from app.api.parts import Here
from app.api.permissions import PREFIX, main_role

router = APIRouter(prefix=PREFIX, tags=["session"])


class Credentials(BaseModel):
    """What is typed at the login."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")
    password: str = Field(min_length=1, max_length=LONGEST_PASSWORD, repr=False)


@router.post(
    "/session",
    dependencies=[Depends(enforce)],
    responses={429: {"model": Problem, "description": "locked out"}},
)
def log_in(given: Credentials, here: Here, request: Request, response: Response) -> ShownSession:
    """Log in; sets the session's cookie."""
    address = request.client.host if request.client else ""
    signed_in = here.sign_in.open(given.username, given.password, address)
    response.set_cookie(
        COOKIE,
        signed_in.token,
        expires=None,  # ends with the browser; the archive ends it at its time
        path="/",
        secure=here.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )
    return shown_session(signed_in.session)


@router.get("/session")
def who_am_i(caller: Asking) -> ShownSession:
    """Who is logged in."""
    return shown_session(caller.session)


@router.delete("/session", status_code=204)
async def log_out(caller: Asking, here: Here) -> Response:
    """Log out; this session's streams and live views end too."""
    await run_in_threadpool(here.sign_in.close, caller.session_key)
    here.feed.end_session(caller.session_key)
    await here.live.end_session(caller.session_key)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def shown_session(session: Session) -> ShownSession:
    """A login as its owner sees it."""
    user = session.user
    return ShownSession(
        user=ShownUser(
            username=user.username,
            name=user.name,
            role=main_role(user.roles),
            roles=sorted(user.roles),
            locale=user.locale,
        ),
        csrf=session.csrf,
        expires_at=session.expires_at,
    )
