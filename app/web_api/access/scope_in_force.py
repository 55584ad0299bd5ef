"""Data scope of a person: agencies and areas."""

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
    """Return an account limited to its owner's current roles, agencies and areas."""
    if user.maker is None:
        return user
    mine = scope_in_force(user.roles, user.scope, tree)
    theirs = scope_in_force(user.maker.roles, user.maker.scope, tree)
    return replace(
        user,
        roles=roles_within(user.roles, user.maker.roles),
        scope=user.scope if theirs.covers(mine) else mine.narrowed(theirs),
    )
