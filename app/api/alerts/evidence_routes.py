"""Pictures and films of alerts: parts of a file for players, kept by the browser of one person."""

import logging
import os
import stat
import time
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse

from alerts.archive import EvidenceRecord
from alerts.evidence.store import file_sha256
from alerts.message import EvidenceKind
from app.api.alerts.bounded_reader import BoundedReader, NoAnswer
from app.api.app_state import AppStateDep
from app.api.auth.access import CurrentUserDep
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import EVERYONE, main_role
from app.api.auth.token_scopes import TokenScope
from app.api.errors import ApiError
from app.api.prefix import PREFIX

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["evidence"])

_TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4", ".json": "application/json"}
_GROWS_FOR_S = 300.0
_UNKNOWN_TYPE = "application/octet-stream"
_SEALED = "private, max-age=31536000, immutable"  # the bytes under one id never change
_READER = BoundedReader(within_s=5.0)  # a whole film is hashed on the way
_GROWING = "private, no-cache"  # but a manifest is written again when the clip joins it


@router.get("/evidence/{evidence_id}", response_class=FileResponse)
@permits(EVERYONE, token=TokenScope.PICTURES)
def one_file(
    caller: CurrentUserDep,
    here: AppStateDep,
    evidence_id: Annotated[str, PathParameter(max_length=64)],
) -> FileResponse:
    """A file of evidence, whole or in ranges; 410 when it is no longer on the disk."""
    record = None
    if "\0" not in evidence_id:
        record = here.services.archive.evidence(evidence_id, caller.scope)
    if record is None:
        raise ApiError(404, "evidence_not_found")
    path, facts = _found(here, record)
    role = main_role(caller.roles).value
    here.viewings.evidence(caller.session.user.username, role, record)
    return FileResponse(
        path,
        stat_result=facts,
        media_type=_TYPES.get(path.suffix, _UNKNOWN_TYPE),
        filename=path.name,
        content_disposition_type="inline",
        headers={
            "ETag": f'"{record.sha256}"',
            "Cache-Control": _GROWING if record.kind is EvidenceKind.MANIFEST else _SEALED,
        },
    )


def _found(here: AppStateDep, record: EvidenceRecord) -> tuple[Path, os.stat_result]:
    """The record's file; 503 where the store does not answer, for a share may hang for hours.

    It is asked on few threads of its own: however many wait, all other requests are answered.
    """
    if here.services.store_error() is not None:
        raise ApiError(503, "evidence_store_silent")
    try:
        return _READER.ask(lambda: _path_below(here.services.evidence_root, record))
    except NoAnswer:
        raise ApiError(503, "evidence_store_silent") from None


def _path_below(root: Path, record: EvidenceRecord) -> tuple[Path, os.stat_result]:
    """The record's file, which must lie below the evidence folder whatever the record says."""
    try:
        root = root.resolve()
        path = (root / record.path).resolve()
        facts = path.stat()
    except (OSError, ValueError):
        raise ApiError(410, "evidence_gone") from None
    is_file = stat.S_ISREG(facts.st_mode)
    if record.deleted_at is not None or not is_file or not path.is_relative_to(root):
        raise ApiError(410, "evidence_gone")
    _refuse_altered(path, record, facts)
    return path, facts


def _refuse_altered(path: Path, record: EvidenceRecord, facts: os.stat_result) -> None:
    """Send nothing under a seal that is not its own.

    A manifest is written again when a clip joins it, a moment before the archive hears of that.
    """
    is_young = time.time() - facts.st_mtime < _GROWS_FOR_S
    if record.kind is EvidenceKind.MANIFEST and is_young:
        return
    try:
        found = _sha256(path, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    except OSError:
        raise ApiError(410, "evidence_gone") from None
    if found != record.sha256:
        log.error("evidence %s was changed: sha256 %s, sealed %s", path, found, record.sha256)
        raise ApiError(409, "evidence_changed")


@lru_cache(maxsize=4096)
def _sha256(path: Path, *_as_it_is: int) -> str:
    """Of a file as it is: another file, size or time is another question."""
    return file_sha256(path)
