"""What a change of the registry is made of: who changes, what is judged, what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from alerts.registry.ownership import Cameras
from alerts.registry.records import Author, EntryWrite, RegisteredEntry
from alerts.store.roles import EVERYTHING, DataFilter
from config.registry.entries import REFERENCE
from config.registry.entry_check import EntryFinding, KnownNames
from config.rules import Shape
from ingest.address_guard import AddressGuard, AddressRefused, Refusal

Table = Mapping[str, Any]


class EntryRefused(Exception):
    """What was written is wrong; `findings` are all reasons."""

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


class EntryUnknown(Exception):
    """There is no such entry, or it is not this person's."""


class WatchAreaRefused(Exception):
    """A step of a watch area cannot be taken; `name` is the reason for machines."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """Who changes, what of the site is theirs, and, over the network, where cameras may stand."""

    author: Author
    scope: DataFilter = EVERYTHING
    guard: AddressGuard | None = None
    tells_others: bool = True
    """Whether they may say where alerts leave the site: the administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryJudgement:
    """What one table would do: `write` is None where nothing changes, or something is wrong."""

    write: EntryWrite | None
    findings: tuple[EntryFinding, ...] = ()
    before: RegisteredEntry | None = None


@dataclass(slots=True, kw_only=True)
class ReferenceData:
    """What entries are judged by, read once for many: names, cameras, and their shapes."""

    known: KnownNames
    shapes: Callable[[str], frozenset[Shape] | None]
    cameras: Cameras


def patched(table: Table, patch: Table) -> dict[str, Any]:
    """The table with the patch's keys in place; null takes a key away (RFC 7396, one level)."""
    kept = {key: value for key, value in table.items() if key not in patch}
    return kept | {key: value for key, value in patch.items() if value is not None}


def address_findings(name: str, value: str, editing: Editing) -> list[EntryFinding]:
    """Why this person may not give a camera the address; nothing of it is looked up by name."""
    found = REFERENCE.search(value)
    if found and found[1] != "credential":
        return [EntryFinding(name, "${env:…} and ${file:…} are of files: write the login itself")]
    if found and editing.scope != EVERYTHING:
        return [EntryFinding(name, "${credential:…} may be used by who sees the whole site")]
    if editing.guard is None:
        return []
    refusal = _refusal(REFERENCE.sub("login", value), editing.guard)
    return [EntryFinding(name, refusal)] if refusal else []


def _refusal(url: str, guard: AddressGuard) -> str | None:
    """Why a camera may not have this address; None if it may."""
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
