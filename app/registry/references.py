"""What entries of the registry name of each other: nothing that is still named goes away.

A camera whose agency or area is gone would not be watched; so an agency or area leaves only when no
camera and no area below it names it, and an area never comes to lie below itself.
"""

from collections.abc import Set

from alerts.registry.areas import with_all_above
from alerts.registry.records import EntryKind, EntryQuery
from alerts.registry.repository import RegistryRepository
from app.registry.editing import EntryInUse, Table
from config.registry.entry_check import EntryFinding, shapes_of

_ALL = 1_000_000
_NAMED = frozenset({EntryKind.AGENCIES, EntryKind.AREAS})


def check_unnamed(rows: RegistryRepository, kind: EntryKind, name: str) -> None:
    """Raise `EntryInUse` where something names an entry that is to go away."""
    if kind not in _NAMED:
        return
    is_area = kind is EntryKind.AREAS
    wanted = EntryQuery(
        kind=EntryKind.CAMERAS,
        agency=None if is_area else name,
        area=name if is_area else None,
        limit=1,
    )
    page = rows.page(wanted, count=True)
    below = [child for child, parent in _parents(rows).items() if parent == name] if is_area else []
    named = [*(camera.id for camera in page.items), *below]
    if named:
        raise EntryInUse(cameras=page.total or 0, areas=len(below), one=named[0])


def area_findings(rows: RegistryRepository, table: Table, known: Set[str]) -> list[EntryFinding]:
    """Whether the area in which this one lies is known, and is not this one or below it."""
    parent = table.get("parent")
    if parent is None:
        return []
    if parent not in known:
        return [EntryFinding("parent", f"names the area {parent!r}, which is not registered")]
    if str(table.get("id")) in with_all_above({str(parent)}, _parents(rows)):
        return [EntryFinding("parent", f"names {parent!r}, which lies in this area itself")]
    return []


def shapes_still_named(
    rows: RegistryRepository, whole: Table, before: Table | None
) -> list[EntryFinding]:
    """Zones and lines that a rule names on this camera, and that it would no longer have."""
    gone = shapes_of(before or {}) - shapes_of(whole)
    if not gone:
        return []
    rules = rows.page(EntryQuery(kind=EntryKind.RULES, limit=_ALL)).items
    return [
        EntryFinding(f"{what}s", f"the rule {rule.id!r} uses the {what} {shape!r} of this camera")
        for rule in rules
        for what, shape in sorted(gone)
        if rule.document
        and rule.document.get(what) == shape
        and whole["id"] in rule.document.get("cameras", ())
    ]


def _parents(rows: RegistryRepository) -> dict[str, str | None]:
    areas = rows.page(EntryQuery(kind=EntryKind.AREAS, limit=_ALL)).items
    return {area.id: (area.document or {}).get("parent") for area in areas}
