"""An alert to take away: its sealed case folder, or its record as a paper."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi.responses import StreamingResponse

from alerts.alert.records import Alert
from alerts.evidence.cases.case_export import zipped
from alerts.store.errors import EvidenceError
from app.alert.history_routes import one_of
from app.exports.case_folder import case_of
from app.exports.case_record import case_record, printed_pictures
from app.exports.evidence_copies import copying
from app.exports.export_job import ExportCopy, ExportJob, Prepare
from app.exports.terms import ExportTerms
from app.web_api.access.access import CurrentUser
from app.web_api.app_state import AppState
from app.web_api.downloads import HTML, PDF, ZIP, download, log_takeaway
from app.web_api.errors import ApiError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFolderExport:
    """The sealed case folder: evidence, log extract, manifest; `thapcanh verify` proves it."""

    alert: Alert
    terms: ExportTerms
    prepare: Prepare | None

    @property
    def is_blurred(self) -> bool:
        """Whether people and plates are hidden."""
        return self.terms.is_blurred

    def download(self, caller: CurrentUser, here: AppState, export: ExportJob) -> StreamingResponse:
        """The zip, once it stands in the log."""
        alert = one_of(caller, here, self.alert.id)
        try:
            case = case_of(alert, here, caller, self.terms, export.copies)
        except (EvidenceError, OSError) as error:
            log.error("case of %s: %s", alert.number, error)
            raise ApiError(503, "evidence_store_silent") from None
        manifest = case.manifest()
        details = {
            **self.terms.facts(),
            "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
            "files": len(case.files) + len(case.texts),
        }
        log_takeaway(
            caller, here, action="case_exported", object_id=alert.id, details=details, of=alert
        )
        pieces = zipped(case, manifest, here.services.evidence)
        return download((one for one in pieces if one), ZIP, f"{case.folder}.zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExport:
    """The record of a case, to print and to keep."""

    alert: Alert
    terms: ExportTerms
    form: Literal["pdf", "html"]
    prepare: Prepare | None

    @property
    def is_blurred(self) -> bool:
        """Whether people and plates are hidden."""
        return self.terms.is_blurred

    def download(self, caller: CurrentUser, here: AppState, export: ExportJob) -> StreamingResponse:
        """The paper, once it stands in the log who took it."""
        alert = one_of(caller, here, self.alert.id)
        details = {**self.terms.facts(), "form": self.form}
        log_takeaway(
            caller, here, action="record_exported", object_id=alert.id, details=details, of=alert
        )
        content, media_type = self._paper(alert, here, export.copies)
        return download([content], media_type, f"ho-so-{alert.number}.{self.form}")

    def _paper(
        self, alert: Alert, here: AppState, copies: Mapping[str, ExportCopy]
    ) -> tuple[bytes | str, str]:
        from app.reports.paper.page import page
        from app.reports.paper.pdf import pdf

        paper = case_record(alert, here, self.terms, copies)
        return (pdf(paper), PDF) if self.form == "pdf" else (page(paper), HTML)


def alert_export(
    what: Literal["case", "record_pdf", "record_html"],
    alert: Alert,
    here: AppState,
    terms: ExportTerms,
) -> CaseFolderExport | RecordExport:
    """What of an alert is taken away. Raises `ApiError` where its evidence cannot be asked for."""
    store = here.services.evidence
    if here.services.store_error() is not None:
        raise ApiError(503, "evidence_store_silent")
    records = here.services.archive.evidence_of(alert.id)
    if what == "case":
        prepare = copying(records, store, terms, alert.number)
        return CaseFolderExport(alert=alert, terms=terms, prepare=prepare)
    prepare = copying(printed_pictures(records), store, terms, alert.number)
    form: Literal["pdf", "html"] = "pdf" if what == "record_pdf" else "html"
    return RecordExport(alert=alert, terms=terms, form=form, prepare=prepare)
