"""Access check of every route, as one dependency.

A mutation by cookie must come from our own pages or no page (docs/adr/0008). A program's token is
never sent by browsers; its scopes narrow its roles.
"""

import hmac
import inspect
from dataclasses import dataclass, replace
from typing import Annotated

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request

from thapcanh.alerts.accounts.account_records import LoginSession, User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.store.roles import Actor, DataFilter, Role
from thapcanh.app.web_api.access.endpoint_access import EndpointAccess, PublicEndpoint, access_of
from thapcanh.app.web_api.access.login_service import session_key
from thapcanh.app.web_api.access.scope_in_force import scope_in_force, within_owner
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.access.token_scopes import token_sha256
from thapcanh.app.web_api.app_state import AppContext, AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.concurrency_limit import PLACE, CountedRequest
from thapcanh.app.web_api.middleware.fair_places import RequestOwner, owner_of
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE, session_token

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD"})
_LONGEST_TOKEN = 128
_BEARER = "bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentUser:
    """Caller of a route, with roles and data scope.

    A person, or a program with its token's powers; `senders` are the centres that the token acts
    for.
    """

    session: LoginSession
    session_key: str
    roles: frozenset[Role]
    scope: DataFilter
    powers: frozenset[str] | None = None
    senders: frozenset[str] = frozenset()

    def actor(self, role: Role) -> Actor:
        user = self.session.user
        return Actor(username=user.username, name=user.name, role=role, scope=self.scope)


async def enforce(request: Request, state: AppStateDep) -> CurrentUser | None:
    """Admit the request or raise `ApiError`; return None for a public route.

    Requests without a session or token are refused at once. Unverified ones are looked up in
    separate threads, so that they neither delay requests with sessions nor use their threads; so
    are streams, which all reconnect when a centre starts.
    """
    endpoint = request.scope["route"].endpoint
    access = access_of(endpoint)
    if isinstance(access.roles, PublicEndpoint):
        return None
    if not session_token(request.scope["headers"]):
        raise ApiError(401, "not_logged_in")
    counted: CountedRequest = request.scope[PLACE]
    caller = await anyio.to_thread.run_sync(
        admitted, request, state, access, limiter=_lookups(state, counted)
    )
    await counted.belong_to(owner_of_caller(caller))
    if inspect.iscoroutinefunction(endpoint):
        counted.leave()  # it waits for a camera or the other side, and needs no thread for that
    return caller


def _lookups(state: AppState, counted: CountedRequest) -> CapacityLimiter:
    if not counted.is_known:
        return state.strangers_lookups
    return state.stream_lookups if counted.is_stream else state.lookups


def owner_of_caller(caller: CurrentUser) -> RequestOwner:
    """Return whose limits a caller's requests count for."""
    user, is_program = caller.session.user, caller.powers is not None
    return owner_of(user, caller.session_key, is_program=is_program)


def admitted(request: Request, state: AppState, access: EndpointAccess) -> CurrentUser:
    """Return the caller if the route permits it; raise `ApiError`. Call in a thread."""
    caller = _authenticated(request, state)
    if isinstance(access.roles, PublicEndpoint) or not caller.roles & access.roles:
        raise ApiError(403, "not_allowed")
    if caller.powers is not None and access.token not in caller.powers:
        raise ApiError(403, "not_for_token")
    return caller


async def current_user_of(caller: Annotated[CurrentUser | None, Depends(enforce)]) -> CurrentUser:
    """Return the caller of a route that is not public."""
    if caller is None:
        raise ApiError(401, "not_logged_in")
    return caller


CurrentUserDep = Annotated[CurrentUser, Depends(current_user_of)]


def current_user(request: Request, state: AppState) -> CurrentUser | None:
    """Return the caller by session or token, if still valid.

    Called repeatedly during a stream. A token has precedence over a cookie.
    """
    shown = request.headers.get("authorization", "")
    if shown[: len(_BEARER)].lower() == _BEARER:
        return _program(shown[len(_BEARER) :].strip(), state)
    return _person(request.cookies.get(COOKIE, ""), state)


def _person(token: str, state: AppState) -> CurrentUser | None:
    if not _may_be_token(token):
        return None
    key = session_key(token)
    session = state.part(Sessions).find(key, state.services.clock.utc())
    if session is None:
        state.known.forget(key)
        return None
    caller = _caller(session, key, state.services)
    state.known.note(key, owner_of_caller(caller))
    return caller


def _program(token: str, state: AppState) -> CurrentUser | None:
    if not _may_be_token(token):
        return None
    key, services = token_sha256(token), state.services
    found = ApiTokenRepository(services.archive.database).find(key, services.clock.utc())
    if found is None:
        state.known.forget(key)
        return None
    caller = _caller(_session_of(found, services), key, services)
    program = replace(caller, powers=found.powers, senders=found.senders)
    state.known.note(key, owner_of_caller(program))
    return program


def _session_of(token: ApiToken, services: AppContext) -> LoginSession:
    """Return a token as a session of an account that cannot log in."""
    user = User(
        username=f"token:{token.name}",  # no account's name holds a colon
        name=token.name,
        roles=token.roles,
        locale=services.site().site.locale,
        password_hash="",
        scope=token.scope,
        created_at=token.created_at,
        maker=token.maker,
    )
    return LoginSession(
        user=user, csrf="", created_at=token.created_at, expires_at=token.expires_at
    )


def _caller(session: LoginSession, key: str, services: AppContext) -> CurrentUser:
    areas = services.site().areas
    user = within_owner(session.user, areas)
    return CurrentUser(
        session=replace(session, user=user),
        session_key=key,
        roles=user.roles,
        scope=scope_in_force(user.roles, user.scope, areas),
    )


def _may_be_token(token: str) -> bool:
    return token.isascii() and 0 < len(token) <= _LONGEST_TOKEN


def _authenticated(request: Request, state: AppState) -> CurrentUser:
    caller = current_user(request, state)
    if caller is None:
        raise ApiError(401, "not_logged_in")
    is_person = caller.powers is None
    if is_person and request.method not in _SAFE and _is_forged(request, caller.session):
        raise ApiError(403, "csrf")
    return caller


def _is_forged(request: Request, session: LoginSession) -> bool:
    """Return True if another site's page may have sent this. A wrong code always counts.

    Browsers name the sending page (`Origin`, compared in the middleware, and `Sec-Fetch-Site`); a
    client that names none is no browser.
    """
    sent = request.headers.get(CSRF_HEADER)
    if sent is not None:
        return not hmac.compare_digest(sent.encode(), session.csrf.encode())
    return request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
