"""Entries and changes of the registry as rows, and rows as entries and changes."""

import json
from collections.abc import Mapping
from typing import Any

from alerts.registry.records import Author, Document, EntryWrite, RegisteredEntry, RegistryChange
from alerts.store.plain_text import plain

_LONGEST_SEARCH = 600  # an index of PostgreSQL holds no more than 2.7 kB a row
_SEARCHED = ("id", "name", "agency", "area", "pole", "source")


def entry_row(write: EntryWrite, revision: int) -> dict[str, Any]:
    """The row that a write leaves."""
    document = write.document or {}
    texts = [str(document[key]) for key in _SEARCHED if document.get(key) is not None]
    return {
        "kind": write.kind,
        "id": write.id,
        "revision": revision,
        "document": _text(write.document),
        "sealed": write.sealed,
        "agency": document.get("agency"),
        "area": document.get("area"),
        "enabled": bool(document.get("enabled", True)),
        "search": None if write.document is None else plain(*texts)[:_LONGEST_SEARCH],
    }


def change_of(
    write: EntryWrite, before: RegisteredEntry | None, revision: int, author: Author
) -> RegistryChange:
    """What a write changes."""
    return RegistryChange(
        revision=revision,
        at=author.at,
        actor=author.username,
        role=author.role,
        origin=author.origin,
        kind=write.kind,
        id=write.id,
        before=before.document if before else None,
        before_sealed=before.sealed if before else None,
        after=write.document,
        after_sealed=write.sealed,
        undoes=write.undoes,
    )


def change_row(change: RegistryChange) -> dict[str, Any]:
    """A change as it is stored."""
    row = {name: getattr(change, name) for name in RegistryChange.__dataclass_fields__}
    return {**row, "before": _text(change.before), "after": _text(change.after)}


def told_change(row: Any) -> RegistryChange:
    """A stored change."""
    facts: Mapping[str, Any] = row._mapping
    return RegistryChange(
        **{**facts, "before": _document(row.before), "after": _document(row.after)}
    )


def entry_of(row: Any) -> RegisteredEntry:
    """A stored entry."""
    return RegisteredEntry(
        kind=row.kind,
        id=row.id,
        revision=row.revision,
        document=_document(row.document),
        sealed=row.sealed,
    )


def _text(document: Document | None) -> str | None:
    if document is None:
        return None
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _document(text: str | None) -> Document | None:
    found: Document | None = None if text is None else json.loads(text)
    return found
