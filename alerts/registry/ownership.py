"""Ownership of registry entries: which a scope may read and change.

A rule or watch area belongs to its cameras: to change it, all must be in scope, to read it, one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from thapcanh.alerts.registry.records import (
    WATCH_AREAS,
    Document,
    EntryKind,
    EntryWrite,
    RegisteredEntry,
)
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.config.rules import EVERY_CAMERA
from thapcanh.config.site import Area

_BY_CAMERAS = frozenset({EntryKind.RULES.value, WATCH_AREAS})
Cameras = Callable[[str], Sequence[Document]]
"""The tables by which a camera is judged: as it is, as it will be, or both; none if there is none.
"""


class EntryNotOwned(AlertsError):
    """Change of an entry that belongs to another, before or after it."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"registry {kind} {name!r}: not of this agency and area")
        self.kind = kind
        self.name = name


def cameras_named(kind: str, document: Document | None) -> list[str]:
    """Return the cameras whose owners own an entry; empty for "every camera"."""
    if document is None or kind not in _BY_CAMERAS:
        return []
    named = document.get("cameras", EVERY_CAMERA)
    return [one for one in named if isinstance(one, str)] if isinstance(named, list) else []


def cameras_of(writes: Iterable[EntryWrite], there: Mapping[str, RegisteredEntry]) -> Cameras:
    tables = {name: [one.document] for name, one in there.items() if one.document is not None}
    for write in writes:
        if write.kind == EntryKind.CAMERAS and write.document is not None:
            tables.setdefault(write.id, []).append(write.document)
    return lambda name: tables.get(name, ())


def may_change(scope: DataFilter, kind: str, document: Document, cameras: Cameras) -> bool:
    """Return whether an entry in this form is wholly in scope."""
    if scope == EVERYTHING:
        return True
    if kind == EntryKind.CAMERAS:
        return _sees(scope, document)
    named = cameras_named(kind, document)
    tables = [cameras(one) for one in named]
    return bool(tables) and all(each and all(_sees(scope, one) for one in each) for each in tables)


def check_writes(
    scope: DataFilter,
    writes: Iterable[EntryWrite],
    before: Mapping[tuple[str, str], RegisteredEntry],
    cameras: Cameras,
) -> None:
    """Check each entry before and after. Raise `EntryNotOwned`."""
    for write in writes:
        there = before.get((write.kind, write.id))
        for document in (there.document if there else None, write.document):
            if document is not None and not may_change(scope, write.kind, document, cameras):
                raise EntryNotOwned(write.kind, write.id)


def visible_entry(
    scope: DataFilter,
    entry: RegisteredEntry,
    visible_cameras: Collection[str],
    areas: Collection[str],
) -> RegisteredEntry | None:
    """Return the entry as the scope may read it, or None.

    `visible_cameras` are its cameras in scope, `areas` those that the scope may name.
    """
    if scope == EVERYTHING or entry.document is None:
        return entry
    match entry.kind:
        case EntryKind.CAMERAS:
            return entry if _sees(scope, entry.document) else None
        case EntryKind.AGENCIES:
            return entry if scope.agencies is None or entry.id in scope.agencies else None
        case EntryKind.AREAS:
            return entry if scope.areas is None or entry.id in areas else None
        case EntryKind.TARGETS:
            return None
    named = cameras_named(entry.kind, entry.document)
    if not named:
        return entry
    own = [name for name in named if name in visible_cameras]
    return replace(entry, document={**entry.document, "cameras": own}) if own else None


def with_all_below(areas: Set[str], tree: Iterable[Area]) -> frozenset[str]:
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
    """Return these areas and every area above them; `parents` maps each area to its parent."""
    found: set[str] = set()
    for area_id in areas:
        above: str | None = area_id
        while above is not None and above not in found:  # a circle in the tree must not hang us
            found.add(above)
            above = parents.get(above)
    return frozenset(found)


def _sees(scope: DataFilter, camera: Document) -> bool:
    return scope.sees(camera.get("agency"), camera.get("area"))
