"""Web routes of exports: videos and pictures as files."""

import logging
from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse

from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import Role
from thapcanh.app.alert.history_routes import one_of
from thapcanh.app.exports.alert_export import alert_export
from thapcanh.app.exports.evidence_copies import evidence_export
from thapcanh.app.exports.export_job import ExportJob, ExportState, Prepare
from thapcanh.app.exports.export_schemas import (
    AlertExportRequest,
    EvidenceExportRequest,
    ExportRequest,
    ExportResponse,
    RecordingExportRequest,
)
from thapcanh.app.exports.jobs import ExportJobs, ExportsBusy
from thapcanh.app.exports.span_export import span_export
from thapcanh.app.exports.terms import ExportTerms
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, current_user
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EXPORTS, UNBLURS
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

log = logging.getLogger(__name__)
router = APIRouter(prefix=f"{PREFIX}/exports", tags=["exports"])

ExportId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class ExportSubject(Protocol):
    """Exported object."""

    @property
    def is_blurred(self) -> bool:
        """True if people and plates are hidden."""

    @property
    def prepare(self) -> Prepare | None:
        """Function that makes its copies; None if nothing must be copied."""

    def download(
        self, caller: CurrentUser, state: AppState, export: ExportJob
    ) -> StreamingResponse:
        """Return the file, after logging the download. Raises `ApiError`."""


@router.post("", status_code=201)
@permits(EXPORTS, token=TokenScope.EXPORT)
def begin_export(
    caller: CurrentUserDep, state: AppStateDep, request: Request, body: ExportRequest
) -> ExportResponse:
    """Begin an export in which people and plates are hidden."""
    return _begun(caller, state, body, _welcome(request, state, EXPORTS), is_blurred=True)


@router.post("/unblurred", status_code=201)
@permits(UNBLURS)
def begin_unblurred_export(
    caller: CurrentUserDep, state: AppStateDep, request: Request, body: ExportRequest
) -> ExportResponse:
    """Start an export in which nobody is hidden; its purpose is logged and in the manifest."""
    if body.purpose is None:
        raise ApiError(422, "export_purpose")
    return _begun(caller, state, body, _welcome(request, state, UNBLURS), is_blurred=False)


@router.get("/{export_id}")
@permits(EXPORTS, token=TokenScope.EXPORT)
def one_export(caller: CurrentUserDep, state: AppStateDep, export_id: ExportId) -> ExportResponse:
    """Return the state of an export."""
    return _response(_own(caller, state, export_id))


@router.delete("/{export_id}")
@permits(EXPORTS, token=TokenScope.EXPORT)
def cancel_export(
    caller: CurrentUserDep, state: AppStateDep, export_id: ExportId
) -> ExportResponse:
    """Cancel an export and delete its copies."""
    ended = state.part(ExportJobs).cancel(export_id, caller.session.user.username)
    if ended is None:
        raise ApiError(404, "export_not_found")
    return _response(ended)


@router.get("/{export_id}/file", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def export_file(
    caller: CurrentUserDep, state: AppStateDep, export_id: ExportId
) -> StreamingResponse:
    """Return the file of a finished export; each download is logged."""
    export = _own(caller, state, export_id)
    subject: ExportSubject = export.subject
    if export.state is not ExportState.DONE:
        raise ApiError(409, export.error or "export_not_done")
    if not subject.is_blurred and not caller.roles & UNBLURS:
        raise ApiError(403, "not_allowed")
    return subject.download(caller, state, export)


def _welcome(request: Request, state: AppState, roles: frozenset[Role]) -> Callable[[], bool]:
    """Return a function that tells if the session is valid and may still export."""

    def is_welcome() -> bool:
        try:
            now = current_user(request, state)
        except ArchiveError as error:
            log.warning("an export's session cannot be checked: %s", error)
            return True  # it is asked again when the file is fetched
        return now is not None and bool(now.roles & roles)

    return is_welcome


def _begun(
    caller: CurrentUser,
    state: AppState,
    body: ExportRequest,
    is_welcome: Callable[[], bool],
    *,
    is_blurred: bool,
) -> ExportResponse:
    terms = ExportTerms(
        username=caller.session.user.username,
        at_s=state.services.clock.utc(),
        purpose=body.purpose,
        is_blurred=is_blurred,
        site=state.services.site(),
    )
    subject = _subject(caller, state, body, terms)
    try:
        made = state.part(ExportJobs).start(
            terms.username, subject, subject.prepare, session=caller.session_key,
            is_welcome=is_welcome,
        )  # fmt: skip
    except ExportsBusy:
        raise ApiError(409, "exports_busy", headers={"Retry-After": "30"}) from None
    return _response(made)


def _subject(
    caller: CurrentUser, state: AppState, body: ExportRequest, terms: ExportTerms
) -> ExportSubject:
    match body:
        case RecordingExportRequest():
            return span_export(caller, state, body, terms)
        case AlertExportRequest():
            return alert_export(body.what, one_of(caller, state, body.alert), state, terms)
        case EvidenceExportRequest():
            record = state.services.archive.evidence(body.evidence, caller.scope)
            if record is None or record.alert_id is None:
                raise ApiError(404, "evidence_not_found")
            alert = one_of(caller, state, record.alert_id)
            return evidence_export(alert, record, terms, state.services.evidence)


def _own(caller: CurrentUser, state: AppState, export_id: str) -> ExportJob:
    found = state.part(ExportJobs).find(export_id, caller.session.user.username)
    if found is None:
        raise ApiError(404, "export_not_found")
    return found


def _response(export: ExportJob) -> ExportResponse:
    subject: ExportSubject = export.subject
    return ExportResponse(
        id=export.id,
        state=export.state,
        share=export.share,
        blurred=subject.is_blurred,
        problem=export.error,
    )
