"""Logging in and out: password, lockout, session. Called in a thread; may raise `ApiError`.

An unknown user costs the same time as a wrong password, and both get the same answer.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from thapcanh.alerts.accounts.account_changes import AccountChanged, AccountRepository
from thapcanh.alerts.accounts.account_records import LoginSession, User
from thapcanh.alerts.accounts.account_rules import AccountRefused
from thapcanh.alerts.accounts.external_accounts import ExternalLoginRefused
from thapcanh.alerts.accounts.users import AccountAct, GuessedAccount
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.errors import ArchiveError, ArchiveUnreachable
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.web_api.access.credentials import username_of
from thapcanh.app.web_api.access.directory import PREFIX as DIRECTORY
from thapcanh.app.web_api.access.directory import Directory, DirectoryAway, EntryUnidentified
from thapcanh.app.web_api.access.guessing_limits import TRIES, AccountGuesses, Lockout, minutes
from thapcanh.app.web_api.access.passwords.hasher import PasswordChecker
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.access.second_factors import Origin, SecondFactors
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.errors import ApiError
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

SESSION_S = 26 * 3600.0  # a shift of 24 h and its hand-over; a control room is not logged out idle


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh login: the token goes into the cookie and nowhere else."""

    token: str = field(repr=False)
    session: LoginSession
    guessed: GuessedAccount | None = None


