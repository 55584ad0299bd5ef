"""Tables of the registry: entries, changes, and former owners, with their conversions."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.registry.records import (
    Author,
    Document,
    EntryWrite,
    RegisteredEntry,
    RegistryChange,
)
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
registry_entry = sa.Table(
    "registry_entry",
    metadata,
    sa.Column("kind", _Text, primary_key=True),  # an EntryKind
    sa.Column("id", _Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),  # of the change that made it so
    sa.Column("document", _Text),  # JSON as a file would have it; none after it was removed
    sa.Column("sealed", _Text),  # addresses with their logins, and other secrets, encrypted
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("search", _Text),  # without case and diacritics; none after it was removed
)
sa.Index("ix_registry_entry_revision", registry_entry.c.revision)
sa.Index(  # a page's ids are found in it alone, without the wide rows
    "ix_registry_entry_listed",
    *(registry_entry.c[name] for name in ("kind", "id", "agency", "area", "enabled", "search")),
)
sa.Index(
    "ix_registry_entry_agency", registry_entry.c.kind, registry_entry.c.agency, registry_entry.c.id
)
sa.Index(
    "ix_registry_entry_area", registry_entry.c.kind, registry_entry.c.area, registry_entry.c.id
)
registry_change = sa.Table(
    "registry_change",
    metadata,
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("actor", _Text, nullable=False),
    sa.Column("role", _Text, nullable=False),
    sa.Column("origin", _Text, nullable=False),  # form, import, undo
    sa.Column("kind", _Text, nullable=False),
    sa.Column("id", _Text, nullable=False),
    sa.Column("before", _Text),
    sa.Column("before_sealed", _Text),
    sa.Column("after", _Text),
    sa.Column("after_sealed", _Text),
    sa.Column("undoes", sa.BigInteger),
)
sa.Index(
    "ix_registry_change_entry",
    registry_change.c.kind,
    registry_change.c.id,
    registry_change.c.revision.desc(),
)
camera_owner = sa.Table(  # whose a camera's film of before is; whose it is now says the site
    "camera_owner",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("camera_id", _Text, nullable=False),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("until", sa.Double()),  # none: as the files of a site without a registry say now
    sa.Column("document", _Text),  # JSON of what they said of it: its name, place and masks
)
sa.Index("ix_camera_owner_until", camera_owner.c.camera_id, camera_owner.c.until)
_LONGEST_SEARCH = 600  # an index of PostgreSQL holds no more than 2.7 kB a row
_SEARCHED = ("id", "name", "agency", "area", "pole", "source")


def entry_row(write: EntryWrite, revision: int) -> dict[str, Any]:
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
    row = {name: getattr(change, name) for name in RegistryChange.__dataclass_fields__}
    return {**row, "before": _text(change.before), "after": _text(change.after)}


def change_of_row(row: Any) -> RegistryChange:
    facts: Mapping[str, Any] = row._mapping
    return RegistryChange(
        **{**facts, "before": _document(row.before), "after": _document(row.after)}
    )


def entry_of(row: Any) -> RegisteredEntry:
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
