"""Login through the provider: out to it, and back from it. A refusal tells the browser no reason.

The cookie of a login on its way is `Lax`, for the browser comes back from another site; it binds
the answer to the browser that began.
"""

import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse

from app.api.app_state import AppStateDep
from app.api.auth.access import COOKIE, enforce
from app.api.auth.oidc_client import BEGUN_S, OidcRefused
from app.api.errors import ApiError
from app.api.prefix import PREFIX
from app.api.schemas import ApiModel

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["session"])

ON_ITS_WAY = "thapcanh_oidc"
_PATH = f"{PREFIX}/oidc"
_REFUSED = "/?sso=refused"

Word = Annotated[str, Query(max_length=2048)]


class OidcResponse(ApiModel):
    """What stands on the button; nothing where there is no provider."""

    label: str | None


@router.get("/oidc", dependencies=[Depends(enforce)])
def door(here: AppStateDep) -> OidcResponse:
    """Whether one can log in through a provider."""
    settings = here.oidc.settings
    return OidcResponse(label=None if settings is None else settings.label)


@router.get("/oidc/login", dependencies=[Depends(enforce)], status_code=303)
def go(here: AppStateDep) -> RedirectResponse:
    """Send the browser to the provider."""
    if here.oidc.settings is None:
        raise ApiError(404, "not_found")
    try:
        begun = here.oidc.begin()
    except OidcRefused as refused:
        log.error("login by the provider: %s", refused)
        return RedirectResponse(_REFUSED, 303)
    answer = RedirectResponse(begun.url, 303)
    answer.set_cookie(
        ON_ITS_WAY,
        begun.state,
        max_age=int(BEGUN_S),
        path=_PATH,
        secure=here.services.site().centre.is_tls,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/oidc/callback", dependencies=[Depends(enforce)], status_code=303)
def come_back(
    here: AppStateDep, request: Request, state: Word = "", code: Word = ""
) -> RedirectResponse:
    """Let in who comes back from the provider with its word."""
    address = request.client.host if request.client else ""
    begun_here = request.cookies.get(ON_ITS_WAY, "")
    try:
        if not state or not hmac.compare_digest(begun_here.encode(), state.encode()):
            raise OidcRefused("not the browser that began")
        signed_in = here.sign_in.admit(here.oidc.finish(state, code), address)
    except OidcRefused as refused:
        log.warning("login by the provider from %s refused: %s", address, refused)
        return RedirectResponse(_REFUSED, 303)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(ON_ITS_WAY, path=_PATH, httponly=True, samesite="lax")
    answer.set_cookie(
        COOKIE,
        signed_in.token,
        path="/",
        secure=here.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )
    return answer
