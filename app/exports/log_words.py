"""Vietnamese words of an alert's log entries, as papers and the screens say them."""

from alerts.alert.records import LogEntry
from app.reports.export_words import ExportVocabulary
from app.web_api.language import Language

_ACTIONS = {
    "opened": "Máy phát hiện",
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
    "record_exported": "In hồ sơ cảnh báo",
    "note": "Ghi chú",
    "claim": "Nhận thay",
    "hand_over": "Chuyển người xử lý",
    "receipt": "Đơn vị xác nhận đã nhận tin",
    "shelved": "Tạm ngưng báo",
    "unshelved": "Bỏ tạm ngưng",
}
_VI = ExportVocabulary(Language.VI)


def said_of(entry: LogEntry) -> str:
    """What an entry says was done, with the reason that an officer gave and the note."""
    action = entry.action
    if action == "reject" and entry.details.get("why") == "awaits_cosign":
        action = "propose"
    name = f"reason.{entry.reason}"
    why = _VI(name) if entry.reason and entry.action == "reject" else ""
    done = _ACTIONS.get(action, "Thay đổi khác")
    return " · ".join(part for part in (done, why, entry.note or "") if part)
