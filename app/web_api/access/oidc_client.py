"""Login by OpenID Connect: authorization code with PKCE and verified signature.

A person has an account `sso:NAME`, bound to issuer and subject, updated from the claims at each
login, without a password. Runs in a thread with a timeout.
"""

import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from cryptography.fernet import Fernet, InvalidToken
from joserfc import jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict

from thapcanh.alerts.accounts.account_records import ExternalIdentity, User
from thapcanh.alerts.accounts.external_accounts import ExternalAccounts, ExternalPerson
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.access.oidc_provider import TIMEOUT_S, OidcProvider, OidcRefused
from thapcanh.config.servers.login_providers import OidcConfig
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressGuard, servers
from thapcanh.ingest.guarded_http import guarded

CALLBACK = "/api/v1/oidc/callback"
PREFIX = "sso:"  # no local account's name holds a colon
BEGUN_S = 600.0
MOST_FINISHED = 10_000
_LEEWAY_S = 60
_ALGORITHMS = ["RS256", "PS256", "ES256"]  # none that the client's secret could sign
_NAME = re.compile(r"^[a-z0-9][a-z0-9._@-]{0,60}$")
_LONGEST_NAME = 80
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """A started login: the URL, and what the browser stores meanwhile."""

    url: str
    kept: str = field(repr=False)


class _Waiting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    state: str
    nonce: str
    verifier: str
    until: float


