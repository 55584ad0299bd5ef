"""Copying of a site's evidence from a folder to S3, with the same paths and seals."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import evidence
from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.evidence.stores.store import stored_sha256
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import EvidenceMissing, EvidenceOutside, EvidenceStoreWrong

_MANIFEST = "manifest.json"


@dataclass(slots=True)
class Copied:
    """Progress; `wrong` names files that differ from the archive."""

    files: int = 0  # brought there now
    bytes: int = 0
    there: int = 0  # that were there already
    wrong: list[str] = field(default_factory=list)


class EvidenceCopy:
    """Copy job. Raises `EvidenceError` if the store fails; run it again to resume."""

    def __init__(self, database: Database, source: FolderStore, target: S3Store) -> None:
        """Raise `EvidenceStoreWrong` where the target is another site's store."""
        self._source, self._target = source, target
        self._id = source.read_id()
        remote = target.read_id()
        if remote is not None and remote != self._id:
            raise EvidenceStoreWrong(
                f"{target.shown} holds another evidence store ({remote}): "
                f"the folder is {self._id}, name an empty prefix"
            )
        self._known, self._deleted = _rows(database)

    def run(self, report: Callable[[Copied], None]) -> Copied:
        """Copy all files; call `report` after each."""
        copied = Copied()
        for path in sorted({*self._known, *self._found()}):
            self._copy(path, copied)
            report(copied)
        for path in self._deleted:  # brought by an earlier copy, and deleted since
            self._target.delete(path)
        return copied

    def finish(self) -> None:
        """Give the target store the folder's id, so that it may replace it."""
        if self._id is not None:
            self._target.give_id(self._id)

    def _copy(self, path: str, copied: Copied) -> None:
        try:
            place = self._source.path(path)
            sha256, size = file_sha256(place), place.stat().st_size
        except (FileNotFoundError, EvidenceOutside):
            copied.wrong.append(f"{path}: missing")
            return
        except OSError as error:
            copied.wrong.append(f"{path}: cannot be read: {error.strerror}")
            return
        ref = self._known.get(path) or EvidenceRef(
            kind=_kind(path), path=path, sha256=sha256, bytes=size
        )
        if ref.sha256 != sha256:
            copied.wrong.append(f"{path}: changed")
        elif self._has(ref):
            copied.there += 1
        else:
            self._target.put(place, ref)
            if not self._has(ref):
                raise EvidenceStoreWrong(f"{self._target.shown} does not give back {path}")
            copied.files += 1
            copied.bytes += size

    def _has(self, ref: EvidenceRef) -> bool:
        try:
            return stored_sha256(self._target, ref.path) == ref.sha256
        except EvidenceMissing:
            return False

    def _found(self) -> Iterator[str]:
        """Yield files not in the archive (yet): their events are still on the way."""
        root = self._source.root
        for folder, _, names in os.walk(root):
            for name in names:
                path = str((Path(folder) / name).relative_to(root))
                if not name.startswith(".") and path not in self._deleted:
                    yield path


def _kind(path: str) -> EvidenceKind:
    return EvidenceKind.MANIFEST if path.endswith(f"/{_MANIFEST}") else EvidenceKind.CLIP


def _rows(database: Database) -> tuple[Mapping[str, EvidenceRef], frozenset[str]]:
    """Return the existing evidence by path, and the paths of deleted files."""
    columns = (evidence.c[name] for name in ("path", "kind", "sha256", "bytes", "deleted_at"))
    with database.reading() as connection:
        rows = connection.execute(sa.select(*columns)).all()
    retained = {
        row.path: EvidenceRef(
            kind=EvidenceKind(row.kind), path=row.path, sha256=row.sha256, bytes=row.bytes
        )
        for row in rows
        if row.deleted_at is None
    }
    return retained, frozenset(row.path for row in rows if row.deleted_at is not None)
