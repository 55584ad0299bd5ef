"""Web routes of evidence files: streamed whole or by one byte range (RFC 9110, 14.1.2)."""

import logging
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse

from thapcanh.alerts.alert.records import EvidenceRecord
from thapcanh.alerts.evidence.stores.store import EvidenceStore, StoredFile, sha256_of
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing, EvidenceOutside
from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer
from thapcanh.app.viewings.viewing_log import ViewingLog
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["evidence"])

_TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4", ".json": "application/json"}
_GROWS_FOR_S = 300.0
_DEFAULT_TYPE = "application/octet-stream"
_SEALED = "private, max-age=31536000, immutable"  # the bytes under one id never change
_READER = BoundedReader(within_s=5.0)  # a whole film is hashed on the way
_GROWING = "private, no-cache"  # but a manifest is written again when the clip joins it
_CACHED_SEALS = 4096
_STREAMS = CapacityLimiter(16)  # pieces that are read at one moment
_RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRange:
    """Bytes `first` to `last` of `size`, both included; an empty file's last byte is number -1."""

    first: int
    last: int
    size: int
    is_part: bool = True  # the answer to a range, even if that is all of it

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        """The header's value."""
        return f"bytes {self.first}-{self.last}/{self.size}"


def requested_range(header: str | None, size: int) -> FileRange | None:
    """Return the range of a `Range` header for this file size; None if unsatisfiable."""
    whole = FileRange(first=0, last=size - 1, size=size, is_part=False)
    found = _RANGE.match((header or "").replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return whole
    start, end = found.groups()
    if start:
        first, last = int(start), min(int(end), size - 1) if end else size - 1
        if end and int(end) < int(start):
            return whole  # not a range: as if none was asked for
    else:
        first, last = max(0, size - int(end)), size - 1
    return FileRange(first=first, last=last, size=size) if first <= last else None


@router.get("/evidence/{evidence_id}", response_class=StreamingResponse)
@permits(EVERYONE, token=TokenScope.PICTURES)
def one_file(
    caller: CurrentUserDep,
    state: AppStateDep,
    request: Request,
    evidence_id: Annotated[str, PathParameter(max_length=64)],
) -> StreamingResponse:
    """Return an evidence file, whole or in ranges; 410 when it is no longer in the store."""
    record = None
    if "\0" not in evidence_id:
        record = state.services.archive.evidence(evidence_id, caller.scope)
    if record is None:
        raise ApiError(404, "evidence_not_found")
    found = _found(state, record)
    etag = f'"{record.sha256}"'
    is_current = request.headers.get("if-range", etag) == etag
    file_range = requested_range(request.headers.get("range") if is_current else None, found.bytes)
    if file_range is None:
        raise ApiError(416, "range_not_in_file")
    role = main_role(caller.roles).value
    state.part(ViewingLog).evidence(caller.session.user.username, role, record)
    return _response(state.services.evidence, record, found, file_range)


def _response(
    store: EvidenceStore, record: EvidenceRecord, found: StoredFile, file_range: FileRange
) -> StreamingResponse:
    name = PurePosixPath(record.path)
    headers = {
        "ETag": f'"{record.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": _GROWING if record.kind is EvidenceKind.MANIFEST else _SEALED,
        "Content-Disposition": f'inline; filename="{name.name}"',
        "Content-Length": str(file_range.length),
    }
    if file_range.is_part:
        headers["Content-Range"] = file_range.content_range
    return StreamingResponse(
        _read_apart(_part(store, record.path, found, file_range)),
        status_code=206 if file_range.is_part else 200,
        media_type=_TYPES.get(name.suffix, _DEFAULT_TYPE),
        headers=headers,
    )


def _part(
    store: EvidenceStore, path: str, found: StoredFile, file_range: FileRange
) -> Iterator[bytes]:
    left = file_range.length
    for piece in store.read(path, found, first=file_range.first):
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


async def _read_apart(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield pieces read on separate threads, so that a hanging store blocks no other request."""
    while piece := await to_thread.run_sync(next, pieces, b"", limiter=_STREAMS):
        yield piece


def _found(state: AppStateDep, record: EvidenceRecord) -> StoredFile:
    """Return the record's file; 503 if the store does not answer.

    It is queried on a few threads of its own, since a share may hang for hours.
    """
    if state.services.store_error() is not None:
        raise ApiError(503, "evidence_store_silent")
    try:
        return _READER.ask(lambda: _as_sealed(state.services.evidence, record))
    except NoAnswer:
        raise ApiError(503, "evidence_store_silent") from None


def _as_sealed(store: EvidenceStore, record: EvidenceRecord) -> StoredFile:
    """Return the record's file in the store, checked against its seal.

    A manifest is rewritten when a clip joins it, just before the archive knows.
    """
    if record.deleted_at is not None:
        raise ApiError(410, "evidence_gone")
    try:
        found = store.find(record.path)
        is_young = time.time() - found.changed_at < _GROWS_FOR_S
        if record.kind is not EvidenceKind.MANIFEST or not is_young:
            _refuse_altered(store, record, found)
    except (EvidenceMissing, EvidenceOutside):
        raise ApiError(410, "evidence_gone") from None
    except EvidenceError as error:
        log.error("evidence %s cannot be read: %s", record.path, error)
        raise ApiError(503, "evidence_store_silent") from None
    return found


def _refuse_altered(store: EvidenceStore, record: EvidenceRecord, found: StoredFile) -> None:
    """Send nothing under a seal that is not its own."""
    seal = _SEALS.of(store, record.path, found)
    if seal != record.sha256:
        log.error("evidence %s was changed: sha256 %s, sealed %s", record.path, seal, record.sha256)
        raise ApiError(409, "evidence_changed")


class _CachedSeals:
    """Hashes of files as they were found: another version is another question."""

    def __init__(self) -> None:
        self._registered: OrderedDict[tuple[str, str, StoredFile], str] = OrderedDict()

    def of(self, store: EvidenceStore, path: str, found: StoredFile) -> str:
        """Return a file's hash, cached or computed. Raises `EvidenceError`."""
        key = (store.shown, path, found)
        seal = self._registered.get(key)
        if seal is None:
            seal = self._registered[key] = sha256_of(store.read(path, found))
            while len(self._registered) > _CACHED_SEALS:
                self._registered.popitem(last=False)
        return seal


_SEALS = _CachedSeals()