class OidcClient:
    """OpenID Connect client; each login finishes once. Thread-safe.

    The state of a login is stored by its browser, sealed with this process's key, so that abandoned
    logins use no memory.
    """

    def __init__(
        self,
        site: Callable[[], Site],
        archive: Archive,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._site = site
        self._accounts = ExternalAccounts(archive.database)
        self._utc = utc
        self._lock = threading.Lock()
        self._seal = Fernet(Fernet.generate_key())
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._providers: dict[str, OidcProvider] = {}

    @property
    def settings(self) -> OidcConfig | None:
        """The provider; None where there is none."""
        oidc = self._site().oidc
        return None if oidc.issuer is None else oidc

    def begin(self) -> PendingLogin:
        """Return where to send a browser. Raises `OidcRefused`."""
        oidc = self._settings()
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with _client(oidc) as client:
            endpoint = self._provider(oidc).endpoint("authorization_endpoint")
            url, state = client.create_authorization_url(
                endpoint, code_verifier=verifier, nonce=nonce
            )
        waiting = _Waiting(
            state=str(state), nonce=nonce, verifier=verifier, until=self._utc() + BEGUN_S
        )
        sealed = self._seal.encrypt(waiting.model_dump_json().encode())
        return PendingLogin(url=str(url), kept=sealed.decode())

    def begun(self, kept: str, state: str) -> bool:
        """Return True if this browser started the login of this state."""
        waiting = self._opened(kept)
        return waiting is not None and hmac.compare_digest(waiting.state.encode(), state.encode())

    def finish(self, kept: str, code: str) -> User:
        """Return the account of who came back. Raises `OidcRefused`, `ExternalLoginRefused`."""
        oidc = self._settings()
        waiting = self._opened(kept)
        if waiting is None or not self._mark_finished(waiting.state) or waiting.until < self._utc():
            raise OidcRefused("this login was not begun here, or too long ago, or is over")
        provider = self._provider(oidc)
        id_token = _id_token(oidc, provider, code, waiting.verifier, self._guard())
        claims = self._claims(oidc, provider, id_token, waiting)
        return self._accounts.log_in(self._person(oidc, claims), self._utc())

    def _opened(self, kept: str) -> _Waiting | None:
        try:
            return _Waiting.model_validate_json(self._seal.decrypt(kept.encode()))
        except (InvalidToken, ValueError):
            return None

    def _mark_finished(self, state: str) -> bool:
        """Mark a login as finished; return False if it already was."""
        with self._lock:
            if state in self._finished:
                return False
            self._finished[state] = None
            if len(self._finished) > MOST_FINISHED:
                self._finished.popitem(last=False)
        return True

    def _settings(self) -> OidcConfig:
        settings = self.settings
        if settings is None:
            raise OidcRefused("no provider is configured")
        return settings

    def _provider(self, oidc: OidcConfig) -> OidcProvider:
        """Return the issuer's cached provider."""
        issuer = str(oidc.issuer)
        with self._lock:
            return self._providers.setdefault(issuer, OidcProvider(issuer, self._guard))

    def _guard(self) -> AddressGuard:
        return servers(self._site().networks)

    def _claims(
        self, oidc: OidcConfig, provider: OidcProvider, id_token: str, waiting: _Waiting
    ) -> Mapping[str, Any]:
        """Return the verified claims about the person."""
        registry = jwt.JWTClaimsRegistry(
            now=int(self._utc()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": str(oidc.issuer)},
            aud={"essential": True, "value": oidc.client_id},
            nonce={"essential": True, "value": waiting.nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            token = _decoded(id_token, provider)
            registry.validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OidcRefused(
                f"the provider's token is not right: {type(error).__name__}"
            ) from None
        audience = token.claims["aud"]
        if isinstance(audience, list) and token.claims.get("azp") != oidc.client_id:
            raise OidcRefused("the provider's token is for several, and not given to us")
        return token.claims

    def _person(self, oidc: OidcConfig, claims: Mapping[str, Any]) -> ExternalPerson:
        claim, subject = claims.get(oidc.username_claim), claims["sub"]
        named = str(claim).strip().lower() if isinstance(claim, str | int) else ""
        if not str(claim).isascii() or not _NAME.match(named):  # of other letters some fold to ours
            raise OidcRefused(f"the claim {oidc.username_claim!r} holds no name in plain letters")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise OidcRefused("the claim 'sub' holds no subject")
        held, site = _texts(claims.get(oidc.roles_claim)), self._site()
        return ExternalPerson(
            username=PREFIX + named,
            identity=ExternalIdentity(issuer=str(oidc.issuer), subject=subject),
            name=_printable(str(claims.get("name") or named)),
            roles=frozenset(Role(role) for group in held for role in oidc.roles.get(group, ())),
            locale=site.site.locale,
            scope=DataFilter(
                agencies=_registered(
                    claims, oidc.agencies_claim, {item.id for item in site.agencies}
                ),
                areas=_registered(claims, oidc.areas_claim, {item.id for item in site.areas}),
            ),
        )


def _client(oidc: OidcConfig) -> OAuth2Session:
    secret = oidc.client_secret
    return OAuth2Session(
        client_id=oidc.client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        token_endpoint_auth_method="none" if secret is None else "client_secret_basic",
        redirect_uri=oidc.public_url.rstrip("/") + CALLBACK,
        scope="openid profile",
        code_challenge_method="S256",
        default_timeout=TIMEOUT_S,
    )


def _id_token(
    oidc: OidcConfig, provider: OidcProvider, code: str, verifier: str, guard: AddressGuard
) -> str:
    endpoint = provider.endpoint("token_endpoint")

    def exchanged() -> Mapping[str, Any]:
        with _client(oidc) as client:
            guarded(client, guard)
            client.max_redirects = 0  # the code and our secret are the provider's alone
            answer: dict[str, Any] = client.fetch_token(endpoint, code=code, code_verifier=verifier)
            return answer

    try:
        answer = provider.call(exchanged)
    except (AuthlibBaseError, requests.RequestException, ValueError) as error:
        raise OidcRefused(f"the provider gives no token: {type(error).__name__}") from None
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise OidcRefused("the provider gives no id_token")
    return token


def _decoded(id_token: str, provider: OidcProvider) -> jwt.Token:
    """Return the token verified by cached keys, else by fresh ones."""
    try:
        return jwt.decode(id_token, provider.keys(), algorithms=_ALGORITHMS)
    except (JoseError, ValueError):
        keys = provider.keys(refresh=True)
        return jwt.decode(id_token, keys, algorithms=_ALGORITHMS)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]


def _registered(
    claims: Mapping[str, Any], claim: str | None, ids: set[str]
) -> frozenset[str] | None:
    """Return the named registered ids; None (all) if no claim is configured."""
    return None if claim is None else frozenset(_texts(claims.get(claim))) & ids


def _printable(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME]
