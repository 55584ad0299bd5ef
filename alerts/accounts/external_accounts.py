"""Accounts of an OIDC provider or LDAP directory, each bound to one subject there.

Rights are checked and stored in one transaction. Thread-safe.
"""

import json
import logging
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import sqlalchemy as sa

from thapcanh.alerts.accounts import users
from thapcanh.alerts.accounts.account_records import ExternalIdentity, User
from thapcanh.alerts.accounts.account_tables import session, user
from thapcanh.alerts.accounts.users import AccountAct
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import DataFilter, Role

log = logging.getLogger(__name__)

IDENTITY_REFUSED = "identity_refused"
BOUND = "account_bound"
RIGHTS_ENDED = "account_let_in_no_more"
_LOGGED_EVERY_S = 3600.0  # of one account and subject: who tries on fills no log


class ExternalRefusal(StrEnum):
    """Reason for refusing a person with a valid external login."""

    OTHER_SUBJECT = "other_subject"  # the account is another's, or may be
    DISABLED = "disabled"
    NO_ROLE = "no_role"


class ExternalLoginRefused(Exception):
    """Refusal of a login; the message is for the log and contains no secret."""

    def __init__(self, why: ExternalRefusal, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPerson:
    """Claims of a person at the provider; without roles there is no access."""

    username: str  # of the account, with its prefix
    identity: ExternalIdentity
    name: str
    roles: frozenset[Role]
    scope: DataFilter
    locale: str  # of a new account


class ExternalAccounts:
    """Only writer of these accounts' names, roles, scopes and subjects."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def log_in(self, person: ExternalPerson, at: float) -> User:
        """Return the account of a person who logs in. Raise `ExternalLoginRefused`.

        Nothing is written if nothing changes, so a full disk blocks no login.
        """
        with self._db.reading() as connection:
            before = users.find_user(connection, person.username)
            if before is not None and _is_as_stated(connection, before, person):
                return before
        with self._db.writing() as connection:
            before = users.find_user(connection, person.username)
            why = _refusal(connection, before, person)
            if why is None:
                for name in _elsewhere(connection, person):
                    _end_rights(connection, name, at)
                return _store(connection, before, person, at)
            if why is ExternalRefusal.NO_ROLE and before and before.identity == person.identity:
                _end_rights(connection, person.username, at)
            if why is ExternalRefusal.OTHER_SUBJECT and before is not None:
                _log_refusal(connection, before, person, at)
        raise ExternalLoginRefused(why, _message(why, before, person))

    def refresh(self, username: str, person: ExternalPerson | None, at: float) -> None:
        """Apply a directory's present claims; None or another entry removes all rights."""
        with self._db.writing() as connection:
            before = users.find_user(connection, username)
            if before is None:
                return
            is_same = person is not None and before.identity in (None, person.identity)
            if person is None or not is_same or not person.roles:
                _end_rights(connection, username, at)
                return
            after = replace(_as_stated(before, person), identity=before.identity)
            if after != before:
                users.save_user(connection, after)
                users.log_account(connection, before, after, AccountAct(at=at))

    def end_rights(self, username: str, at: float) -> None:
        """Remove every role of an account, and log it.

        Its sessions end and its walls go dark until a login grants a role again.
        """
        with self._db.writing() as connection:
            _end_rights(connection, username, at)


def _refusal(
    connection: sa.Connection, before: User | None, person: ExternalPerson
) -> ExternalRefusal | None:
    if before is not None and before.identity not in (None, person.identity):
        return ExternalRefusal.OTHER_SUBJECT
    if before is not None and before.disabled:
        return ExternalRefusal.DISABLED
    if not person.roles:
        return ExternalRefusal.NO_ROLE
    if before is not None and before.identity is None and _is_in_use(connection, before):
        is_no_change = (before.roles, before.scope) == (person.roles, person.scope)
        return None if is_no_change else ExternalRefusal.OTHER_SUBJECT
    return None


def _is_as_stated(connection: sa.Connection, before: User, person: ExternalPerson) -> bool:
    """Return whether the account is valid and a login would change nothing."""
    is_same = before == _as_stated(before, person) and before.may_come_in
    return is_same and not _elsewhere(connection, person)


def _is_in_use(connection: sa.Connection, account: User) -> bool:
    matching = sa.select(session.c.username).where(session.c.username == account.username)
    return connection.execute(matching.limit(1)).first() is not None


def _elsewhere(connection: sa.Connection, person: ExternalPerson) -> list[str]:
    query = sa.select(user.c.username).where(
        user.c.subject == person.identity.subject,
        user.c.issuer == person.identity.issuer,
        user.c.username != person.username,
        user.c.roles != "[]",
    )
    return list(connection.execute(query).scalars())


def _as_stated(before: User, person: ExternalPerson) -> User:
    return replace(
        before,
        name=person.name,
        roles=person.roles,
        scope=person.scope,
        identity=person.identity,
    )


def _store(
    connection: sa.Connection, before: User | None, person: ExternalPerson, at: float
) -> User:
    after = _as_stated(before or _new(person, at), person)
    is_bound_now = before is not None and before.identity is None
    users.save_user(connection, after)
    act = AccountAct(at=at, action=BOUND) if is_bound_now else AccountAct(at=at)
    users.log_account(connection, before, after, act)
    if is_bound_now:
        log.warning(
            "%s is bound to %s of %s by this login",
            *(person.username, person.identity.subject, person.identity.issuer),
        )
    return after


def _new(person: ExternalPerson, at: float) -> User:
    return User(
        username=person.username,
        name=person.name,
        roles=person.roles,
        locale=person.locale,
        password_hash="",  # matches no password
        created_at=at,
    )


def _end_rights(connection: sa.Connection, username: str, at: float) -> None:
    before = users.find_user(connection, username)
    if before is None or not before.may_come_in:
        return
    after = replace(before, roles=frozenset())
    users.save_user(connection, after)
    users.log_account(connection, before, after, AccountAct(at=at, action=RIGHTS_ENDED))
    log.warning("%s is logged out, and its walls are dark: it is let in no more", username)


def _log_refusal(
    connection: sa.Connection, before: User, person: ExternalPerson, at: float
) -> None:
    bound = before.identity
    details = asdict(person.identity) | {
        "bound_issuer": bound.issuer if bound else None,
        "bound_subject": bound.subject if bound else None,
    }
    rows = action_log.c
    earlier = sa.select(rows.details).where(
        rows.object_id == before.username,
        rows.action == IDENTITY_REFUSED,
        rows.at > at - _LOGGED_EVERY_S,
    )
    line = AuditEntry(at=at, action=IDENTITY_REFUSED, object_id=before.username, details=details)
    if all(json.loads(one) != details for one in connection.execute(earlier).scalars()):
        add_log(connection, line)


def _message(why: ExternalRefusal, before: User | None, person: ExternalPerson) -> str:
    name = person.username
    if why is ExternalRefusal.DISABLED:
        return f"{name} is disabled"
    if why is ExternalRefusal.NO_ROLE:
        return f"{name} has no role here"
    stranger = f"subject {person.identity.subject!r} of {person.identity.issuer}"
    way_out = f"if it is the same person, run `thapcanh user unbind {name}`"
    if before is None or before.identity is None:
        return f"{name} is in use and not bound: {stranger} would change its rights; {way_out}"
    bound = f"{before.identity.subject!r} of {before.identity.issuer}"
    return f"{name} belongs to {bound}, and {stranger} goes by its name; {way_out}"
