"""Second factors of local accounts: codes (TOTP) or authenticators (WebAuthn).

After the password an account with a factor gets a ticket that lives for minutes and few tries; its
answer opens the session. Any thread may use it.
"""

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from uuid6 import uuid7

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.second_factors import KEY, TOTP, SecondFactorRepository, StoredFactor
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.errors import ApiError

TICKET_S = 300.0
TRIES = 5
MOST_FACTORS = 10
_MOST_TICKETS = 1000
_STEP_S = 30
_DRIFT_STEPS = 1  # a phone's clock may be half a minute off


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A login that waits for its second factor, or a factor that is being added."""

    username: str
    until: float
    challenge: bytes = b""
    secret: str = field(default="", repr=False)
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the browser is: what authenticators sign for."""

    text: str

    @property
    def host(self) -> str:
        """The name that a key is bound to."""
        return urlsplit(self.text).hostname or ""


class SecondFactors:
    """Makes and checks factors."""

    def __init__(
        self, archive: Archive, utc: Callable[[], float], secrets_of: FactorSecrets
    ) -> None:
        self._secrets = secrets_of
        self._archive = archive
        self._stored = SecondFactorRepository(archive.database)
        self._utc = utc
        self._lock = threading.Lock()
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()

    def of(self, username: str) -> list[StoredFactor]:
        """Return an account's factors."""
        return self._stored.of(username)

    def asked(self, user: User, origin: Origin) -> dict[str, Any] | None:
        """Return what a login must still show, or None without a factor."""
        factors = self._stored.of(user.username)
        if not factors:
            return None
        keys = [item for item in factors if item.kind == KEY]
        challenge = secrets.token_bytes(32)
        ticket = self._issue(Ticket(username=user.username, until=0.0, challenge=challenge))
        return {
            "ticket": ticket,
            "methods": sorted({item.kind for item in factors}),
            "options": _options(keys, challenge, origin) if keys else None,
        }

    def answered(
        self, ticket: str, code: str | None, assertion: Mapping[str, Any] | None, origin: Origin
    ) -> User:
        """Return the account of a ticket with a valid factor. Raises `ApiError`."""
        waiting = self._tried(ticket)
        factors = self._stored.of(waiting.username)
        if code is not None:
            right = self._use_code(factors, code)
        else:
            right = self._use_assertion(factors, assertion or {}, waiting.challenge, origin)
        user = self._archive.user(waiting.username)
        if not right or user is None or not user.may_come_in:
            raise ApiError(401, "wrong_second_factor")
        self._drop(ticket)
        return user

    def waiting(self, ticket: str) -> str:
        """Whose login a ticket is of. Raises `ApiError` when it is over."""
        with self._lock:
            found = self._tickets.get(ticket)
        if found is None or found.until < self._utc() or found.tries >= TRIES:
            raise ApiError(401, "login_again")
        return found.username

    def begin_code(self, username: str, site: str) -> tuple[str, str, str]:
        """Return a ticket, a new secret, and its URI for a phone's camera."""
        import pyotp

        self._check_room(username)
        secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=site)
        return self._issue(Ticket(username=username, until=0.0, secret=secret)), secret, uri

    def finish_code(self, username: str, ticket: str, code: str, name: str) -> StoredFactor:
        """Keep the secret once a code of it was shown."""
        waiting = self._own(username, ticket)
        step = _step_of(waiting.secret, code, self._utc(), -1)
        if not waiting.secret or step is None:
            raise ApiError(422, "wrong_second_factor")
        self._drop(ticket)
        factor = self._factor(username, TOTP, name, waiting.secret)
        return self._added(replace(factor, counter=step))

    def begin_key(self, user: User, site: str, origin: Origin) -> tuple[str, dict[str, Any]]:
        """Return a ticket, and the request for the authenticator."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor

        self._check_room(user.username)
        key_ids = [item.key_id for item in self._stored.of(user.username) if item.key_id]
        options = generate_registration_options(
            rp_id=origin.host,
            rp_name=site,
            user_name=user.username,
            user_display_name=user.name,
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(item)) for item in key_ids
            ],
        )
        waiting = Ticket(username=user.username, until=0.0, challenge=options.challenge)
        return self._issue(waiting), json.loads(options_to_json(options))

    def finish_key(
        self, username: str, ticket: str, credential: Mapping[str, Any], name: str, origin: Origin
    ) -> StoredFactor:
        """Keep the authenticator's public key."""
        from webauthn import verify_registration_response
        from webauthn.helpers import bytes_to_base64url
        from webauthn.helpers.exceptions import WebAuthnException

        waiting = self._own(username, ticket)
        try:
            shown = verify_registration_response(
                credential=dict(credential),
                expected_challenge=waiting.challenge,
                expected_origin=origin.text,
                expected_rp_id=origin.host,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise ApiError(422, "wrong_second_factor") from None
        self._drop(ticket)
        key = bytes_to_base64url(shown.credential_public_key)
        factor = self._factor(username, KEY, name, key)
        key_id = bytes_to_base64url(shown.credential_id)
        return self._added(replace(factor, key_id=key_id, counter=shown.sign_count))

    def remove(self, username: str, factor_id: str) -> None:
        """Forget a factor. Raises `ApiError`."""
        if not self._stored.remove(username, factor_id, self._utc()):
            raise ApiError(404, "not_found")

    def _use_code(self, factors: Sequence[StoredFactor], code: str) -> bool:
        """Use up a generator's current code; return False if it is wrong or was used."""
        for factor in factors:
            if factor.kind == TOTP:
                step = _step_of(self._secrets.opened(factor), code, self._utc(), factor.counter)
                if step is not None:
                    return self._stored.use(factor, step)
        return False

    def _use_assertion(
        self,
        factors: Sequence[StoredFactor],
        assertion: Mapping[str, Any],
        challenge: bytes,
        origin: Origin,
    ) -> bool:
        """Use up a key's signature of the challenge; return False if it is invalid."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.exceptions import WebAuthnException

        shown = assertion.get("id")
        factor = next((item for item in factors if item.kind == KEY and item.key_id == shown), None)
        if factor is None:
            return False
        try:
            verified = verify_authentication_response(
                credential=dict(assertion),
                expected_challenge=challenge,
                expected_origin=origin.text,
                expected_rp_id=origin.host,
                credential_public_key=base64url_to_bytes(factor.secret),
                credential_current_sign_count=factor.counter,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            return False
        return self._stored.use(factor, verified.new_sign_count)

    def _factor(self, username: str, kind: str, name: str, secret: str) -> StoredFactor:
        return StoredFactor(
            id=str(uuid7()), username=username, kind=kind, name=name, secret=secret,
            created_at=self._utc(),
        )  # fmt: skip

    def _added(self, factor: StoredFactor) -> StoredFactor:
        self._stored.add(self._secrets.sealed(factor))
        return factor

    def _check_room(self, username: str) -> None:
        if len(self._stored.of(username)) >= MOST_FACTORS:
            raise ApiError(409, "too_many_factors")

    def _issue(self, ticket: Ticket) -> str:
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._tickets[code] = replace(ticket, until=self._utc() + TICKET_S)
            while len(self._tickets) > _MOST_TICKETS:
                self._tickets.popitem(last=False)
        return code

    def _tried(self, code: str) -> Ticket:
        """Count a try of the ticket. Raises `ApiError` when it is over."""
        with self._lock:
            ticket = self._tickets.get(code)
            if ticket is None or ticket.until < self._utc() or ticket.tries >= TRIES:
                self._tickets.pop(code, None)
                raise ApiError(401, "login_again")
            self._tickets[code] = replace(ticket, tries=ticket.tries + 1)
        return ticket

    def _own(self, username: str, code: str) -> Ticket:
        ticket = self._tried(code)
        if ticket.username != username:
            raise ApiError(401, "login_again")
        return ticket

    def _drop(self, code: str) -> None:
        with self._lock:
            self._tickets.pop(code, None)


def _step_of(secret: str, code: str, now: float, used: int) -> int | None:
    """Return the time step of a code if it is near now and after the last used one."""
    import pyotp

    if not secret or not (code.isascii() and code.isdigit()):
        return None
    generator, step = pyotp.TOTP(secret), int(now) // _STEP_S
    for near in range(step - _DRIFT_STEPS, step + _DRIFT_STEPS + 1):
        if near > used and secrets.compare_digest(generator.generate_otp(near), code):
            return near
    return None


def _options(keys: Sequence[StoredFactor], challenge: bytes, origin: Origin) -> Any:
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = generate_authentication_options(
        rp_id=origin.host,
        challenge=challenge,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(item.key_id or "")) for item in keys
        ],
    )
    return json.loads(options_to_json(options))
