"""Export of an evidence package: a zip that `thapcanh verify FOLDER` proves offline."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from thapcanh.alerts.alert.records import EvidenceRecord
from thapcanh.alerts.evidence.cases.case_folder import MANIFEST
from thapcanh.alerts.evidence.stores.store import EvidenceStore, sha256_of, stored_sha256
from thapcanh.alerts.evidence.zip_pipe import ZipPipe
from thapcanh.alerts.store.errors import EvidenceMissing, EvidenceOutside
from thapcanh.config.local_time import LOCAL_TZ

EVENT_MANIFEST = "event_manifest.json"  # the worker's own; ours has the other name
COPY = "blurred_copy"
COPIED = "da-lam-mo"  # in the names of such copies
_CHUNK_BYTES = 256 * 1024
EXPORT_FORM = "thapcanh.export.v2"  # since then its log lists what is in it


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Evidence file with its name in the folder."""

    name: str
    path: str  # in the store
    kind: str
    sha256: str
    bytes: int
    copy_at: Path | None = None
    """Of a copy that was made for this export; `path` is then its original's."""
    derived_from: "CaseFile | None" = None

    def listed(self) -> dict[str, object]:
        logged: dict[str, object] = {
            "name": self.name,
            "kind": self.kind,
            "sha256": self.sha256,
            "bytes": self.bytes,
        }
        if self.derived_from is not None:
            logged["derived_from"] = self.derived_from.listed()
        return logged


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExport:
    """Content of one export; `facts` head the manifest (number, who, when …)."""

    folder: str
    made_at: float
    facts: Mapping[str, Any]
    texts: Mapping[str, bytes]
    files: Sequence[CaseFile]

    def manifest(self) -> bytes:
        return (json.dumps(self.content(), ensure_ascii=False, indent=1) + "\n").encode()

    def content(self) -> dict[str, Any]:
        """Return names and seals of everything else in the folder."""
        listed = [
            {"name": name, "kind": "text", "sha256": _sha256(text), "bytes": len(text)}
            for name, text in self.texts.items()
        ]
        return {
            "form": EXPORT_FORM,
            "made_at": self.made_at,
            **self.facts,
            "files": [*listed, *(file.listed() for file in self.files)],
        }


def case_files(records: Sequence[EvidenceRecord]) -> list[CaseFile]:
    """Return names without folders; with several events each has a number."""
    events = list(dict.fromkeys(record.event_id for record in records))
    files = []
    for record in records:
        name = PurePosixPath(record.path).name
        name = EVENT_MANIFEST if name == MANIFEST else name
        if len(events) > 1:
            name = f"{events.index(record.event_id) + 1:02d}-{name}"
        files.append(
            CaseFile(
                name=name,
                path=record.path,
                kind=record.kind.value,
                sha256=record.sha256,
                bytes=record.bytes,
            )
        )
    return files


def copy_of(original: CaseFile, copy: Path) -> CaseFile:
    """Return a copy in place of its original, with its own seal. Raise `OSError`."""
    name = PurePosixPath(original.name)
    return CaseFile(
        name=f"{name.stem}.{COPIED}{copy.suffix}",
        path=original.path,
        kind=COPY,
        sha256=sha256_of(pieces_of(copy)),
        bytes=copy.stat().st_size,
        copy_at=copy,
        derived_from=original,
    )


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a local file in pieces. Raise `OSError`."""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece


def is_altered(file: CaseFile, store: EvidenceStore) -> bool:
    """Return whether a file differs from its seal; a missing one is reported elsewhere.

    Raise `EvidenceError` if the store does not answer.
    """
    if file.copy_at is not None:
        return False
    try:
        return stored_sha256(store, file.path) != file.sha256
    except (EvidenceMissing, EvidenceOutside):
        return False


def zipped(case: CaseExport, manifest: bytes, store: EvidenceStore) -> Iterator[bytes]:
    """Yield the zip in pieces; clips are stored uncompressed.

    A missing file is left out, and the manifest names it.
    """
    pipe = ZipPipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for name, text in ((MANIFEST, manifest), *case.texts.items()):
            archive.writestr(_entry(case, name), text, zipfile.ZIP_DEFLATED)
        yield pipe.taken()
        for file in case.files:
            yield from _added(archive, pipe, _entry(case, file.name), _pieces(store, file))
    yield pipe.taken()


def _added(
    archive: zipfile.ZipFile, pipe: ZipPipe, entry: zipfile.ZipInfo, pieces: Iterator[bytes] | None
) -> Iterator[bytes]:
    if pieces is None:
        return
    with archive.open(entry, "w", force_zip64=True) as target:
        for piece in pieces:
            target.write(piece)
            yield pipe.taken()


def _pieces(store: EvidenceStore, file: CaseFile) -> Iterator[bytes] | None:
    """Return the bytes of a file, or None if it is missing."""
    if file.copy_at is not None:
        return pieces_of(file.copy_at)
    try:
        found = store.find(file.path)
    except (EvidenceMissing, EvidenceOutside):
        return None
    return store.read(file.path, found)


def _entry(case: CaseExport, name: str) -> zipfile.ZipInfo:
    made = datetime.fromtimestamp(case.made_at, UTC).astimezone(LOCAL_TZ)
    entry = zipfile.ZipInfo(
        f"{case.folder}/{name}",
        (made.year, made.month, made.day, made.hour, made.minute, made.second),
    )
    entry.external_attr = 0o644 << 16
    return entry


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
