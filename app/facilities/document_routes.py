"""Web routes of facilities' documents: upload, download, delete."""

import logging
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from uuid6 import uuid7

from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.facilities.facility_documents import (
    MOST_DOCUMENTS,
    FacilityDocument,
    FacilityDocumentRepository,
    document_of,
    document_type,
)
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.errors import EvidenceError
from thapcanh.app.facilities.facility_routes import FacilityId, document_url, facilities, me
from thapcanh.app.facilities.facility_schemas import (
    DocumentResponse,
    NewDocumentQuery,
    document_response,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EDITS_FACILITIES, EDITS_LISTS, EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["facilities"])

DocumentId = Annotated[str, PathParameter(max_length=64, pattern=r"^[\w-]+$")]
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; object-src 'self'",
    "X-Content-Type-Options": "nosniff",
}


@router.post("/facilities/{facility_id}/documents", status_code=201)
@permits(EDITS_FACILITIES, token=TokenScope.FACILITIES)
async def add_document(
    request: Request,
    caller: CurrentUserDep,
    state: AppStateDep,
    facility_id: FacilityId,
    query: Annotated[NewDocumentQuery, Query()],
) -> DocumentResponse:
    """Keep the file that is the body: a PDF or a picture, with the date of its inspection."""
    content = await request.body()

    def work() -> DocumentResponse:
        new = _new(caller, state, facility_id, query.name, content)
        _keep(state.services.evidence, new, content)
        updated = replace(
            new,
            inspected_on=None if query.inspected_on is None else query.inspected_on.isoformat(),
            added_by=caller.session.user.username,
            added_at=state.services.clock.utc(),
        )
        _papers(state).add(me(caller), updated)
        return document_response(updated, state.people, document_url(facility_id, updated.id))

    return await run_in_threadpool(work)


@router.get("/facilities/{facility_id}/documents/{document_id}", response_class=StreamingResponse)
@permits(EVERYONE, token=TokenScope.PICTURES)
def one_document(
    caller: CurrentUserDep, state: AppStateDep, facility_id: FacilityId, document_id: DocumentId
) -> StreamingResponse:
    """Return the bytes of a document."""
    found = _papers(state).one(document_id, caller.scope)
    if found is None or found.facility_id != facility_id:
        raise ApiError(404, "document_not_found")
    return document_stream(state, found)


def document_stream(state: AppState, found: FacilityDocument) -> StreamingResponse:
    """Return the stream of a document; scope is checked by the caller. Raises `ApiError`."""
    try:
        stored = state.services.evidence.find(found.path)
    except EvidenceError as error:
        log.error("document %s cannot be read: %s", found.path, error)
        raise ApiError(503, "evidence_store_silent") from None
    headers = _HEADERS | {"ETag": f'"{found.sha256}"', "Content-Length": str(stored.bytes)}
    pieces = state.services.evidence.read(found.path, stored)
    return StreamingResponse(pieces, media_type=found.media_type, headers=headers)


@router.delete("/facilities/{facility_id}/documents/{document_id}", status_code=204)
@permits(EDITS_LISTS, token=TokenScope.FACILITIES)
def remove_document(
    caller: CurrentUserDep, state: AppStateDep, facility_id: FacilityId, document_id: DocumentId
) -> None:
    """Take a document away; its bytes are deleted, its row and seal stay."""
    papers = _papers(state)
    found = papers.one(document_id, caller.scope)
    if found is None or found.facility_id != facility_id:
        raise ApiError(404, "document_not_found")
    papers.remove(me(caller), document_id, state.services.clock.utc())
    try:
        state.services.evidence.delete(found.path)
    except EvidenceError as error:
        log.warning("document %s stays in the store: %s", found.path, error)


def _new(
    caller: CurrentUser, state: AppState, facility_id: str, name: str, content: bytes
) -> FacilityDocument:
    """Return the validated document. Raises `ApiError`."""
    if facilities(state).one(facility_id, caller.scope) is None:
        raise ApiError(404, "facility_not_found")
    if not content:
        raise ApiError(422, "document_empty")
    kind = document_type(content)
    if kind is None:
        raise ApiError(422, "document_kind")
    if len(_papers(state).of(facility_id, caller.scope)) >= MOST_DOCUMENTS:
        raise ApiError(409, "documents_many", most=MOST_DOCUMENTS)
    return document_of(str(uuid7()), facility_id, " ".join(name.split()), content, kind)


def _keep(store: EvidenceStore, new: FacilityDocument, content: bytes) -> None:
    """Put the bytes into the store. Raises `ApiError`."""
    kind = EvidenceKind.CLIP  # as any file that is put once and never written again
    ref = EvidenceRef(kind=kind, path=new.path, sha256=new.sha256, bytes=new.bytes)
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "document"
            with source.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            store.put(source, ref)
    except (EvidenceError, OSError) as error:
        log.error("document %s could not be kept: %s", new.path, error)
        raise ApiError(503, "document_not_kept") from None


def _papers(state: AppState) -> FacilityDocumentRepository:
    return FacilityDocumentRepository(state.services.archive.database)
