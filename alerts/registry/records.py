"""Records of the registry: entries, changes, queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.roles import DataFilter

Document = Mapping[str, Any]


class EntryKind(StrEnum):
    """Lists of a configuration."""

    CAMERAS = "cameras"
    RULES = "rules"
    AGENCIES = "agencies"
    AREAS = "areas"
    TARGETS = "targets"


WATCH_AREAS = "watch_areas"
"""Temporary watch areas: in the registry too, but proposed and approved rather than edited."""


class RegistryConflict(AlertsError):
    """Conflict with a change since the entry was read: read it again."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"registry {kind} {name!r}: changed meanwhile, read it again")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredEntry:
    """Entry as it is; `document` is None after removal."""

    kind: str
    id: str
    revision: int
    document: Document | None
    sealed: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWrite:
    """Entry to be written. `expected` is the revision it was read at; 0 means new.

    A `document` of None removes it.
    """

    kind: str
    id: str
    expected: int
    document: Document | None
    sealed: str | None = field(default=None, repr=False)
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Author, role, time (UTC unix seconds), and means of a change: form, import or undo."""

    username: str
    role: str
    at: float
    origin: str = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryChange:
    """Change of one entry."""

    revision: int
    at: float
    actor: str
    role: str
    origin: str
    kind: str
    id: str
    before: Document | None
    after: Document | None
    before_sealed: str | None = field(default=None, repr=False)
    after_sealed: str | None = field(default=None, repr=False)
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery:
    """Query of entries, by id; `after` is the last id read."""

    kind: str = EntryKind.CAMERAS
    area: str | None = None
    agency: str | None = None
    text: str = ""
    enabled: bool | None = None
    camera: str | None = None
    """Of rules: those that name this camera, or every camera."""
    among: frozenset[str] | None = None
    """None but these ids."""
    after: str | None = None
    limit: int = 100
    scope: DataFilter = field(default_factory=DataFilter)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Entries, and the total of all pages (None if not requested).

    `next` is the id after which the next page starts; None on the last one.
    """

    items: tuple[RegisteredEntry, ...]
    next: str | None
    total: int | None
