"""API schemas of the registry. An `entry` is a table as in the files."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.registry.records import EntryKind, RegisteredEntry
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time

MOST_AT_ONCE = 5000


class RegistryEntryResponse(ApiModel):
    """One entry; addresses lack their logins. `revision` is for If-Match."""

    id: str
    revision: int
    entry: dict[str, Any]


class RegistryPageResponse(ApiModel):
    """Entries in the order of their ids. `next` is the cursor of the next page."""

    source: Literal["files", "database"] = Field(description="source of the site's entries")
    items: list[RegistryEntryResponse]
    next: str | None
    total: int | None = Field(description="in all pages; only with the first one")


class BulkChangeRequest(BaseModel):
    """A patch for many cameras, all or none. Null removes a key."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)
    agency: str | None = None
    area: str | None = None
    enabled: bool | None = None


class BulkChangeResponse(ApiModel):
    """Number of changed cameras."""

    changed: int


class RegistryRemovedResponse(ApiModel):
    """The revision of the removal, by which it can be undone."""

    revision: int


class RegistryChangeResponse(ApiModel):
    """One change: author, time, and the entry before and after (null: none)."""

    revision: int
    at: Time
    by: PersonResponse
    role: str
    origin: str
    kind: EntryKind
    id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    undoes: int | None
    can_undo: bool = Field(description="nothing changed the entry since")


class RegistryHistoryResponse(ApiModel):
    """Changes, the newest first; `next` is the cursor of those before."""

    items: list[RegistryChangeResponse]
    next: int | None


class ImportChangeResponse(ApiModel):
    """An entry that the import changes: the keys that differ."""

    line: int
    kind: EntryKind
    id: str
    name: str = Field(description="the id where it has none, as a rule")
    is_new: bool
    before: dict[str, Any]
    after: dict[str, Any]


class ImportProblemResponse(ApiModel):
    """Problem of a line of the file."""

    line: int
    path: str
    message: str


class ImportResponse(ApiModel):
    """Result of an import, or its preview with `dry_run`. With a problem, nothing is imported."""

    dry_run: bool
    imported: bool
    created: int
    changed: int
    unchanged: int
    changes: list[ImportChangeResponse] = Field(description="the first ones")
    problems: list[ImportProblemResponse]


def entry_response(entry: RegisteredEntry) -> RegistryEntryResponse:
    return RegistryEntryResponse(
        id=entry.id, revision=entry.revision, entry=dict(entry.document or {})
    )
