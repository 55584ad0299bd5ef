"""Accounts, sessions (stored as their token's sha256), and failed logins."""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_records import ExternalIdentity, LoginSession, User
from thapcanh.alerts.accounts.account_tables import login_attempt, session, user
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import SYSTEM, DataFilter, Role

MOST_SESSIONS = 20  # of one account; the oldest ends
MOST_SESSIONS_OF_AGENCY = 500  # of all officers who see the same agencies alone; walls stay
_MAKES_WALLS = frozenset({Role.LEADER, Role.ADMIN})
SUCCESSES_RETAINED_S = 30 * 24 * 3600.0  # from where an account logs in
GUESSED = "account_guessed"
SECOND_STEP = "second factor"  # in place of an address, of an account's codes
ATTEMPTS_RETAINED_S = 3600.0  # longer than a lockout looks back


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedAccount:
    """Account that was locked by wrong guesses; `of_codes` means the password was right."""

    at: float
    of_codes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAct:
    """Actor of an account change, and its name in the log."""

    at: float
    action: str = "account_saved"
    by: str = SYSTEM
    role: str = SYSTEM


def log_account(
    connection: sa.Connection, before: User | None, after: User, act: AccountAct
) -> None:
    """Write down what an account may now do, if anything of it changed."""
    if before == after:
        return
    identity = after.identity or (before.identity if before else None)
    line = AuditEntry(
        at=act.at,
        actor=act.by,
        role=act.role,
        action=act.action,
        object_id=after.username,
        details={
            "name": after.name,
            "roles": sorted(after.roles),
            "agencies": _listed(after.scope.agencies),
            "areas": _listed(after.scope.areas),
            "disabled": after.disabled,
        }
        | ({} if after.unit is None else {"unit": after.unit})
        | ({} if identity is None else asdict(identity)),
    )
    add_log(connection, line)


def add_first_user(database: Database, account: User) -> bool:
    with database.writing() as connection:
        if all_users(connection):
            return False
        save_user(connection, account)
        log_account(connection, None, account, AccountAct(at=account.created_at))
        return True


