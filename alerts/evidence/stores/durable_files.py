"""Durable files: seals, and moves that survive a crash. Raises `OSError`."""

import errno
import hashlib
import os
from pathlib import Path

from thapcanh.alerts.queue.message import EvidenceRef
from thapcanh.alerts.store.errors import EvidenceUnusable
from thapcanh.config.files import rename, whole_file

_CHUNK_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def require_seal(place: Path, ref: EvidenceRef) -> None:
    """Raise `EvidenceUnusable` if another file is in the place of a sealed one."""
    if place.stat().st_size != ref.bytes or file_sha256(place) != ref.sha256:
        raise EvidenceUnusable(f"{ref.path} is there already, and evidence is never changed")


def move(source: Path, place: Path, ref: EvidenceRef) -> None:
    """Move a file, by copy between disks, and verify its seal."""
    try:
        rename(source, place)
        os.utime(place)  # it is new here, however long it waited
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, place, ref)


def _copy(source: Path, place: Path, ref: EvidenceRef) -> None:
    digest = hashlib.sha256()
    with whole_file(place) as draft:
        with source.open("rb") as whole, draft.open("xb") as file:
            while chunk := whole.read(_CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != ref.sha256:
            raise EvidenceUnusable(f"{ref.path} is not what was sealed")
