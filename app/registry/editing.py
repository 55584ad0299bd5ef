"""Parts of a registry change: author, checks and results.

An area is never below itself.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from thapcanh.alerts.registry.ownership import Cameras, with_all_above
from thapcanh.alerts.registry.records import (
    Author,
    EntryKind,
    EntryQuery,
    EntryWrite,
    RegisteredEntry,
)
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.config.registry.entries import REFERENCE
from thapcanh.config.registry.entry_check import EntryFinding, ListedNames, shapes_of
from thapcanh.config.rules import Shape
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused, Refusal

Table = Mapping[str, Any]
_ALL = 1_000_000
_NAMED = frozenset({EntryKind.AGENCIES, EntryKind.AREAS})


class EntryRefused(Exception):
    """Refused entry; `findings` are all reasons."""

    def __init__(self, findings: Sequence[EntryFinding]) -> None:
        super().__init__("; ".join(str(one) for one in findings))
        self.findings = findings


class EntryInUse(Exception):
    """Cameras are of this agency or area, or areas lie in it: they would be left without."""

    def __init__(self, cameras: int, areas: int, one: str) -> None:
        super().__init__(f"{cameras} cameras and {areas} areas name it, one is {one!r}")
        self.cameras = cameras
        self.areas = areas
        self.one = one


class EntryForbidden(Exception):
    """This person may not change entries of this kind."""


class EntryUnregistered(Exception):
    """There is no such entry, or it is not this person's."""


class WatchAreaRefused(Exception):
    """Refused step of a watch area; `name` is the reason's identifier."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """Author of a change with scope, and the networks where cameras may be."""

    author: Author
    scope: DataFilter = EVERYTHING
    guard: AddressGuard | None = None
    tells_others: bool = True
    """True if they may say where alerts leave the site: the administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryJudgement:
    """Result of a table; `write` is None if nothing changes, or something is wrong."""

    write: EntryWrite | None
    findings: tuple[EntryFinding, ...] = ()
    before: RegisteredEntry | None = None


@dataclass(slots=True, kw_only=True)
class ReferenceData:
    """Reference data for checking many entries: names, cameras, and shapes."""

    known: ListedNames
    shapes: Callable[[str], frozenset[Shape] | None]
    cameras: Cameras


def patched(table: Table, patch: Table) -> dict[str, Any]:
    """Return the table with the patch applied; null removes a key (RFC 7396, one level)."""
    remaining = {key: value for key, value in table.items() if key not in patch}
    return remaining | {key: value for key, value in patch.items() if value is not None}


def address_findings(name: str, value: str, editing: Editing) -> list[EntryFinding]:
    """Return why this person may not use the address; resolves no names."""
    found = REFERENCE.search(value)
    if found and found[1] != "credential":
        return [EntryFinding(name, "${env:…} and ${file:…} are of files: write the login itself")]
    if found and editing.scope != EVERYTHING:
        return [EntryFinding(name, "${credential:…} may be used by who sees the whole site")]
    if editing.guard is None:
        return []
    refusal = _refusal(REFERENCE.sub("login", value), editing.guard)
    return [EntryFinding(name, refusal)] if refusal else []


def check_unnamed(rows: RegistryRepository, kind: EntryKind, name: str) -> None:
    """Raise `EntryInUse` where something names an entry that is to go away."""
    if kind not in _NAMED:
        return
    is_area = kind is EntryKind.AREAS
    query = EntryQuery(
        kind=EntryKind.CAMERAS,
        agency=None if is_area else name,
        area=name if is_area else None,
        limit=1,
    )
    page = rows.page(query, count=True)
    below = [child for child, parent in _parents(rows).items() if parent == name] if is_area else []
    named = [*(camera.id for camera in page.items), *below]
    if named:
        raise EntryInUse(cameras=page.total or 0, areas=len(below), one=named[0])


def area_findings(rows: RegistryRepository, table: Table, known: Set[str]) -> list[EntryFinding]:
    """Return a problem if the parent area is unregistered, or is this area or below it."""
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
    """Return zones and lines that a rule names and the camera would lose."""
    removed = shapes_of(before or {}) - shapes_of(whole)
    if not removed:
        return []
    rules = rows.page(EntryQuery(kind=EntryKind.RULES, limit=_ALL)).items
    return [
        EntryFinding(f"{what}s", f"the rule {rule.id!r} uses the {what} {shape!r} of this camera")
        for rule in rules
        for what, shape in sorted(removed)
        if rule.document
        and rule.document.get(what) == shape
        and whole["id"] in rule.document.get("cameras", ())
    ]


def _refusal(url: str, guard: AddressGuard) -> str | None:
    """Return why a camera may not have this address, or None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "is not an address"
    if parts.scheme in ("", "file") or not host:
        return "names a file: only `thapcanh cameras import` may, on this machine"
    try:
        guard.judged(host)
    except AddressRefused as refused:
        if refused.refusal is Refusal.UNKNOWN:
            return "names a host that nobody knows"
        return "is outside the networks where cameras may stand ([networks] cameras)"
    return None


def _parents(rows: RegistryRepository) -> dict[str, str | None]:
    areas = rows.page(EntryQuery(kind=EntryKind.AREAS, limit=_ALL)).items
    return {area.id: (area.document or {}).get("parent") for area in areas}
