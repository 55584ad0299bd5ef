"""Rules for changing accounts."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role, same_agency

MOST_ACCOUNTS = 2000  # of a site, walls and a provider's accounts not counted
MOST_OF_AGENCY = 200  # of those that admins of one agency may add
ROLES_OF_SITE = frozenset({Role.ADMIN, Role.AUDITOR})
"""Who keeps accounts or reads every log; given by admins of the whole site alone."""


class AccountRefusal(StrEnum):
    """Why an account is not changed."""

    UNKNOWN = "account_unknown"  # there is none, or the editor does not see it
    EXISTS = "account_exists"
    OWN = "account_own"  # another admin changes it
    BEYOND_SCOPE = "account_beyond_scope"  # it would see more than the editor
    ROLE_OF_SITE = "account_role_of_site"  # admins and auditors are made by who keeps the site
    LAST_ADMIN = "account_last_admin"  # nobody could keep the whole site
    PROVIDER = "account_of_provider"  # name, roles and scope come with each login
    NOT_BOUND = "account_not_bound"  # it belongs to no subject of a provider or directory
    CHANGED = "account_changed"  # since the editor saw it
    TOO_MANY = "account_too_many"


class AccountRefused(Exception):
    """Refusal to change an account; `why` is the reason."""

    def __init__(self, why: AccountRefusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEditor:
    """Editor of accounts: role, and visible part of the site (areas with all below).

    `walls` tells whether walls count as accounts; on screens they have their own list.
    """

    username: str
    role: str
    scope: DataFilter = EVERYTHING
    walls: bool = False

    def sees(self, user: User) -> bool:
        return (self.walls or user.made_by is None) and self.scope.covers(user.scope)


def administers_site(user: User) -> bool:
    return Role.ADMIN in user.roles and user.scope == EVERYTHING and user.may_come_in


def is_of_provider(user: User) -> bool:
    """Return whether the account uses an external login and has no password."""
    return not user.password_hash


def is_of_another(before: User, after: User) -> bool:
    """Return whether the opener of a session may no longer be the account's owner."""
    return (after.password_hash, after.identity) != (before.password_hash, before.identity)


def account_version(user: User) -> str:
    """Return a text that changes with the account, to detect outdated forms."""
    agencies, areas = user.scope.agencies, user.scope.areas
    shown = [
        user.name,
        sorted(user.roles),
        None if agencies is None else sorted(agencies),
        None if areas is None else sorted(areas),
        user.disabled,
        user.unit,
    ]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:16]


def check_added(editor: AccountEditor, new: User, everyone: Iterable[User]) -> None:
    """Raise `AccountRefused` unless the editor may add the account."""
    others = list(everyone)
    if any(user.username == new.username for user in others):
        raise AccountRefused(AccountRefusal.EXISTS)
    if not editor.scope.covers(new.scope):
        raise AccountRefused(AccountRefusal.BEYOND_SCOPE)
    _check_roles(editor, frozenset(), new.roles)
    local = [user for user in others if user.made_by is None and not is_of_provider(user)]
    of_agency = sum(same_agency(editor.scope.agencies, user.scope.agencies) for user in local)
    if len(local) >= MOST_ACCOUNTS or of_agency >= MOST_OF_AGENCY:
        raise AccountRefused(AccountRefusal.TOO_MANY)


def check_reached(editor: AccountEditor, user: User | None) -> User:
    """Return the account that the editor may change. Raises `AccountRefused`."""
    if user is None or not editor.sees(user):
        raise AccountRefused(AccountRefusal.UNKNOWN)
    if user.username == editor.username:
        raise AccountRefused(AccountRefusal.OWN)
    return user


def check_changed(
    editor: AccountEditor, before: User, after: User, everyone: Iterable[User]
) -> None:
    """Raise `AccountRefused` unless the editor may make this of an account."""
    if not editor.scope.covers(after.scope):
        raise AccountRefused(AccountRefusal.BEYOND_SCOPE)
    _check_roles(editor, before.roles, after.roles)
    is_same_person = (after.name, after.roles, after.scope) == (
        before.name, before.roles, before.scope,
    )  # fmt: skip
    if is_of_provider(before) and not is_same_person:
        raise AccountRefused(AccountRefusal.PROVIDER)
    others = (user for user in everyone if user.username != before.username)
    if (
        administers_site(before)
        and not administers_site(after)
        and not any(map(administers_site, others))
    ):
        raise AccountRefused(AccountRefusal.LAST_ADMIN)


def _check_roles(editor: AccountEditor, before: frozenset[Role], after: frozenset[Role]) -> None:
    """Raise `AccountRefused` if a local admin combines separated roles.

    He grants no site role, and to an account that has one no other role.
    """
    gained = after - before
    if editor.scope != EVERYTHING and gained and (before | gained) & ROLES_OF_SITE:
        raise AccountRefused(AccountRefusal.ROLE_OF_SITE)
