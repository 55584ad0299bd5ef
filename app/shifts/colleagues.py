"""Colleagues whose shifts a person may see, take over and end."""

from collections.abc import Mapping

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.access.permissions import ON_DUTY
from thapcanh.app.web_api.access.scope_in_force import scope_in_force
from thapcanh.app.web_api.app_state import AppState

_HAS_SHIFTS: frozenset[Role] = ON_DUTY


class Colleagues:
    """All accounts in relation to one person, at one time."""

    def __init__(self, caller: CurrentUser, state: AppState) -> None:
        self._me = caller.session.user.username
        self._scope = caller.scope
        self._areas = state.services.site().areas
        users = state.services.archive.users()
        self._users: Mapping[str, User] = {user.username: user for user in users}

    def covers(self, username: str) -> bool:
        """Return True if the caller's scope covers this person's; a deleted account's is all."""
        return username == self._me or self._scope.covers(self._scope_of(username))

    def who_may_relieve(self) -> list[User]:
        """Return colleagues with shifts whose scope covers the caller's."""
        return [
            user
            for user in self._users.values()
            if user.username != self._me
            and user.may_come_in
            and user.roles & _HAS_SHIFTS
            and self._scope_of(user.username).covers(self._scope)
        ]

    def names(self) -> dict[str, str]:
        """Return accounts with shifts whose scope the caller's covers, with names."""
        return {
            user.username: user.name
            for user in self._users.values()
            if user.may_come_in and user.roles & _HAS_SHIFTS and self.covers(user.username)
        }

    def _scope_of(self, username: str) -> DataFilter:
        user = self._users.get(username)
        return DataFilter() if user is None else scope_in_force(user.roles, user.scope, self._areas)
