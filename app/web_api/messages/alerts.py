"""Sentences about alerts: commands, verdicts, evidence, shelves, holds, drills, exports."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "alert_not_found": ("Không tìm thấy cảnh báo này.", "There is no such alert."),
    "evidence_not_found": ("Không tìm thấy hình ảnh này.", "There is no such evidence."),
    "evidence_changed": (
        "Tệp hình ảnh đã bị thay đổi so với lúc niêm phong nên không được hiển thị.",
        "The file is not as it was sealed, and is not shown.",
    ),
    "evidence_gone": (
        "Tệp hình ảnh không còn trên đĩa (đã hết hạn lưu hoặc bị mất).",
        "The file is no longer on the disk (its time of keeping ended, or it was lost).",
    ),
    "range_not_in_file": (
        "Tệp không có phần được yêu cầu.",
        "The file has no such part.",
    ),
    "evidence_store_silent": (
        "Kho bằng chứng chưa trả lời, hãy thử lại sau. Cảnh báo vẫn đến như thường.",
        "The evidence store does not answer; try again later. Alerts come as always.",
    ),
    "version_required": (
        "Thiếu phiên bản của cảnh báo (If-Match). Hãy tải lại.",
        "The alert's version is missing (If-Match). Reload it.",
    ),
    "key_required": (
        "Thiếu mã chống lặp (Idempotency-Key).",
        "The Idempotency-Key header is missing.",
    ),
    "key_reused": (
        "Mã chống lặp này đã dùng cho một lệnh khác.",
        "This Idempotency-Key was used for another command.",
    ),
    "held": (
        "{by} đang giữ cảnh báo này từ {at}.",
        "{by} has held this alert since {at}.",
    ),
    "verdict_given": (
        "{by} đã kết luận cảnh báo này lúc {at}.",
        "{by} already gave a verdict at {at}.",
    ),
    "closed": (
        "{by} đã đóng cảnh báo này lúc {at}.",
        "{by} closed this alert at {at}.",
    ),
    "awaits_cosign": (
        "Cảnh báo khẩn cấp này đang chờ chỉ huy ca đồng ký báo giả.",
        "The rejection of this P1 waits for a leader's co-sign.",
    ),
    "not_finished": (
        "Cảnh báo này chưa kết thúc nên không cần mở lại.",
        "This alert is not finished, there is nothing to reopen.",
    ),
    "not_acknowledged": (
        "Hãy nhận cảnh báo trước khi kết luận.",
        "Acknowledge the alert before giving a verdict.",
    ),
    "no_verdict": (
        "Hãy xác nhận hoặc báo giả trước khi đóng.",
        "Confirm or reject the alert before closing it.",
    ),
    "reason_missing": ("Báo giả phải có lý do.", "A rejection needs a reason."),
    "reason_unknown": ("Lý do này không có trong danh sách.", "This reason is not on the list."),
    "note_missing": ("Ghi chú còn trống.", "The note is empty."),
    "to_missing": (
        "Hãy chọn người nhận cảnh báo này.",
        "Say who takes this alert over.",
    ),
    "receiver_off_duty": (
        "Người được giao chưa nhận ca. Hãy chọn người đang trực.",
        "That person has not taken the shift. Choose somebody on duty.",
    ),
    "not_mine": (
        "{by} đang giữ cảnh báo này; chỉ người giữ hoặc chỉ huy ca mới giao lại được.",
        "{by} holds this alert; only they or a leader can hand it over.",
    ),
    "version": (
        "Cảnh báo đã thay đổi sau lúc đồng chí xem. Hãy xem lại rồi quyết định.",
        "The alert changed after you saw it. Look again, then decide.",
    ),
    "export_too_large": (
        "Quá nhiều cảnh báo để xuất một lần (tối đa {limit}). Hãy thu hẹp thời gian hoặc bộ lọc.",
        "Too many alerts for one export ({limit} at most). Narrow the time or the filters.",
    ),
    "period_wrong": (
        "Khoảng thời gian không hợp lệ: lúc kết thúc phải sau lúc bắt đầu, tối đa {days} ngày.",
        "Not a valid period: its end must follow its beginning, {days} days at most.",
    ),
    "p1_needs_leader": (
        "Chỉ chỉ huy ca mới được tạm ngưng báo cảnh báo khẩn cấp.",
        "Only a leader shelves P1 alerts.",
    ),
    "confirmed_fire_open": (
        "Camera này đang có cảnh báo khẩn cấp đã xác nhận là thật."
        " Bấm lần nữa nếu vẫn muốn tạm ngưng cả cảnh báo khẩn cấp.",
        "This camera has an urgent alert that was confirmed as real. Press again to shelve urgent"
        " alerts all the same.",
    ),
    "already_shelved": (
        "{by} đã tạm ngưng báo chỗ này lúc {at}, đến {until}.",
        "{by} shelved this at {at}, until {until}.",
    ),
    "shelf_not_found": ("Không có lượt tạm ngưng báo này.", "There is no such shelf."),
    "shelf_over": (
        "Lượt tạm ngưng báo này đã hết lúc {at} ({by}).",
        "This shelf ended at {at} ({by}).",
    ),
    "not_held": (
        "Bằng chứng của cảnh báo này không bị lưu giữ theo yêu cầu.",
        "This alert's evidence is not on hold.",
    ),
    "drill_runs": (
        "Một cuộc diễn tập khác chưa kết thúc.",
        "Another drill has not ended yet.",
    ),
    "unknown_scenario": ("Không có kịch bản diễn tập này.", "There is no such scenario."),
}
