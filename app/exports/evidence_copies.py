"""Copies of an alert's pictures and films; the originals are compared with their seals."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from thapcanh.alerts.alert.records import EvidenceRecord
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing, EvidenceOutside
from thapcanh.app.exports.child import CopyItem, CopyPart
from thapcanh.app.exports.export_job import ExportCopy, ExportUnprepared, Prepare, PreparedExport
from thapcanh.app.exports.jobs import ORIGINAL
from thapcanh.app.exports.terms import ExportTerms

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
            if not _is_fetched(store, record, source):
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


def _is_fetched(store: EvidenceStore, record: EvidenceRecord, target: Path) -> bool:
    """Fetch the original; return True if its seal holds. Raises `ExportUnprepared`."""
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
