"""Web routes of login through the provider.

The cookie of a started login is `Lax`, because the browser returns from another site; it binds the
answer to the browser.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse

from thapcanh.alerts.accounts.external_accounts import ExternalLoginRefused, ExternalRefusal
from thapcanh.app.web_api.access.access import enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.login_service import LoginService, SignedIn
from thapcanh.app.web_api.access.oidc_client import BEGUN_S, OidcClient
from thapcanh.app.web_api.access.oidc_provider import OidcRefused
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["session"])

ON_ITS_WAY = "thapcanh_oidc"
_PATH = f"{PREFIX}/oidc"
_REFUSED = "/?sso=refused"
_OF_ANOTHER = "/?sso=identity"  # the account belongs to another subject of the provider
_WITHIN_S = 15.0  # the browser is told then, whatever the provider does

T = TypeVar("T")

Word = Annotated[str, Query(max_length=2048)]


class OidcResponse(ApiModel):
    """Label of the login button; null without a provider."""

    label: str | None


@router.get("/oidc", dependencies=[Depends(enforce)])
@permits(OPEN)
async def door(app_state: AppStateDep) -> OidcResponse:
    """Return the provider's button, if one is configured."""
    settings = app_state.part(OidcClient).settings
    return OidcResponse(label=None if settings is None else settings.label)


@router.get("/oidc/login", dependencies=[Depends(enforce)], status_code=303)
@permits(OPEN)
async def go(app_state: AppStateDep, request: Request) -> RedirectResponse:
    """Send the browser to the provider."""
    if app_state.part(OidcClient).settings is None:
        raise ApiError(404, "not_found")
    try:
        begun = await _in_time(app_state, request, app_state.part(OidcClient).begin)
    except OidcRefused as refused:
        log.error("login by the provider: %s", refused)
        return RedirectResponse(_REFUSED, 303)
    answer = RedirectResponse(begun.url, 303)
    answer.set_cookie(
        ON_ITS_WAY,
        begun.kept,
        max_age=int(BEGUN_S),
        path=_PATH,
        secure=app_state.services.site().centre.is_tls,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/oidc/callback", dependencies=[Depends(enforce)], status_code=303)
@permits(OPEN)  # the provider's word is the login
async def come_back(
    app_state: AppStateDep, request: Request, state: Word = "", code: Word = ""
) -> RedirectResponse:
    """Let in who comes back from the provider with its word."""
    address = _address(request)
    kept, client = request.cookies.get(ON_ITS_WAY, ""), app_state.part(OidcClient)
    try:
        if not client.begun(kept, state):
            raise OidcRefused("not the browser that began")

        def admitted() -> SignedIn:
            return app_state.part(LoginService).admit(client.finish(kept, code), address)

        signed_in = await _in_time(app_state, request, admitted)
    except OidcRefused as refused:
        log.warning("login by the provider from %s refused: %s", address, refused)
        return RedirectResponse(_REFUSED, 303)
    except ExternalLoginRefused as refused:
        is_of_another = refused.why is ExternalRefusal.OTHER_SUBJECT
        level = logging.ERROR if is_of_another else logging.WARNING
        log.log(level, "login by the provider from %s refused: %s", address, refused)
        return RedirectResponse(_OF_ANOTHER if is_of_another else _REFUSED, 303)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(ON_ITS_WAY, path=_PATH, httponly=True, samesite="lax")
    answer.set_cookie(
        COOKIE,
        signed_in.token,
        path="/",
        secure=app_state.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )
    return answer


async def _in_time(app_state: AppState, request: Request, work: Callable[[], T]) -> T:
    """Do what speaks to the provider in threads of its own. Raises `OidcRefused`."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await app_state.provider_calls.run(_address(request), work)
    except TimeoutError:
        raise OidcRefused("the provider takes too long") from None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
