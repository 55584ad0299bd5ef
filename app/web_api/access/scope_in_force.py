"""Data scope of a person: agencies and areas."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.alerts.store.roles import DataFilter, Role, roles_within
from thapcanh.config.site import Area

NOTHING = DataFilter(agencies=frozenset(), areas=frozenset())


def scope_in_force(
    roles: Collection[Role], own_scope: DataFilter, tree: Iterable[Area]
) -> DataFilter:
    """Return what a person with these roles and this account's scope may see today."""
    if Role.AGENCY in roles and own_scope.agencies is None and own_scope.areas is None:
        return NOTHING
    if own_scope.areas is None:
        return own_scope
    return DataFilter(agencies=own_scope.agencies, areas=with_all_below(own_scope.areas, tree))


def within_owner(user: User, tree: Collection[Area]) -> User:
    """Return an account limited to its owner's current roles, agencies and areas."""
    if user.maker is None:
        return user
    inner = scope_in_force(user.roles, user.scope, tree)
    outer = scope_in_force(user.maker.roles, user.maker.scope, tree)
    return replace(
        user,
        roles=roles_within(user.roles, user.maker.roles),
        scope=user.scope if outer.covers(inner) else inner.narrowed(outer),
    )
