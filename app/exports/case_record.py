"""Record of one alert as a document: detections, actions with times, and seals."""

import hashlib
from collections.abc import Mapping, Sequence

from thapcanh.alerts.alert.records import Alert, EvidenceRecord, LogEntry
from thapcanh.alerts.evidence.stores.store import EvidenceStore, read_whole
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.errors import EvidenceError
from thapcanh.alerts.store.roles import SYSTEM
from thapcanh.app.alert.history_table import outcome_of
from thapcanh.app.exports.evidence_copies import copy_path
from thapcanh.app.exports.export_job import ExportCopy
from thapcanh.app.exports.terms import ExportTerms
from thapcanh.app.reports.export_words import ExportVocabulary, has_confirmed_name
from thapcanh.app.reports.paper.content import (
    Facts,
    Listing,
    Paper,
    Picture,
    Pictures,
    moment,
    place_of,
)
from thapcanh.app.reports.table_words import SiteNames
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.language import Language

_MOST_PICTURES = 8  # a fire that burns for hours is told of by many events
_SHOWN = (EvidenceKind.SNAPSHOT_BOXED, EvidenceKind.SNAPSHOT)
_KINDS = {
    EvidenceKind.SNAPSHOT: "Ảnh gốc",
    EvidenceKind.SNAPSHOT_BOXED: "Ảnh có khung",
    EvidenceKind.CLIP_START: "Phim đầu",
    EvidenceKind.CLIP: "Phim",
    EvidenceKind.CLIP_VIEWING: "Phim để xem",
    EvidenceKind.MANIFEST: "Bản kê của máy phân tích",
}


_ACTIONS = {
    "opened": "Trung tâm nhận cảnh báo của máy",
    "spoke": "Báo lại",
    "cleared": "Hết dấu hiệu",
    "evidence": "Lưu bằng chứng",
    "evidence_deleted": "Xóa bằng chứng hết hạn lưu",
    "evidence_held": "Lưu giữ bằng chứng theo yêu cầu",
    "evidence_released": "Bỏ lưu giữ bằng chứng theo yêu cầu",
    "acknowledge": "Nhận xử lý",
    "confirm": "Xác nhận là thật",
    "reject": "Báo giả",
    "propose": "Đề nghị báo giả",
    "close": "Đóng",
    "reopen": "Mở lại",
    "lease_expired": "Quá hạn kết luận, trả lại hàng chờ",
    "lease_renewed": "Gia hạn kết luận",
    "case_listed": "Lập danh mục hồ sơ niêm phong",
    "case_exported": "Tải hồ sơ niêm phong",
    "picture_mailed": "Gửi ảnh đã làm mờ qua thư",
    "record_exported": "In hồ sơ cảnh báo",
    "note": "Ghi chú",
    "claim": "Nhận thay",
    "hand_over": "Chuyển người xử lý",
    "receipt": "Đơn vị xác nhận đã nhận tin",
    "shelved": "Tạm ngưng báo",
    "unshelved": "Bỏ tạm ngưng",
}
_VI = ExportVocabulary(Language.VI)


def entry_text(entry: LogEntry) -> str:
    """Return an entry's action with the officer's reason and note, as text."""
    action = entry.action
    if action == "reject" and entry.details.get("why") == "awaits_cosign":
        action = "propose"
    name = f"reason.{entry.reason}"
    why = _VI(name) if entry.reason and entry.action == "reject" else ""
    done = _ACTIONS.get(action, "Thay đổi khác")
    return " · ".join(part for part in (done, why, entry.note or "") if part)


def case_record(
    alert: Alert, state: AppState, terms: ExportTerms, copies: Mapping[str, ExportCopy]
) -> Paper:
    """Return the record; its last log entry is the making of this document."""
    archive, site = state.services.archive, state.services.site()
    namer = SiteNames.of(ExportVocabulary(Language.VI), state.people, site)
    log, evidence = archive.log_of(alert.id), archive.evidence_of(alert.id)
    made_at = state.services.clock.utc()
    return Paper(
        agency=site.site.name,
        place=place_of(site),
        made_at=made_at,
        code="HS",
        title="HỒ SƠ CẢNH BÁO",
        subject=f"Số {alert.number} · {_kind(alert, namer)}",
        warning="DIỄN TẬP - KHÔNG PHẢI VỤ VIỆC THẬT" if alert.exercise else "",
        blocks=(
            Facts(title="I. NỘI DUNG", rows=[*_facts(alert, namer), *_why(terms)]),
            Pictures(title="II. HÌNH ẢNH", pictures=_pictures(evidence, state, terms, copies)),
            Listing(
                title="III. DIỄN BIẾN",
                heads=("Thời điểm (giờ trung tâm)", "Người thực hiện", "Việc"),
                widths=(0.27, 0.28, 0.45),
                rows=[(moment(item.at), _who(item, namer), entry_text(item)) for item in log],
            ),
            Listing(
                title="IV. NIÊM PHONG (SHA-256)",
                heads=("Tệp", "Mã niêm phong"),
                widths=(0.3, 0.7),
                rows=_seals(evidence, log),
            ),
        ),
        closing=f"Hồ sơ lập lúc {moment(made_at)} từ nhật ký có niêm phong; mọi giờ là "
        "giờ Hà Nội. Đồng hồ của máy phát hiện và của trung tâm có thể lệch nhau.",
        recipients=("Chỉ huy đơn vị (để báo cáo);", "Lưu: hồ sơ vụ việc."),
        signer="CÁN BỘ LẬP HỒ SƠ",
    )


