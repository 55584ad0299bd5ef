"""The tree of areas: what a scope that names a city holds, and in what it lies. Pure."""

from collections.abc import Iterable, Mapping, Set

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


def with_all_above(areas: Set[str], parents: Mapping[str, str | None]) -> frozenset[str]:
    """These areas and every area above them; `parents` gives each area's own."""
    found: set[str] = set()
    for area_id in areas:
        above: str | None = area_id
        while above is not None and above not in found:  # a circle in the tree must not hang us
            found.add(above)
            above = parents.get(above)
    return frozenset(found)
