"""The tree of areas: what a scope that names a city holds. Pure."""

from collections.abc import Iterable, Set

from config.site import Area


def with_all_below(areas: Set[str], tree: Iterable[Area]) -> frozenset[str]:
    """These areas and every area below them."""
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
