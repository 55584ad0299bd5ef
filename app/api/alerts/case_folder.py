"""What of one alert goes into its case folder: files with their seals, the log extract, a guide."""

from pathlib import Path

from alerts.archive import Alert, EvidenceRecord
from alerts.archive.repositories.cases import proof_of
from alerts.evidence import log_extract
from alerts.evidence.case_export import CaseExport, case_files
from app.api.app_state import AppState
from app.api.schemas import iso
from app.api.serializers import alert_detail_response

ALERT = "alert.json"
GUIDE = "DOC-TRUOC.txt"

_DRILL = "DIEN-TAP-"
_DRILL_LINES = """DIỄN TẬP - KHÔNG PHẢI VỤ VIỆC THẬT. Hình ảnh là phim được phát lại.
EXERCISE - NOT A REAL INCIDENT. The pictures are of a film that was played.

"""


def case_of(alert: Alert, here: AppState, made_by: str) -> CaseExport:
    """The whole case as it is now. Files whose time of keeping ended are named, not packed."""
    archive = here.services.archive
    records = archive.evidence_of(alert.id)
    kept, gone = _sorted(records, here.services.evidence_root.resolve())
    proof = proof_of(archive.database, alert.id)
    shown = alert_detail_response(alert, records, archive.log_of(alert.id), here.people)
    made_at = here.services.clock.utc()
    return CaseExport(
        folder=f"{_DRILL}{alert.number}" if alert.exercise else alert.number,
        made_at=made_at,
        facts={
            "number": alert.number,
            "status": "Exercise" if alert.exercise else "Actual",  # the words of CAP 1.2
            "alert": alert.id,
            "made_by": made_by,
            "site": here.services.site().site.name,
            "log": {"ok": proof.ok, "why": proof.why, "entries": len(proof.rows)},
            "no_longer_kept": gone,
        },
        texts={
            ALERT: (shown.model_dump_json(indent=1) + "\n").encode(),
            log_extract.NAME: log_extract.extract(
                proof.rows, head_seq=proof.head_seq, head_hash=proof.head_hash
            ),
            GUIDE: _guide(alert, made_at).encode(),
        },
        files=case_files(kept),
    )


def _sorted(
    records: list[EvidenceRecord], root: Path
) -> tuple[list[tuple[EvidenceRecord, Path]], list[str]]:
    """Files to pack, below the evidence folder whatever a record says; and the deleted ones."""
    kept: list[tuple[EvidenceRecord, Path]] = []
    gone: list[str] = []
    for record in records:
        path = (root / record.path).resolve()
        if record.deleted_at is None and path.is_relative_to(root):
            kept.append((record, path))
        else:
            gone.append(f"{record.kind.value} {record.sha256}")
    return kept, gone


def _guide(alert: Alert, made_at: float) -> str:
    return f"""{_DRILL_LINES if alert.exercise else ""}HỒ SƠ CẢNH BÁO {alert.number}
Lập lúc {iso(made_at)} (UTC).

Trong thư mục này:
- manifest.json: danh sách mọi tệp, kèm mã băm SHA-256 (niêm phong).
- {ALERT}: toàn bộ thông tin cảnh báo vào lúc lập hồ sơ.
- {log_extract.NAME}: nhật ký thao tác của cảnh báo; mỗi dòng nối với dòng trước bằng mã băm.
- ảnh, phim và manifest của máy phân tích, giữ nguyên như lúc ghi.

Kiểm tra không cần mạng: chạy lệnh
    thapcanh verify THƯ-MỤC-NÀY
Tệp nào bị sửa, thiếu hoặc thêm vào đều được nêu tên.

CASE FOLDER. manifest.json lists every file with its SHA-256; `thapcanh verify FOLDER` proves it
offline and names any file that was changed, removed or added.
"""
