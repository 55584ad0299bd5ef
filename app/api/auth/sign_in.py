"""Logging in and out: password, lockout, session. Called in a thread; may raise `ApiError`.

An unknown user costs the same time as a wrong password, and both get the same answer.
"""

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, field

from alerts.archive import Archive, LoginSession, User
from alerts.errors import ArchiveUnreachable
from app.api.auth.accounts import Passwords, username_of
from app.api.auth.lockout import TRIES, Lockout, minutes
from app.api.auth.sessions import Sessions
from app.api.errors import ApiError
from ingest.clock import Clock

log = logging.getLogger(__name__)

SESSION_S = 26 * 3600.0  # a shift of 24 h and its hand-over; a control room is not logged out idle


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh login: the token goes into the cookie and nowhere else."""

    token: str = field(repr=False)
    session: LoginSession


class SignIn:
    """Opens and ends sessions. Thread-safe."""

    def __init__(
        self, archive: Archive, sessions: Sessions, passwords: Passwords, clock: Clock
    ) -> None:
        self._archive = archive
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._lockout = Lockout(
            lambda pair, since: archive.failed_logins(*pair, since=since, limit=TRIES)
        )

    def open(self, username: str, password: str, address: str) -> SignedIn:
        """Check the password and open a session."""
        username = username_of(username)
        pair = (username, address)
        wait_s = self._lockout.begin(pair, self._clock.utc())
        if wait_s:
            log.warning("login of %r from %s refused: locked out", username, address)
            raise ApiError(
                429, "locked_out",
                headers={"Retry-After": str(int(wait_s) + 1)}, minutes=minutes(wait_s),
            )  # fmt: skip
        user = self._known(username, password)
        self._note(username, address, succeeded=user is not None)
        if user is None:
            log.warning("login of %r from %s failed", username, address)
            raise ApiError(401, "wrong_login")
        self._lockout.succeeded(pair)
        return self._opened(user)

    def admit(self, user: User, address: str) -> SignedIn:
        """Open a session for somebody whom another proved."""
        self._note(user.username, address, succeeded=True)
        return self._opened(user)

    def close(self, key: str) -> None:
        """End a session; ending it twice is fine."""
        self._sessions.end(key)

    def _known(self, username: str, password: str) -> User | None:
        """The account, if it may log in with this password."""
        user = self._archive.user(username)
        right = self._passwords.is_right(user.password_hash if user else None, password)
        return user if right and user is not None and not user.disabled else None

    def _note(self, username: str, address: str, *, succeeded: bool) -> None:
        """For the time after a restart; until then the lockout counts by itself."""
        try:
            self._archive.note_login(username, address, self._clock.utc(), succeeded=succeeded)
        except ArchiveUnreachable as error:
            log.warning("a login of %r is not noted: %s", username, error)

    def _opened(self, user: User) -> SignedIn:
        token = secrets.token_urlsafe(32)
        now = self._clock.utc()
        session = LoginSession(
            user=user, csrf=csrf_of(token), created_at=now, expires_at=now + SESSION_S
        )
        self._sessions.open(session_key(token), session)
        log.info("%s logged in", user.username)
        return SignedIn(token=token, session=session)


def session_key(token: str) -> str:
    """Under which a session is kept: whoever reads the archive learns no token."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """The code that a page of ours knows and another site's page does not."""
    return hmac.new(token.encode(), b"thapcanh csrf", hashlib.sha256).hexdigest()