def _facts(alert: Alert, namer: SiteNames) -> list[tuple[str, str]]:
    words, outcome = namer.words, outcome_of(alert)
    text = (
        ("kind", _kind(alert, namer)),
        ("priority", str(alert.priority)),
        ("state", words(f"state.{alert.state.value}")),
        ("outcome", words(f"outcome.{outcome}")),
        ("reject_reason", words(f"reason.{alert.reject_reason}") if alert.reject_reason else ""),
        ("raised_at", moment(alert.raised_at)),
        ("cleared_at", moment(alert.cleared_at)),
        ("camera_name", alert.camera_name),
        ("place", alert.place),
        ("area", namer.area(alert.area)),
        ("agency", namer.agency(alert.agency)),
        ("acknowledged_at", moment(alert.acknowledged_at)),
        ("owner", namer.person(alert.owner)),
        ("verdict_at", moment(alert.steps.verified)),
        ("verdict_by", namer.person(alert.verdict_by)),
        ("closed_at", moment(alert.closed_at)),
        ("closed_by", namer.person(alert.closed_by)),
    )
    return [(words(name), value) for name, value in text if value]


def _kind(alert: Alert, namer: SiteNames) -> str:
    is_true = outcome_of(alert) == "confirmed" and has_confirmed_name(alert.kind)
    return namer.words(f"{'true' if is_true else 'kind'}.{alert.kind}")


def _who(entry: LogEntry, namer: SiteNames) -> str:
    return "Hệ thống" if entry.actor == SYSTEM else namer.person(entry.actor) or ""


def _why(terms: ExportTerms) -> list[tuple[str, str]]:
    """Return whether people are hidden, and if not, why."""
    if terms.is_blurred:
        return [("Hình ảnh", "Bản sao đã làm mờ người và biển số; bản gốc ở kho, mã ở mục IV")]
    return [("Hình ảnh", "Bản gốc, không làm mờ"), ("Mục đích", terms.purpose or "")]


def printed_pictures(evidence: Sequence[EvidenceRecord]) -> list[EvidenceRecord]:
    """Return the event's pictures to print, annotated ones first."""
    found = sorted(
        (item for item in evidence if item.kind in _SHOWN),
        key=lambda item: (_SHOWN.index(item.kind), item.added_at),
    )
    return found[:_MOST_PICTURES]


def _pictures(
    evidence: Sequence[EvidenceRecord],
    state: AppState,
    terms: ExportTerms,
    copies: Mapping[str, ExportCopy],
) -> list[Picture]:
    """Return the printed pictures, their originals checked against the seals."""
    found = []
    for item in printed_pictures(evidence):
        picture = _picture(item, state.services.evidence)
        if terms.is_blurred and picture.jpeg is not None:
            picture = _blurred(picture, item, copies)
        found.append(picture)
    return found


def _blurred(
    original: Picture, record: EvidenceRecord, copies: Mapping[str, ExportCopy]
) -> Picture:
    path = copy_path(copies, record)
    if path is None:
        return Picture(jpeg=None, words=f"{original.words}: không đọc được hình để làm mờ")
    return Picture(jpeg=path.read_bytes(), words=f"{original.words}; bản sao đã làm mờ")


def _picture(record: EvidenceRecord, store: EvidenceStore) -> Picture:
    words = f"{_KINDS[record.kind]}, lưu lúc {moment(record.added_at)} (giờ trung tâm)"
    if record.deleted_at is not None:
        return Picture(jpeg=None, words=f"{words}: đã hết hạn lưu")
    try:
        content = read_whole(store, record.path)
    except EvidenceError:
        return Picture(jpeg=None, words=f"{words}: không còn trong kho")
    if hashlib.sha256(content).hexdigest() != record.sha256:
        return Picture(jpeg=None, words=f"{words}: TỆP ĐÃ BỊ SỬA, không khớp mã niêm phong")
    return Picture(jpeg=content, words=words)


def _seals(evidence: Sequence[EvidenceRecord], log: Sequence[LogEntry]) -> list[tuple[str, str]]:
    rows = [(_KINDS[item.kind], item.sha256) for item in evidence]
    return [*rows, ("Dòng cuối của nhật ký", log[-1].hash)] if log else rows
