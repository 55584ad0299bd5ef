"""Copies of an alert's pictures and films, compared with their seals, and the export of one."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi.responses import StreamingResponse

from thapcanh.alerts.alert.records import Alert, EvidenceRecord
from thapcanh.alerts.evidence.cases.case_export import COPIED, pieces_of
from thapcanh.alerts.evidence.stores.store import EvidenceStore, sha256_of, stored_sha256
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing, EvidenceOutside
from thapcanh.app.alert.history_routes import one_of
from thapcanh.app.exports.child import CopyItem, CopyPart
from thapcanh.app.exports.export_job import (
    ExportCopy,
    ExportJob,
    ExportUnprepared,
    Prepare,
    PreparedExport,
)
from thapcanh.app.exports.jobs import ORIGINAL
from thapcanh.app.exports.terms import ExportTerms
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.downloads import download, log_takeaway
from thapcanh.app.web_api.errors import ApiError

PICTURES = frozenset({EvidenceKind.SNAPSHOT, EvidenceKind.SNAPSHOT_BOXED})
VIDEOS = frozenset({EvidenceKind.CLIP_START, EvidenceKind.CLIP, EvidenceKind.CLIP_VIEWING})


def shows_people(record: EvidenceRecord) -> bool:
    """Return True for a picture or video that still exists."""
    return record.deleted_at is None and record.kind in PICTURES | VIDEOS


def copying(
    records: Sequence[EvidenceRecord], store: EvidenceStore, terms: ExportTerms, number: str
) -> Prepare | None:
    """Return the function that copies these records, by record id; None if none is needed."""
    shown = [item for item in records if shows_people(item)]
    if not shown or not terms.is_blurred:
        return None

    def prepare(folder: Path) -> PreparedExport:
        items: dict[str, CopyItem] = {}
        for place, record in enumerate(shown):
            suffix = PurePosixPath(record.path).suffix
            source = folder / f"{ORIGINAL}{place}{suffix}"
            if not _fetch(store, record, source):
                continue
            is_film = record.kind in VIDEOS
            items[record.id] = terms.item(
                [CopyPart(path=str(source), begins_s=0.0, filmed_at=None)],
                folder / f"copy-{place}{'.mp4' if is_film else '.jpg'}",
                of=number,
                original=record.sha256,
                is_film=is_film,
            )
        return PreparedExport(job=terms.job(list(items.values())), keys=list(items))

    return prepare


def copy_path(copies: Mapping[str, ExportCopy], record: EvidenceRecord) -> Path | None:
    """Return the path of a record's copy, or None."""
    found = copies.get(record.id)
    return None if found is None else found.path


def _fetch(store: EvidenceStore, record: EvidenceRecord, target: Path) -> bool:
    """Fetch the original; return False if it is missing or changed. Raises `ExportUnprepared`."""
    digest = hashlib.sha256()
    try:
        with target.open("wb") as file:
            for piece in store.read(record.path, store.find(record.path)):
                digest.update(piece)
                file.write(piece)
    except (EvidenceMissing, EvidenceOutside):
        return False
    except EvidenceError as error:
        raise ExportUnprepared(str(error)) from error
    return digest.hexdigest() == record.sha256


EXPORTED = "evidence_exported"
_TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4"}
_DEFAULT_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceExport:
    """A file of an alert."""

    alert: Alert
    record: EvidenceRecord
    terms: ExportTerms
    store: EvidenceStore

    @property
    def is_blurred(self) -> bool:
        return self.terms.is_blurred

    @property
    def prepare(self) -> Prepare | None:
        return copying([self.record], self.store, self.terms, self.alert.number)

    def download(
        self, caller: CurrentUser, state: AppState, export: ExportJob
    ) -> StreamingResponse:
        """Return the copy or the original, after logging the download."""
        alert = one_of(caller, state, self.alert.id)
        leaving = self._copy(export) if self.is_blurred else self._original()
        details = {
            **self.terms.facts(),
            "kind": self.record.kind.value,
            "original_sha256": self.record.sha256,
            "sha256": leaving.sha256,
        }
        log_takeaway(caller, state, action=EXPORTED, object_id=alert.id, details=details, of=alert)
        stem = PurePosixPath(self.record.path).stem
        name = _plain(f"{alert.number}-{stem}{leaving.ending}")
        media_type = _TYPES.get(PurePosixPath(name).suffix, _DEFAULT_TYPE)
        return download(leaving.pieces, media_type, name)

    def _copy(self, export: ExportJob) -> "_Leaving":
        path = copy_path(export.copies, self.record)
        if path is None:
            raise ApiError(422, "export_unreadable")
        ending, pieces = f".{COPIED}{path.suffix}", pieces_of(path)
        return _Leaving(ending=ending, sha256=sha256_of(pieces_of(path)), pieces=pieces)

    def _original(self) -> "_Leaving":
        record, store = self.record, self.store
        try:
            if stored_sha256(store, record.path) != record.sha256:
                raise ApiError(409, "evidence_changed")
            pieces = store.read(record.path, store.find(record.path))
        except EvidenceError:
            raise ApiError(503, "evidence_store_silent") from None
        ending = PurePosixPath(record.path).suffix
        return _Leaving(ending=ending, sha256=record.sha256, pieces=pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """A file that is about to be sent."""

    ending: str
    sha256: str
    pieces: Iterator[bytes]


def evidence_export(
    alert: Alert, record: EvidenceRecord, terms: ExportTerms, store: EvidenceStore
) -> EvidenceExport:
    """Return the export. Raises `ApiError` if the record is of another kind, or deleted."""
    if not shows_people(record):
        raise ApiError(410 if record.deleted_at is not None else 422, "evidence_gone")
    return EvidenceExport(alert=alert, record=record, terms=terms, store=store)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)
