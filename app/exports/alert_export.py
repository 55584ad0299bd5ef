"""Exports of an alert: its sealed evidence package, or its record as a document."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fastapi.responses import StreamingResponse

from thapcanh.alerts.alert.records import Alert, EvidenceRecord
from thapcanh.alerts.evidence.cases import case_proof
from thapcanh.alerts.evidence.cases.case_export import (
    CaseExport,
    CaseFile,
    case_files,
    copy_of,
    is_altered,
    zipped,
)
from thapcanh.alerts.evidence.cases.case_proof import LISTED, SEAL, commitment
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.store.action_log import LogRow
from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing, EvidenceOutside
from thapcanh.alerts.store.sealed_log import note_in_log, proof_of
from thapcanh.app.alert.alert_schemas import alert_detail_response
from thapcanh.app.alert.history_routes import one_of
from thapcanh.app.exports.case_record import case_record, printed_pictures
from thapcanh.app.exports.evidence_copies import copy_path, copying, shows_people
from thapcanh.app.exports.export_job import ExportCopy, ExportJob, Prepare
from thapcanh.app.exports.terms import ExportTerms
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.downloads import HTML, PDF, ZIP, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.schemas import iso

log = logging.getLogger(__name__)
ALERT = "alert.json"
GUIDE = "DOC-TRUOC.txt"
_DRILL = "DIEN-TAP-"
_DRILL_LINES = """DIỄN TẬP - KHÔNG PHẢI VỤ VIỆC THẬT. Hình ảnh là phim được phát lại.
EXERCISE - NOT A REAL INCIDENT. The pictures are of a film that was played.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFolderExport:
    """The sealed case folder: evidence, log extract, manifest; `thapcanh verify` proves it."""

    alert: Alert
    terms: ExportTerms
    prepare: Prepare | None

    @property
    def is_blurred(self) -> bool:
        return self.terms.is_blurred

    def download(
        self, caller: CurrentUser, state: AppState, export: ExportJob
    ) -> StreamingResponse:
        """Return the zip, after logging the download."""
        alert = one_of(caller, state, self.alert.id)
        try:
            case = _case_of(alert, state, caller, self.terms, export.copies)
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
            caller, state, action="case_exported", object_id=alert.id, details=details, of=alert
        )
        pieces = zipped(case, manifest, state.services.evidence)
        return download((piece for piece in pieces if piece), ZIP, f"{case.folder}.zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExport:
    """Record of an alert, as a document."""

    alert: Alert
    terms: ExportTerms
    form: Literal["pdf", "html"]
    prepare: Prepare | None

    @property
    def is_blurred(self) -> bool:
        return self.terms.is_blurred

    def download(
        self, caller: CurrentUser, state: AppState, export: ExportJob
    ) -> StreamingResponse:
        """Return the document, after logging the download."""
        alert = one_of(caller, state, self.alert.id)
        details = {**self.terms.facts(), "form": self.form}
        log_takeaway(
            caller, state, action="record_exported", object_id=alert.id, details=details, of=alert
        )
        content, media_type = self._paper(alert, state, export.copies)
        return download([content], media_type, f"ho-so-{alert.number}.{self.form}")

    def _paper(
        self, alert: Alert, state: AppState, copies: Mapping[str, ExportCopy]
    ) -> tuple[bytes | str, str]:
        from thapcanh.app.reports.paper.page import page
        from thapcanh.app.reports.paper.pdf import pdf

        paper = case_record(alert, state, self.terms, copies)
        return (pdf(paper), PDF) if self.form == "pdf" else (page(paper), HTML)


def alert_export(
    what: Literal["case", "record_pdf", "record_html"],
    alert: Alert,
    state: AppState,
    terms: ExportTerms,
) -> CaseFolderExport | RecordExport:
    """Return the export of an alert. Raises `ApiError` if the evidence store is unavailable."""
    store = state.services.evidence
    if state.services.store_error() is not None:
        raise ApiError(503, "evidence_store_silent")
    records = state.services.archive.evidence_of(alert.id)
    if what == "case":
        prepare = copying(records, store, terms, alert.number)
        return CaseFolderExport(alert=alert, terms=terms, prepare=prepare)
    prepare = copying(printed_pictures(records), store, terms, alert.number)
    form: Literal["pdf", "html"] = "pdf" if what == "record_pdf" else "html"
    return RecordExport(alert=alert, terms=terms, form=form, prepare=prepare)


def _case_of(
    alert: Alert,
    state: AppState,
    caller: CurrentUser,
    terms: ExportTerms,
    copies: Mapping[str, ExportCopy],
) -> CaseExport:
    """Return the package as it is now; files with expired retention are named, not packed.

    Pictures and videos are copies unless the terms say otherwise; those without a copy are named
    too. Raises `OSError` if a copy cannot be read.
    """
    archive = state.services.archive
    records = archive.evidence_of(alert.id)
    store = state.services.evidence
    present, deleted = _sorted(records, store)
    files, left = case_files(present), list[CaseFile]()
    if terms.is_blurred:
        files, left = _copied(present, files, copies)
    before = proof_of(archive.database, alert.id)
    shown = alert_detail_response(alert, records, archive.log_of(alert.id), state.people)
    made_at = state.services.clock.utc()
    unlisted = CaseExport(
        folder=f"{_DRILL}{alert.number}" if alert.exercise else alert.number,
        made_at=made_at,
        facts={
            "number": alert.number,
            "status": "Exercise" if alert.exercise else "Actual",  # the words of CAP 1.2
            "alert": alert.id,
            "made_by": caller.session.user.username,
            **terms.facts(),
            "site": state.services.site().site.name,
            "log": {"ok": before.ok, "why": before.why, "entries": len(before.rows)},
            "no_longer_kept": deleted,
            "not_copied": [file.listed() for file in left],
            "altered": [file.name for file in files if is_altered(file, store)],
        },
        texts={
            ALERT: (shown.model_dump_json(indent=1) + "\n").encode(),
            GUIDE: _guide(alert, made_at, terms).encode(),
        },
        files=files,
    )
    return _listed(unlisted, before.rows, caller, state)


def _listed(
    case: CaseExport, before: Sequence[LogRow], caller: CurrentUser, state: AppState
) -> CaseExport:
    """Write the log entry that lists the package, and return the package with it."""
    line = AuditEntry(
        at=state.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action=LISTED,
        object_id=str(case.facts["alert"]),
        details=commitment(before, case.content()),
    )
    entry = note_in_log(state.services.archive.database, line)
    return replace(
        case,
        facts={**case.facts, SEAL: entry.hash},
        texts={**case.texts, case_proof.NAME: case_proof.extract((*before, entry))},
    )


def _copied(
    records: Sequence[EvidenceRecord], files: Sequence[CaseFile], copies: Mapping[str, ExportCopy]
) -> tuple[list[CaseFile], list[CaseFile]]:
    """Return the files with copies in place of pictures and videos, and those without a copy."""
    packed, left = [], []
    for record, file in zip(records, files, strict=True):
        path = copy_path(copies, record)
        if not shows_people(record):
            packed.append(file)
        elif path is None:
            left.append(file)
        else:
            packed.append(copy_of(file, path))
    return packed, left


def _sorted(
    records: list[EvidenceRecord], store: EvidenceStore
) -> tuple[list[EvidenceRecord], list[str]]:
    """Return files inside the evidence store to pack, and the deleted ones."""
    present: list[EvidenceRecord] = []
    deleted: list[str] = []
    for record in records:
        if record.deleted_at is None and _is_inside(record, store):
            present.append(record)
        else:
            deleted.append(f"{record.kind.value} {record.sha256}")
    return present, deleted


def _is_inside(record: EvidenceRecord, store: EvidenceStore) -> bool:
    try:
        store.find(record.path)
    except EvidenceOutside:
        return False
    except EvidenceMissing:
        return True
    return True


def _guide(alert: Alert, made_at: float, terms: ExportTerms) -> str:
    return f"""{_DRILL_LINES if alert.exercise else ""}HỒ SƠ CẢNH BÁO {alert.number}
Lập lúc {iso(made_at)} (UTC).

{_of_pictures(terms)}
Trong thư mục này:
- manifest.json: danh sách mọi tệp, kèm mã băm SHA-256 (niêm phong).
- {ALERT}: toàn bộ thông tin cảnh báo vào lúc lập hồ sơ.
- {case_proof.NAME}: nhật ký thao tác của cảnh báo; mỗi dòng nối với dòng trước bằng mã băm.
- ảnh, phim và manifest của máy phân tích.

Kiểm tra không cần mạng: chạy lệnh
    thapcanh verify THƯ-MỤC-NÀY --seal MÃ-NIÊM-PHONG
Tệp nào bị sửa, thiếu, thêm vào hoặc bị bỏ bớt đều được nêu tên, kể cả alert.json và tệp
này. Mã niêm phong là dòng cuối của nhật
ký khi lập hồ sơ; hãy giữ nó ở nơi khác.

CASE FOLDER. manifest.json lists every file with its SHA-256; `thapcanh verify FOLDER` proves it
offline and names any file that was changed, removed, added or left out; with `--seal`, the seal of
the log's last entry that was kept elsewhere, also where all of it was made again.
"""


def _of_pictures(terms: ExportTerms) -> str:
    if terms.is_blurred:
        return """ẢNH VÀ PHIM LÀ BẢN SAO ĐÃ LÀM MỜ người và biển số bằng máy; máy có thể bỏ sót:
xem lại trước khi công bố. Bản gốc ở trong kho, mã băm của nó ghi ở manifest.json (derived_from).
PICTURES AND FILMS ARE BLURRED COPIES, made by a model that may miss somebody: look before you
publish them.
"""
    return f"""ẢNH VÀ PHIM LÀ BẢN GỐC, KHÔNG LÀM MỜ.
Người lấy: {terms.username}. Mục đích: {terms.purpose}
PICTURES AND FILMS ARE THE ORIGINALS, taken for the purpose above.
"""
