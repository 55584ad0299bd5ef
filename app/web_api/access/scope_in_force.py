"""What of the cameras and alerts one person may see: by agency and by area, and nothing else.

An account that names no agency sees every agency's, one that names no area the whole city; but
another agency's person for whom neither is named sees nothing. An area holds those below it.
What an account let in has the rights of today that both have.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.alerts.store.roles import DataFilter, Role, roles_within
from thapcanh.config.site import Area

NOTHING = DataFilter(agencies=frozenset(), areas=frozenset())


def scope_in_force(roles: Collection[Role], given: DataFilter, tree: Iterable[Area]) -> DataFilter:
    """Return what a person with these roles and this account's scope may see today."""
    if Role.AGENCY in roles and given.agencies is None and given.areas is None:
        return NOTHING
    if given.areas is None:
        return given
    return DataFilter(agencies=given.agencies, areas=with_all_below(given.areas, tree))


def within_maker(user: User, tree: Collection[Area]) -> User:
    """An account with no more roles, agencies and areas than its maker has today."""
    if user.maker is None:
        return user
    mine = scope_in_force(user.roles, user.scope, tree)
    theirs = scope_in_force(user.maker.roles, user.maker.scope, tree)
    return replace(
        user,
        roles=roles_within(user.roles, user.maker.roles),
        scope=user.scope if theirs.covers(mine) else mine.narrowed(theirs),
    )
