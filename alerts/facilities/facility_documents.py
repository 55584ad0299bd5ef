"""Documents of facilities: a row each, with the content in the evidence store.

Thread-safe.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.facilities.facility_tables import facility, facility_document
from thapcanh.alerts.store.audit_log import add_act
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter

FOLDER = "facilities"
MOST_DOCUMENTS = 50


class DocumentType(StrEnum):
    """Type of a document, detected by its first bytes."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"


_PDF_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF")
_PDF_END_BYTES = 2048  # some writers put a signature's padding behind the end
_SUFFIXES = {
    DocumentType.PDF: "pdf",
    DocumentType.PNG: "png",
    DocumentType.JPEG: "jpg",
    DocumentType.WEBP: "webp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityDocument:
    """Document; `inspected_on` is an ISO 8601 date."""

    id: str
    facility_id: str
    name: str
    media_type: str
    bytes: int
    sha256: str
    path: str
    inspected_on: str | None
    added_by: str
    added_at: float


def document_type(content: bytes) -> DocumentType | None:
    if content.startswith(b"%PDF-"):
        return DocumentType.PDF if _is_whole_pdf(content) else None
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return DocumentType.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return DocumentType.JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return DocumentType.WEBP
    return None


def _is_whole_pdf(content: bytes) -> bool:
    """Return whether a PDF has objects, a root, and its end."""
    end = content[-_PDF_END_BYTES:]
    has_objects = _PDF_OBJECT.search(content) is not None and b"/Root" in content
    return has_objects and _PDF_END.search(end) is not None


def document_of(
    document_id: str, facility_id: str, name: str, content: bytes, kind: DocumentType
) -> FacilityDocument:
    """Return a document before it is stored: its seal, and its path."""
    return FacilityDocument(
        id=document_id,
        facility_id=facility_id,
        name=name,
        media_type=kind.value,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        path=f"{FOLDER}/{facility_id}/{document_id}.{_SUFFIXES[kind]}",
        inspected_on=None,
        added_by="",
        added_at=0.0,
    )


class FacilityDocumentRepository:
    """Repository of documents' rows."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, facility_id: str, scope: DataFilter) -> list[FacilityDocument]:
        """Return the documents of a visible facility, the newest first."""
        query = _observed(scope).where(facility_document.c.facility_id == facility_id)
        newest = query.order_by(facility_document.c.added_at.desc(), facility_document.c.id.desc())
        with self._db.reading() as connection:
            return [_document(row) for row in connection.execute(newest)]

    def one(self, document_id: str, scope: DataFilter) -> FacilityDocument | None:
        query = _observed(scope).where(facility_document.c.id == document_id)
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _document(row)

    def add(self, actor: Actor, new: FacilityDocument) -> None:
        values = {name: getattr(new, name) for name in FacilityDocument.__dataclass_fields__}
        details = {"facility": new.facility_id, "name": new.name, "sha256": new.sha256}
        with self._db.writing() as connection:
            connection.execute(sa.insert(facility_document).values(values))
            add_act(connection, actor, ("facility_document_added", new.id), new.added_at, details)

    def remove(self, actor: Actor, document_id: str, now: float) -> FacilityDocument | None:
        """Remove a document; return None if the actor sees none."""
        matching = facility_document.c.id == document_id
        removed = {"removed_by": actor.username, "removed_at": now}
        with self._db.writing() as connection:
            row = connection.execute(_observed(actor.scope).where(matching)).one_or_none()
            if row is None:
                return None
            connection.execute(sa.update(facility_document).where(matching).values(removed))
            details = {"facility": row.facility_id, "name": row.name}
            add_act(connection, actor, ("facility_document_removed", document_id), now, details)
        return _document(row)


def document_seals(connection: sa.Connection) -> dict[str, str]:
    """Return the seal of each stored document by path; empty in an older archive."""
    if not sa.inspect(connection).has_table(facility_document.name):
        return {}
    columns = (facility_document.c.path, facility_document.c.sha256)
    query = sa.select(*columns).where(facility_document.c.removed_at.is_(None))
    return {row.path: row.sha256 for row in connection.execute(query)}


def _observed(scope: DataFilter) -> sa.Select[Any]:
    return (
        sa.select(facility_document)
        .join(facility, facility.c.id == facility_document.c.facility_id)
        .where(
            facility_document.c.removed_at.is_(None),
            facility.c.removed_at.is_(None),
            *owned_by(facility, scope),
        )
    )


def _document(row: sa.Row[Any]) -> FacilityDocument:
    same = {name: getattr(row, name) for name in FacilityDocument.__dataclass_fields__}
    return FacilityDocument(**same)
