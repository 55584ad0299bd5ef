"""Service that adds, changes and disables accounts, for the web API and the console.

Names and passwords are checked here.
"""

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from thapcanh.alerts.accounts.account_changes import AccountChanged, AccountRepository
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.account_rules import (
    AccountEditor,
    AccountRefusal,
    AccountRefused,
    account_version,
    is_of_provider,
)
from thapcanh.alerts.accounts.second_factors import StoredFactor
from thapcanh.alerts.accounts.users import AccountAct
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.access.credentials import LONGEST_PASSWORD, SHORTEST_PASSWORD, username_of
from thapcanh.app.web_api.access.passwords.hasher import PasswordChecker

_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")


class AccountInvalid(Exception):
    """An invalid user name or password; the message says what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFields:
    """All of an account that an admin decides."""

    name: str
    roles: frozenset[Role]
    scope: DataFilter
    disabled: bool = False
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An added account, and its password if one was generated."""

    user: User
    password: str | None


class AccountService:
    """Keeps accounts in the name of an editor. Any thread may use it."""

    def __init__(
        self, archive: Archive, passwords: PasswordChecker, utc: Callable[[], float]
    ) -> None:
        self._archive = archive
        self._accounts = AccountRepository(archive.database)
        self._passwords = passwords
        self._utc = utc

    def managed_by(self, editor: AccountEditor) -> list[User]:
        return [user for user in self._archive.users() if editor.sees(user)]

    def factor_counts(self) -> dict[str, int]:
        return self._accounts.factor_counts()

    def add(
        self,
        editor: AccountEditor,
        username: str,
        fields: AccountFields,
        *,
        locale: str,
        password: str | None = None,
    ) -> NewAccount:
        """Add an account; without a password one is generated that its owner must replace."""
        named = username_of(username)
        if not _USERNAME.match(named):
            raise AccountInvalid(f"{named!r}: an account is named by a-z, 0-9, dot, dash, up to 32")
        if self._archive.user(named) is not None:
            raise AccountRefused(AccountRefusal.EXISTS)
        now, value = self._utc(), _checked(password)
        new = User(
            username=named,
            name=fields.name,
            roles=fields.roles,
            locale=locale,
            password_hash=self._passwords.hashed(value),
            scope=fields.scope,
            disabled=fields.disabled,
            unit=fields.unit,
            created_at=now,
            password_is_given=password is None,
        )
        done = self._accounts.add(editor, new, self._act(editor, "account_add"))
        return NewAccount(user=done.user, password=None if password else value)

    def change(
        self,
        editor: AccountEditor,
        username: str,
        edit: Callable[[User], AccountFields],
        *,
        action: str = "account_change",
        version: str | None = None,
    ) -> AccountChanged:
        """Give an account other fields; `version` is what the editor saw of it."""

        def edited(user: User) -> User:
            if version is not None and version != account_version(user):
                raise AccountRefused(AccountRefusal.CHANGED)
            fields = edit(user)
            return replace(
                user,
                name=fields.name,
                roles=fields.roles,
                scope=fields.scope,
                disabled=fields.disabled,
                unit=fields.unit,
            )

        act = self._act(editor, action)
        return self._accounts.change(editor, username_of(username), edited, act)

    def set_password(
        self, editor: AccountEditor, username: str, password: str | None = None
    ) -> tuple[AccountChanged, str | None]:
        """Set a password; without one, generate and return one that its owner must replace."""
        value = _checked(password)
        hashed = self._passwords.hashed(value)

        def edited(user: User) -> User:
            if is_of_provider(user):
                raise AccountRefused(AccountRefusal.PROVIDER)
            return replace(user, password_hash=hashed, password_is_given=password is None)

        act = self._act(editor, "account_password")
        done = self._accounts.change(editor, username_of(username), edited, act)
        return done, None if password else value

    def remove_factors(
        self,
        editor: AccountEditor,
        username: str,
        choose: Callable[[list[StoredFactor]], list[StoredFactor]] = list,
    ) -> AccountChanged:
        """Forget second factors of an account, all unless `choose` picks; its sessions end."""
        name = username_of(username)
        return self._accounts.remove_factors(editor, name, choose, self._utc())

    def unbind(self, editor: AccountEditor, username: str) -> AccountChanged:
        """Let the next login of an account bind it: its owner has a new entry at the provider.

        Its sessions end. Raises `AccountRefused` where it is not bound.
        """

        def edited(user: User) -> User:
            if user.identity is None:
                raise AccountRefused(AccountRefusal.NOT_BOUND)
            return replace(user, identity=None)

        act = self._act(editor, "account_unbound")
        return self._accounts.change(editor, username_of(username), edited, act)

    def _act(self, editor: AccountEditor, action: str) -> AccountAct:
        return AccountAct(at=self._utc(), action=action, by=editor.username, role=editor.role)


def fields_of(user: User) -> AccountFields:
    return AccountFields(
        name=user.name,
        roles=user.roles,
        scope=user.scope,
        disabled=user.disabled,
        unit=user.unit,
    )


def unlisted_names(
    value: DataFilter, before: DataFilter | None, agencies: Collection[str], areas: Collection[str]
) -> list[str]:
    """Return agencies and areas that the site does not have, except those in `before`."""
    allowed = before or DataFilter()
    strange = (value.agencies or frozenset()) - set(agencies) - (allowed.agencies or frozenset())
    elsewhere = (value.areas or frozenset()) - set(areas) - (allowed.areas or frozenset())
    return sorted(strange | elsewhere)


def _checked(password: str | None) -> str:
    """Return the password or a new one; raise `AccountInvalid` if its length is refused."""
    if password is None:
        return secrets.token_urlsafe(12)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountInvalid(
            f"a password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        )
    return password
