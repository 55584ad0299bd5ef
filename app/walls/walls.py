"""Pairing of big screens (walls) by six digits that an administrator types.

As in OAuth's device grant (RFC 8628), the wall keeps a secret, and the digits only identify it. An
approved wall has a session of a viewer's account without a password, with its owner's scope; `end`
and `thapcanh user disable` end it.
"""

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from thapcanh.alerts.accounts.account_records import LoginSession, User
from thapcanh.alerts.accounts.users import AccountAct
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role, same_agency
from thapcanh.app.process.admission import PAIRINGS, Admission, DoorPlace, network_of
from thapcanh.app.web_api.access.guessing_limits import Lockout, minutes
from thapcanh.app.web_api.access.login_service import csrf_of, session_key
from thapcanh.app.web_api.access.passwords.hasher import PasswordChecker
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.errors import ApiError
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

PAIRING_S = 120.0
SESSION_S = 400 * 86400.0  # the longest that browsers keep a cookie
MOST_OF_AGENCY = 20  # walls of accounts that are limited to one agency
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Digits to show, and the secret for polling."""

    code: str
    secret: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSession:
    """A wall that was let in; the token goes into its cookie and nowhere else."""

    token: str = field(repr=False)
    session: LoginSession


@dataclass(frozen=True, slots=True, kw_only=True)
class _Approval:
    name: str
    maker: User


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairing:
    code: str
    address: str
    expires_at: float
    place: DoorPlace
    approval: _Approval | None = None


class Walls:
    """Pairs walls with who lets them in, lists them and ends them."""

    def __init__(
        self,
        archive: Archive,
        sessions: Sessions,
        passwords: PasswordChecker,
        clock: Clock,
        draw: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._archive = archive
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._draw = draw
        self._lock = threading.RLock()
        self._requested: dict[str, _Pairing] = {}  # by the secret's hash, the oldest first
        self._admission = Admission(PAIRINGS, clock.monotonic)
        self._lockout = Lockout(lambda _pair, _since: ())

    def ask(self, address: str) -> Pairing:
        """Return digits for a new wall.

        Beyond the limits per address or in all, the oldest of the largest sender is dropped, since
        a reloaded page asks again. Raises `ApiError` if that is not possible.
        """
        secret, now = secrets.token_urlsafe(32), self._clock.utc()
        key = _hash(secret)
        with self._lock:
            self._discard(now)
            place = self._admission.enter((network_of(address),), lambda: self._lose(key))
            if place is None:  # all of them were let in, and come for their session
                raise ApiError(429, "busy", headers={"Retry-After": "30"})
            pairing = _Pairing(
                code=self._free_code(), address=address, expires_at=now + PAIRING_S, place=place
            )
            self._requested[key] = pairing
        return Pairing(code=pairing.code, secret=secret, expires_at=pairing.expires_at)

    def approve(self, code: str, name: str, maker: User) -> str:
        """Approve the wall with these digits, and return its address.

        Raises `ApiError` if no wall shows them, or after too many wrong ones.
        """
        now, pair = self._clock.utc(), (maker.username, "wall")
        wait = self._lockout.begin(pair, now)
        if wait:
            log.warning("%s typed too many wrong wall codes", maker.username)
            raise ApiError(429, "wall_code_locked", minutes=minutes(wait))
        self._check_agency(maker)
        with self._lock:
            self._discard(now)
            found = self._showing(code)
            if found is None:
                raise ApiError(404, "wall_code_unknown")
            pairing = self._requested[found]
            self._requested[found] = replace(pairing, approval=_Approval(name=name, maker=maker))
            pairing.place.stays = True
        self._lockout.succeeded(pair)
        log.info(
            "%s lets the wall %r in, which asks from %s", maker.username, name, pairing.address
        )
        return pairing.address

    def is_approved(self, secret: str) -> bool:
        """Return True once the wall with this secret is approved.

        Raises `ApiError` if it expired or is unregistered.
        """
        with self._lock:
            self._discard(self._clock.utc())
            pairing = self._requested.get(_hash(secret))
        if pairing is None:
            raise ApiError(401, "wall_code_over")
        return pairing.approval is not None

    def open(self, secret: str, address: str) -> WallSession:
        """Let an approved wall in, once. Raises `ApiError` when there is no approval for it."""
        now = self._clock.utc()
        with self._lock:
            self._discard(now)
            pairing = self._drop(_hash(secret))
        if pairing is None or pairing.approval is None:
            raise ApiError(401, "wall_code_over")
        account = self._account(pairing.approval, now)
        token = secrets.token_urlsafe(32)
        session = LoginSession(
            user=account, csrf=csrf_of(token), created_at=now, expires_at=now + SESSION_S
        )
        self._sessions.open(session_key(token), session)
        self._archive.note_login(account.username, address, now, succeeded=True)
        log.info("the wall %r (%s) was let in from %s", account.name, account.username, address)
        return WallSession(token=token, session=session)

    def in_force(self, scope: DataFilter) -> list[User]:
        """Return the walls in force within `scope`."""
        return [
            user
            for user in self._archive.users()
            if user.made_by is not None and not user.disabled and scope.covers(user.scope)
        ]

    def end(self, username: str, by: User, scope: DataFilter) -> None:
        """End a wall: its account and its session. Raises `ApiError` when there is none."""
        found = next((item for item in self.in_force(scope) if item.username == username), None)
        if found is None:
            raise ApiError(404, "not_found")
        role = main_role(by.roles).value
        act = AccountAct(at=self._clock.utc(), action="wall_ended", by=by.username, role=role)
        self._archive.save_user(replace(found, disabled=True), act)
        log.info("%s ended the wall %r (%s)", by.username, found.name, username)

    def _account(self, approval: _Approval, now: float) -> User:
        maker = approval.maker
        account = User(
            username=f"wall-{secrets.token_hex(4)}",
            name=approval.name,
            roles=frozenset({Role.VIEWER}),
            locale=maker.locale,
            password_hash=self._passwords.hashed(secrets.token_urlsafe(32)),
            scope=maker.scope,
            created_at=now,
            made_by=maker.username,
        )
        role = main_role(maker.roles).value
        act = AccountAct(at=now, action="wall_let_in", by=maker.username, role=role)
        self._archive.save_user(account, act)
        return account

    def _check_agency(self, maker: User) -> None:
        agencies = maker.scope.agencies
        walls = (user for user in self._archive.users() if user.made_by and not user.disabled)
        if sum(same_agency(agencies, wall.scope.agencies) for wall in walls) >= MOST_OF_AGENCY:
            raise ApiError(409, "too_many_walls", count=MOST_OF_AGENCY)

    def _free_code(self) -> str:
        shown = {item.code for item in self._requested.values()}
        while True:  # few of a million are taken
            code = f"{self._draw(10**_DIGITS):0{_DIGITS}d}"
            if code not in shown:
                return code

    def _showing(self, code: str) -> str | None:
        """Return the unapproved wall with these digits, or None."""
        waiting = ((key, item) for key, item in self._requested.items() if item.approval is None)
        return next((key for key, item in waiting if secrets.compare_digest(item.code, code)), None)

    def _discard(self, now: float) -> None:
        for key in [key for key, item in self._requested.items() if item.expires_at <= now]:
            self._drop(key)

    def _lose(self, key: str) -> None:
        """Drop a pairing in favour of another."""
        self._drop(key)

    def _drop(self, key: str) -> _Pairing | None:
        pairing = self._requested.pop(key, None)
        if pairing is not None:
            pairing.place.leave()
        return pairing


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
