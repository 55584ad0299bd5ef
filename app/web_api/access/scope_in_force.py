"""What of the cameras and alerts one person may see: by agency and by area, and nothing else.

An account that names no agency sees every agency's, one that names no area the whole city; but
another agency's person for whom neither is named sees nothing. An area holds those below it.
"""

from collections.abc import Collection, Iterable

from alerts.registry.ownership import with_all_below
from alerts.store.roles import DataFilter, Role
from config.site import Area

NOTHING = DataFilter(agencies=frozenset(), areas=frozenset())


def scope_in_force(roles: Collection[Role], given: DataFilter, tree: Iterable[Area]) -> DataFilter:
    """Return what a person with these roles and this account's scope may see today."""
    if Role.AGENCY in roles and given.agencies is None and given.areas is None:
        return NOTHING
    if given.areas is None:
        return given
    return DataFilter(agencies=given.agencies, areas=with_all_below(given.areas, tree))