class LoginService:
    """Opens and ends sessions. Thread-safe."""

    def __init__(
        self, archive: Archive, sessions: Sessions, passwords: PasswordChecker, clock: Clock,
        second: SecondFactors, *, directory: Directory | None = None,
    ) -> None:  # fmt: skip
        self._directory = directory
        self._second = second
        self._archive = archive
        self._accounts = AccountRepository(archive.database)
        self._sessions = sessions
        self.passwords = passwords
        self._clock = clock
        self._guesses = AccountGuesses(archive, clock)
        self._lockout = Lockout(
            lambda pair, since: archive.failed_logins(*pair, since=since, limit=TRIES)
        )

    def open(
        self,
        username: str,
        password: str,
        address: str,
        origin: Origin | None = None,
        *,
        new_password: str | None = None,
    ) -> SignedIn:
        """Check the password and open a session, or request the second factor.

        A password set by another person is replaced first; no other is, before the factor.
        """
        user = self._checked(self._account_of(username), password, address)
        if user.password_is_given:
            if new_password is None:
                raise ApiError(401, "new_password_needed")
            user = self._replaced(user, password, new_password, None).user
        elif new_password is not None:
            raise ApiError(409, "password_is_own")
        asked = self._second.asked(user, origin or Origin(text=""))
        if asked is not None:
            raise ApiError(401, "second_factor_needed", extra=asked)
        self._let_in(user, address)
        return self._opened(user)

    def change_password(
        self, username: str, password: str, new: str, address: str, session: str
    ) -> AccountChanged:
        """Replace one's own password; every other session ends."""
        if username.startswith(DIRECTORY):
            raise ApiError(409, "password_elsewhere")
        user = self._checked(username, password, address)
        done = self._replaced(user, password, new, session)
        self._let_in(user, address)
        return done

    def _let_in(self, user: User, address: str) -> None:
        """Reset the account's wrong answers."""
        self._lockout.succeeded((user.username, address))
        self._guesses.succeeded(user.username)

    def _checked(self, username: str, password: str, address: str) -> User:
        pair = (username, address)
        wait_s = self._lockout.begin(pair, self._clock.utc())
        if wait_s:
            log.warning("login of %r from %s refused: locked out", username, address)
            raise ApiError(
                429, "locked_out",
                headers={"Retry-After": str(int(wait_s) + 1)}, minutes=minutes(wait_s),
            )  # fmt: skip
        try:
            self._guesses.begin_password(username, address)
        except ApiError:
            self._lockout.unjudged(pair)
            raise
        try:
            user = self._registered(username, password)
        except ApiError:  # no answer to be had: the same officer tries again at once
            self._lockout.unjudged(pair)
            self._guesses.unjudged_password(username)
            raise
        self._note(username, address, succeeded=user is not None)
        if user is None:
            log.warning("login of %r from %s failed", username, address)
            raise ApiError(401, "wrong_login")
        return user

    def _replaced(self, user: User, old: str, new: str, session: str | None) -> AccountChanged:
        if new == old:
            raise ApiError(422, "same_password")
        act = AccountAct(
            at=self._clock.utc(), action="account_own_password", by=user.username,
            role=main_role(user.roles).value,
        )  # fmt: skip
        hashed = self.passwords.hashed(new)
        try:
            return self._accounts.change_own_password(user, hashed, session, act)
        except AccountRefused:  # another was faster, or the account was disabled
            raise ApiError(401, "wrong_login") from None

    def finish(
        self,
        ticket: str,
        code: str | None,
        assertion: Mapping[str, Any] | None,
        origin: Origin,
        address: str,
    ) -> SignedIn:
        """Open the session of a login whose second factor is shown."""
        username = self._second.waiting(ticket)
        if code is not None:
            self._guesses.begin_code(username)
        try:
            user = self._second.answered(ticket, code, assertion, origin)
        except ApiError as refused:
            if code is not None and refused.error == "wrong_second_factor":
                self._guesses.checked_code(username, right=False)
            raise
        if code is not None:
            self._guesses.checked_code(username, right=True)
        self._let_in(user, address)
        return self._opened(user)

    def admit(self, user: User, address: str) -> SignedIn:
        """Open a session for a person authenticated elsewhere."""
        self._note(user.username, address, succeeded=True)
        return self._opened(user)

    def close(self, key: str) -> None:
        """End a session; ending it twice is fine."""
        self._sessions.end(key)

    def guessed(self, username: str) -> GuessedAccount | None:
        """Return recent guesses at the account, or None."""
        return self._guesses.told(username)

    def _account_of(self, typed: str) -> str:
        """Return the account name under which wrong passwords count."""
        named = username_of(typed)
        if (
            self._directory is None
            or not self._directory.is_configured
            or named.startswith(DIRECTORY)
        ):
            return named
        return named if self._archive.user(named) is not None else DIRECTORY + named

    def _registered(self, username: str, password: str) -> User | None:
        """Return the account if it may log in with this password."""
        if self._directory is not None and username.startswith(DIRECTORY):
            try:
                return self._directory.account(username, password)
            except DirectoryAway as error:
                log.error("login of %r by the directory: %s", username, error)
                is_silent = not isinstance(error, EntryUnidentified)
                word = "directory_away" if is_silent else "directory_entry_unidentified"
                raise ApiError(503, word) from None
            except ExternalLoginRefused as refused:
                log.error("login of %r by the directory refused: %s", username, refused)
                raise ApiError(403, "account_of_another") from None
        user = self._archive.user(username)
        right = self.passwords.is_right(user.password_hash if user else None, password)
        return user if right and user is not None and user.may_come_in else None

    def _note(self, username: str, address: str, *, succeeded: bool) -> None:
        """Record the attempt for the time after a restart; failures are tolerated."""
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
        self._write_down(user, now)
        log.info("%s logged in", user.username)
        return SignedIn(token=token, session=session, guessed=self.guessed(user.username))

    def _write_down(self, user: User, now: float) -> None:
        """Log the login; a full disk does not prevent it."""
        role = main_role(user.roles).value
        line = AuditEntry(
            at=now, actor=user.username, role=role, action="logged_in", object_id=user.username,
            details={},
        )  # fmt: skip
        try:
            note_in_log(self._archive.database, line)
        except ArchiveError as error:
            log.warning("a login of %r is not in the log: %s", user.username, error)


def session_key(token: str) -> str:
    """Return the hash under which a session is stored, so that the archive has no tokens."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """Return the CSRF code, which other sites' pages cannot compute."""
    return hmac.new(token.encode(), b"thapcanh csrf", hashlib.sha256).hexdigest()
