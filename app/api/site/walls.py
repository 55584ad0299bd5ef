"""Big screens without a keyboard: a link that works once gives a wall its own read-only account.

The link's code lives in memory for ten minutes and is known here only by its hash. What it opens
is an ordinary session of a viewer's account that has no password anybody knows, and that sees what
its maker sees; `thapcanh user disable` ends it. Thread-safe.
"""

import hashlib
import logging
import secrets
import threading
from dataclasses import dataclass, field

from alerts.archive import Archive, LoginSession, User
from alerts.archive.audit_log import AuditEntry
from alerts.archive.repositories.accounts.users import AccountAct
from alerts.archive.repositories.evidence.cases import note_in_log
from alerts.lifecycle.roles import DataFilter, Role
from app.api.auth.accounts import Passwords
from app.api.auth.sessions import Sessions
from app.api.auth.sign_in import csrf_of, session_key
from app.api.errors import ApiError
from ingest.clock import Clock

log = logging.getLogger(__name__)

LINK_S = 600.0  # long enough to walk to the wall
SESSION_S = 400 * 86400.0  # the longest that browsers keep a cookie
MOST_LINKS = 20
MOST_LINKS_OF_MAKER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WallLink:
    """A fresh link; the code is told once."""

    code: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSession:
    """A wall that was let in; the token goes into its cookie and nowhere else."""

    token: str = field(repr=False)
    session: LoginSession


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promise:
    name: str
    locale: str
    scope: DataFilter
    expires_at: float
    maker: str


class Walls:
    """Makes links and opens them, each once."""

    def __init__(
        self, archive: Archive, sessions: Sessions, passwords: Passwords, clock: Clock
    ) -> None:
        self._archive = archive
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._lock = threading.Lock()
        self._promised: dict[str, _Promise] = {}

    def link(self, name: str, maker: User) -> WallLink:
        """A link to a wall of this name that sees what its maker may see."""
        code = secrets.token_urlsafe(32)
        now = self._clock.utc()
        promise = _Promise(
            name=name,
            locale=maker.locale,
            scope=maker.scope,
            expires_at=now + LINK_S,
            maker=maker.username,
        )
        with self._lock:
            self._forget(now)
            mine = sum(one.maker == maker.username for one in self._promised.values())
            if len(self._promised) >= MOST_LINKS or mine >= MOST_LINKS_OF_MAKER:
                raise ApiError(429, "busy", headers={"Retry-After": "60"})
            self._promised[_hash(code)] = promise
        self._write(maker.username, "wall_link_made", name, now)
        log.info("%s made a link for the wall %r", maker.username, name)
        return WallLink(code=code, expires_at=promise.expires_at)

    def open(self, code: str, address: str) -> WallSession:
        """Let a wall in. Raises `ApiError` when the link was used, is old, or never was."""
        now = self._clock.utc()
        with self._lock:
            self._forget(now)
            promise = self._promised.pop(_hash(code), None)
        if promise is None:
            log.warning("a wall's link from %s refused: used, old or unknown", address)
            raise ApiError(401, "wall_link_used")
        account = self._account(promise, now)
        token = secrets.token_urlsafe(32)
        session = LoginSession(
            user=account, csrf=csrf_of(token), created_at=now, expires_at=now + SESSION_S
        )
        self._sessions.open(session_key(token), session)
        self._archive.note_login(account.username, address, now, succeeded=True)
        log.info("the wall %r (%s) was let in from %s", promise.name, account.username, address)
        return WallSession(token=token, session=session)

    def _account(self, promise: _Promise, now: float) -> User:
        account = User(
            username=f"wall-{secrets.token_hex(4)}",
            name=promise.name,
            roles=frozenset({Role.VIEWER}),
            locale=promise.locale,
            password_hash=self._passwords.hashed(secrets.token_urlsafe(32)),
            scope=promise.scope,
            created_at=now,
            made_by=promise.maker,
        )
        act = AccountAct(at=now, action="wall_let_in", by=promise.maker)
        self._archive.save_user(account, act)
        return account

    def _write(self, username: str, action: str, object_id: str, now: float) -> None:
        line = AuditEntry(at=now, actor=username, action=action, object_id=object_id, details={})
        note_in_log(self._archive.database, line)

    def _forget(self, now: float) -> None:
        self._promised = {key: one for key, one in self._promised.items() if one.expires_at > now}


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
