"""What of the cameras and alerts one person may see: by agency and by area, and nothing else.

An account that names no agency sees every agency's, one that names no area the whole city; but
another agency's person for whom neither is named sees nothing. An area holds those below it.
"""

from collections.abc import Collection, Iterable, Set

from alerts.lifecycle.roles import DataFilter, Role
from config.site import Area

NOTHING = DataFilter(agencies=frozenset(), areas=frozenset())


def scope_in_force(roles: Collection[Role], given: DataFilter, tree: Iterable[Area]) -> DataFilter:
    """Return what a person with these roles and this account's scope may see today."""
    if Role.AGENCY in roles and given.agencies is None and given.areas is None:
        return NOTHING
    if given.areas is None:
        return given
    return DataFilter(agencies=given.agencies, areas=_with_all_below(given.areas, tree))


def _with_all_below(areas: Set[str], tree: Iterable[Area]) -> frozenset[str]:
    children: dict[str, list[str]] = {}
    for area in tree:
        if area.parent is not None:
            children.setdefault(area.parent, []).append(area.id)
    found: set[str] = set()
    waiting = list(areas)
    while waiting:
        area_id = waiting.pop()
        if area_id not in found:  # a circle in the tree must not hang us
            found.add(area_id)
            waiting.extend(children.get(area_id, ()))
    return frozenset(found)
