"""Tokens of programs, stored as sha256 only; thread-safe.

A token is created, then revoked or expired, never changed or deleted; creation and revocation are
logged.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.accounts import users
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.account_tables import api_token
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import CONSOLE, MACHINE, SYSTEM, DataFilter, Role, roles_within

log = logging.getLogger(__name__)

_USE_NOTED_EVERY_S = 600.0  # a program asks often; its last use is told to ten minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """Access of a program; `app` defines the `powers`.

    `senders` are the centres in whose name the holder may send CAP messages.
    """

    id: str
    name: str
    token_sha256: str = field(repr=False)
    roles: frozenset[Role]
    powers: frozenset[str]
    scope: DataFilter
    created_at: float
    expires_at: float
    revoked_at: float | None = None
    used_at: float | None = None
    senders: frozenset[str] = frozenset()
    made_by: str | None = None
    """The account that answers for it. Else who made it at the console, after `console:`.

    After `console:machine:` where it is a machine's by intent; None: not known.
    """
    maker: User | None = None
    """That account as it is today, which has more rights in no way."""

    @property
    def account(self) -> str | None:
        """Account with which it ends; None for an unbound token."""
        return None if (self.made_by or CONSOLE).startswith(CONSOLE) else self.made_by

    @property
    def is_ownerless(self) -> bool:
        """True if the token was made without `--for` or `--machine`, in an earlier release."""
        return self.account is None and not (self.made_by or "").startswith(MACHINE)

    def roles_with(self, maker: User | None) -> frozenset[Role]:
        """Return its roles while the bound account is valid; empty if it is not."""
        if self.account is None:
            return self.roles
        if maker is None or not maker.may_come_in:
            return frozenset()
        return roles_within(self.roles, maker.roles)

    def is_in_force(self, now: float) -> bool:
        """Return whether it is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


class ApiTokenRepository:
    """Repository of tokens."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, token: ApiToken) -> None:
        with self._db.writing() as connection:
            connection.execute(sa.insert(api_token).values(_values(token)))
            _log(connection, "token_made", token, token.created_at)

    def all(self) -> list[ApiToken]:
        """Return every token, the oldest first."""
        query = sa.select(api_token).order_by(api_token.c.created_at, api_token.c.id)
        with self._db.reading() as connection:
            return [_token(row) for row in connection.execute(query)]

    def revoke(self, token_id: str, now: float) -> ApiToken | None:
        """Revoke a token; return None if none with this id is in force."""
        matching = sa.and_(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
        with self._db.writing() as connection:
            row = connection.execute(sa.select(api_token).where(matching)).one_or_none()
            if row is None:
                return None
            connection.execute(sa.update(api_token).where(matching).values(revoked_at=now))
            token = _token(row)
            _log(connection, "token_revoked", token, now)
        return token

    def find(self, token_sha256: str, now: float) -> ApiToken | None:
        """Return the valid token of this sha256 with its owner's present account, or None."""
        query = sa.select(api_token).where(api_token.c.token_sha256 == token_sha256)
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
            token = None if row is None else _with_owner(connection, _token(row))
        if token is None or not token.is_in_force(now):
            return None
        if token.used_at is None or now - token.used_at >= _USE_NOTED_EVERY_S:
            self._note_use(token, now)
        return token

    def _note_use(self, token: ApiToken, now: float) -> None:
        """Store the time of use; a full disk is ignored."""
        matching = api_token.c.id == token.id
        try:
            with self._db.writing() as connection:
                connection.execute(sa.update(api_token).where(matching).values(used_at=now))
        except ArchiveError as error:
            log.warning("token %s: its use is not noted: %s", token.name, error)


def _with_owner(connection: sa.Connection, token: ApiToken) -> ApiToken | None:
    maker = None if token.account is None else users.find_user(connection, token.account)
    return replace(token, maker=maker) if token.roles_with(maker) else None


def _log(connection: sa.Connection, action: str, token: ApiToken, now: float) -> None:
    line = AuditEntry(
        at=now,
        actor=SYSTEM,  # only the machine's keeper, at its console, makes and ends tokens
        role=SYSTEM,
        action=action,
        object_id=token.id,
        details={
            "name": token.name,
            "roles": sorted(token.roles),
            "powers": sorted(token.powers),
            "senders": sorted(token.senders),
            "made_by": token.made_by,
        },
    )
    add_log(connection, line)


def _values(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "token_sha256": token.token_sha256,
        "roles": _text(token.roles),
        "powers": _text(token.powers),
        "agencies": _text(token.scope.agencies),
        "areas": _text(token.scope.areas),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "used_at": token.used_at,
        "senders": _text(token.senders),
        "made_by": token.made_by,
    }


def _token(row: sa.Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        token_sha256=row.token_sha256,
        roles=frozenset(Role(role) for role in json.loads(row.roles)),
        powers=frozenset(json.loads(row.powers)),
        scope=DataFilter(agencies=_set(row.agencies), areas=_set(row.areas)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
        senders=_set(row.senders) or frozenset(),
        made_by=row.made_by,
    )


def _text(values: Iterable[str] | None) -> str | None:
    return None if values is None else json.dumps(sorted(values))


def _set(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))
