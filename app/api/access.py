"""Who is asking, and whether they may: the one dependency in front of every endpoint.

The endpoint's row in `permissions` decides; without a row nobody may. A mutation by cookie must
come from our own pages or from none (docs/adr/0008). API tokens would join in `_authenticated`.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from alerts.archive import Session
from alerts.roles import Actor, Role, Scope
from app.api.parts import Here
from app.api.permissions import Open, access_of
from app.api.refusal import Refused
from app.api.scope import scope_in_force
from app.api.services import Services
from app.api.sign_in import session_key

COOKIE = "thapcanh_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD"})
_LONGEST_TOKEN = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person who may call this endpoint, and what of the site they see."""

    session: Session
    session_key: str
    roles: frozenset[Role]
    scope: Scope

    def actor(self, role: Role) -> Actor:
        """The person as one who gives commands, in one of their roles."""
        user = self.session.user
        return Actor(username=user.username, name=user.name, role=role, scope=self.scope)


def enforce(request: Request, here: Here) -> Caller | None:
    """Let the request pass or raise `Refused`; None where an endpoint is open to all."""
    method = "GET" if request.method == "HEAD" else request.method
    access = access_of(method, request.scope["route"].path)
    if isinstance(access, Open):
        return None
    caller = _authenticated(request, here.services)
    if not caller.roles & access:
        raise Refused(403, "not_allowed")
    return caller


def caller_of(caller: Annotated[Caller | None, Depends(enforce)]) -> Caller:
    """The person who calls an endpoint that is not open."""
    if caller is None:
        raise Refused(401, "not_logged_in")
    return caller


Asking = Annotated[Caller, Depends(caller_of)]


def caller_by_token(token: str, services: Services) -> Caller | None:
    """The person of a session's token; nobody when it ended or the account was disabled."""
    if not token.isascii() or not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    key = session_key(token)
    session = services.archive.session(key, services.clock.utc())
    if session is None:
        return None
    roles = session.user.roles
    return Caller(
        session=session,
        session_key=key,
        roles=roles,
        scope=scope_in_force(roles, session.user.scope, services.site().areas),
    )


def _authenticated(request: Request, services: Services) -> Caller:
    caller = caller_by_token(request.cookies.get(COOKIE, ""), services)
    if caller is None:
        raise Refused(401, "not_logged_in")
    if request.method not in _SAFE and _is_forged(request, caller.session):
        raise Refused(403, "csrf")
    return caller


def _is_forged(request: Request, session: Session) -> bool:
    """Whether another site's page may have sent this. A wrong code is never excused.

    Browsers name the page that sends (`Origin`, which the doorway compares with our own, and
    `Sec-Fetch-Site`); who names none is no browser, and holds the cookie because it logged in.
    """
    sent = request.headers.get(CSRF_HEADER)
    if sent is not None:
        return not hmac.compare_digest(sent.encode(), session.csrf.encode())
    return request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
