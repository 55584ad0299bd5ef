"""Changes of accounts by an editor: checked, stored and logged in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from thapcanh.alerts.accounts import users
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.account_rules import (
    AccountEditor,
    AccountRefusal,
    AccountRefused,
    check_added,
    check_changed,
    check_reached,
    is_of_another,
)
from thapcanh.alerts.accounts.account_tables import second_factor, session, user
from thapcanh.alerts.accounts.second_factors import StoredFactor, delete_factor
from thapcanh.alerts.accounts.users import AccountAct
from thapcanh.alerts.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged:
    """An account as it is now, and the keys of the sessions that ended with the change."""

    user: User
    ended: tuple[str, ...] = ()


class AccountRepository:
    """Any thread may use it. Refusals are `AccountRefused`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, editor: AccountEditor, new: User, act: AccountAct) -> AccountChanged:
        with self._db.writing() as connection:
            check_added(editor, new, users.all_users(connection))
            users.save_user(connection, new)
            users.log_account(connection, None, new, act)
        return AccountChanged(user=new)

    def change(
        self,
        editor: AccountEditor,
        username: str,
        edit: Callable[[User], User],
        act: AccountAct,
    ) -> AccountChanged:
        """Replace an account by the result of `edit`, which may refuse.

        A new password or owner ends its sessions; disabling ends its walls too.
        """
        with self._db.writing() as connection:
            before = check_reached(editor, users.find_user(connection, username))
            after = edit(before)
            check_changed(editor, before, after, users.all_users(connection))
            ended: tuple[str, ...] = ()
            if after.disabled or is_of_another(before, after):
                ended = _end_sessions(connection, username)
            if after.disabled and not before.disabled:
                ended += _end_walls(connection, username, act)
            users.save_user(connection, after)
            users.log_account(connection, before, after, act)
        return AccountChanged(user=after, ended=ended)

    def change_own_password(
        self, observed: User, password_hash: str, retained_session: str | None, act: AccountAct
    ) -> AccountChanged:
        """Replace the owner's password and end all sessions but one.

        Raise `AccountRefused` if the password is no longer the one in `observed`.
        """
        with self._db.writing() as connection:
            before = users.find_user(connection, observed.username)
            if (
                before is None
                or not before.may_come_in
                or before.password_hash != observed.password_hash
            ):
                raise AccountRefused(AccountRefusal.CHANGED)
            after = replace(before, password_hash=password_hash, password_is_given=False)
            ended = _end_sessions(connection, observed.username, retained_session)
            users.save_user(connection, after)
            users.log_account(connection, before, after, act)
        return AccountChanged(user=after, ended=ended)

    def remove_factors(
        self,
        editor: AccountEditor,
        username: str,
        choose: Callable[[list[StoredFactor]], list[StoredFactor]],
        at: float,
    ) -> AccountChanged:
        """Delete the second factors that `choose` picks, and end the account's sessions."""
        with self._db.writing() as connection:
            found = check_reached(editor, users.find_user(connection, username))
            matching = sa.select(second_factor).where(second_factor.c.username == username)
            rows = connection.execute(matching.order_by(second_factor.c.created_at))
            for factor in choose([StoredFactor(**row._mapping) for row in rows]):
                delete_factor(connection, factor, at, editor.username)
            ended = _end_sessions(connection, username)
        return AccountChanged(user=found, ended=ended)

    def factor_counts(self) -> dict[str, int]:
        """Return the number of second factors of each account that has any."""
        query = sa.select(second_factor.c.username, sa.func.count())
        with self._db.reading() as connection:
            return {
                row[0]: row[1]
                for row in connection.execute(query.group_by(second_factor.c.username))
            }


def _end_sessions(
    connection: sa.Connection, username: str, retained: str | None = None
) -> tuple[str, ...]:
    """End all sessions of the account except one; return their keys."""
    ending = (session.c.username == username, session.c.token_sha256 != (retained or ""))
    keys = tuple(connection.execute(sa.select(session.c.token_sha256).where(*ending)).scalars())
    connection.execute(sa.delete(session).where(*ending))
    return keys


def _end_walls(connection: sa.Connection, owner: str, act: AccountAct) -> tuple[str, ...]:
    """End the walls that this account created, each with a log entry."""
    of_owner = sa.select(user.c.username).where(user.c.made_by == owner, user.c.disabled.is_(False))
    ended: tuple[str, ...] = ()
    for name in connection.execute(of_owner).scalars().all():
        wall = users.find_user(connection, name)
        if wall is not None:
            ended += _end_sessions(connection, name)
            dark = replace(wall, disabled=True)
            users.save_user(connection, dark)
            users.log_account(connection, wall, dark, replace(act, action="wall_ended"))
    return ended