def _listed(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def save_user(connection: sa.Connection, account: User) -> None:
    """Add an account, or replace everything of it but its creation time."""
    values: dict[str, Any] = {
        "name": account.name,
        "roles": _set_text(account.roles),
        "locale": account.locale,
        "password_hash": account.password_hash,
        "agencies": _set_text(account.scope.agencies),
        "areas": _set_text(account.scope.areas),
        "disabled": account.disabled,
        "unit": account.unit,
        "password_is_given": account.password_is_given,
        "issuer": account.identity.issuer if account.identity else None,
        "subject": account.identity.subject if account.identity else None,
    }
    matching = user.c.username == account.username
    if connection.execute(sa.update(user).where(matching).values(values)).rowcount == 0:
        values |= {
            "username": account.username,
            "created_at": account.created_at,
            "made_by": account.made_by,
        }
        connection.execute(sa.insert(user).values(values))
    if not account.may_come_in:
        end_sessions(connection, account.username)


def find_user(connection: sa.Connection, username: str) -> User | None:
    row = connection.execute(sa.select(user).where(user.c.username == username)).one_or_none()
    return None if row is None else _user(row)


def all_users(connection: sa.Connection) -> list[User]:
    return [_user(row) for row in connection.execute(sa.select(user).order_by(user.c.username))]


def add_session(connection: sa.Connection, values: dict[str, Any]) -> None:
    """Add a session; the oldest of the account or agency ends if there are too many."""
    connection.execute(sa.insert(session).values(values))
    matching = sa.select(session.c.token_sha256).where(session.c.username == values["username"])
    _end_oldest(connection, matching, MOST_SESSIONS)
    account = sa.select(user.c.agencies).where(user.c.username == values["username"])
    agencies = connection.execute(account).scalar()
    if agencies is not None:
        colleagues = sa.select(session.c.token_sha256).join(
            user, user.c.username == session.c.username
        )
        same = (user.c.agencies == agencies, user.c.made_by.is_(None))
        _end_oldest(connection, colleagues.where(*same), MOST_SESSIONS_OF_AGENCY)


def _end_oldest(connection: sa.Connection, chosen: sa.Select[tuple[str]], most: int) -> None:
    newest_first = chosen.order_by(session.c.created_at.desc(), session.c.token_sha256)
    over = connection.execute(newest_first.offset(most)).scalars().all()
    if over:
        connection.execute(sa.delete(session).where(session.c.token_sha256.in_(over)))


def find_session(connection: sa.Connection, token_sha256: str, now: float) -> LoginSession | None:
    """Return the valid session of a token whose account has access, or None."""
    in_force = (
        session.c.token_sha256 == token_sha256,
        session.c.expires_at > now,
    )
    started = (session.c.csrf, session.c.expires_at, session.c.created_at.label("begun_at"))
    query = sa.select(*started, user).join(user, user.c.username == session.c.username)
    found = connection.execute(query.where(*in_force)).one_or_none()
    if found is None:
        return None
    account = with_owner(connection, _user(found))
    if account is None:
        return None
    return LoginSession(
        user=account, csrf=found.csrf, created_at=found.begun_at, expires_at=found.expires_at
    )


def sessions_in_force(connection: sa.Connection, now: float, most: int) -> list[tuple[str, User]]:
    """Return the keys of the newest sessions with their accounts, the newest last."""
    found = sa.select(session.c.token_sha256, user).where(session.c.expires_at > now)
    newest = found.join(user, user.c.username == session.c.username)
    rows = connection.execute(newest.order_by(session.c.created_at.desc()).limit(most)).all()
    return [(str(row.token_sha256), _user(row)) for row in reversed(rows)]


def with_owner(connection: sa.Connection, account: User) -> User | None:
    """Return an account with its present owner, or None if the owner has no access.

    A wall shows nothing if its owner may make none.
    """
    if account.made_by is None or not account.may_come_in:
        return account if account.may_come_in else None
    maker = find_user(connection, account.made_by)
    if maker is None or not maker.may_come_in or not maker.roles & _MAKES_WALLS:
        return None
    return replace(account, maker=maker)


def end_session(connection: sa.Connection, token_sha256: str) -> None:
    connection.execute(sa.delete(session).where(session.c.token_sha256 == token_sha256))


def end_sessions(connection: sa.Connection, username: str) -> int:
    return connection.execute(sa.delete(session).where(session.c.username == username)).rowcount


def delete_old(connection: sa.Connection, now: float) -> None:
    """Drop sessions that ended and login attempts that no longer count."""
    connection.execute(sa.delete(session).where(session.c.expires_at <= now))
    at, succeeded = login_attempt.c.at, login_attempt.c.succeeded
    old = sa.or_(
        at < now - SUCCESSES_RETAINED_S,
        sa.and_(at < now - ATTEMPTS_RETAINED_S, succeeded.is_(False)),
    )
    connection.execute(sa.delete(login_attempt).where(old))


def note_login(
    connection: sa.Connection, username: str, client: str, now: float, *, succeeded: bool
) -> None:
    """Store a login attempt; `username` may not exist."""
    connection.execute(
        sa.insert(login_attempt).values(
            username=username, client=client, at=now, succeeded=succeeded
        )
    )


def failed_logins(
    connection: sa.Connection, username: str, client: str | None, since: float, limit: int
) -> tuple[float, ...]:
    """Return the times of a name's failed logins since its last success, oldest first.

    Only the newest after `since`; `client` None means all addresses.
    """
    by = login_attempt.c.client
    query = (
        sa.select(login_attempt.c.at, login_attempt.c.succeeded)
        .where(
            login_attempt.c.username == username,
            by != SECOND_STEP if client is None else by == client,
            login_attempt.c.at > since,
        )
        .order_by(login_attempt.c.at.desc(), login_attempt.c.id.desc())
        .limit(limit)
    )
    newest_first = connection.execute(query).all()
    failed = itertools.takewhile(lambda row: not row.succeeded, newest_first)
    return tuple(float(row.at) for row in failed)[::-1]


def has_logged_in(connection: sa.Connection, username: str, client: str) -> bool:
    """Return whether a name logged in from this address recently."""
    matching = (login_attempt.c.username == username, login_attempt.c.client == client)
    query = sa.select(login_attempt.c.id).where(*matching, login_attempt.c.succeeded.is_(True))
    return connection.execute(query.limit(1)).first() is not None


def guessed_accounts(
    connection: sa.Connection, since: float, passwords: int, codes: int
) -> Mapping[str, str]:
    """Return accounts with too many wrong passwords or codes since then, and which of both."""
    is_code = login_attempt.c.client == SECOND_STEP
    wrong_codes = sa.func.sum(sa.case((is_code, 1), else_=0))
    wrong_passwords = sa.func.sum(sa.case((is_code, 0), else_=1))
    query = (
        sa.select(login_attempt.c.username, wrong_codes > codes - 1)
        .join(user, user.c.username == login_attempt.c.username)
        .where(login_attempt.c.at > since, login_attempt.c.succeeded.is_(False))
        .group_by(login_attempt.c.username)
        .having(sa.or_(wrong_codes >= codes, wrong_passwords >= passwords))
    )
    found = connection.execute(query).all()
    return {name: SECOND_STEP if of_codes else "password" for name, of_codes in found}


def last_guessed(connection: sa.Connection, username: str, since: float) -> GuessedAccount | None:
    """Return when and how the account was last locked for guesses, or None."""
    rows = action_log.c
    query = (
        sa.select(rows.at, rows.details)
        .where(rows.object_id == username, rows.action == GUESSED, rows.at > since)
        .order_by(rows.seq.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return GuessedAccount(at=row.at, of_codes=json.loads(row.details)["what"] == SECOND_STEP)


def _user(row: sa.Row[Any]) -> User:
    return User(
        username=row.username,
        name=row.name,
        roles=frozenset(Role(role) for role in json.loads(row.roles)),
        locale=row.locale,
        password_hash=row.password_hash,
        scope=DataFilter(agencies=_text_set(row.agencies), areas=_text_set(row.areas)),
        disabled=row.disabled,
        created_at=row.created_at,
        made_by=row.made_by,
        unit=row.unit,
        password_is_given=row.password_is_given,
        identity=None
        if row.subject is None
        else ExternalIdentity(issuer=row.issuer, subject=row.subject),
    )


def _set_text(values: Iterable[str] | None) -> str | None:
    return None if values is None else json.dumps(sorted(values))


def _text_set(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))
