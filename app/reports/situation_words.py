"""The words of the situation report as files say them, in both languages, by the lines' names."""

from collections.abc import Mapping

from alerts.incidents.calls import CallKind
from alerts.reports.situation import LINES

_KINDS: Mapping[str, tuple[str, str]] = {
    "fire": ("Cháy", "Fire"),
    "explosion": ("Nổ", "Explosion"),
    "short_circuit": ("Chập điện cột, cáp", "Short circuit at a pole or cable"),
    "rescue": ("Cứu nạn, cứu hộ", "Rescue"),
    "traffic": ("Tai nạn giao thông", "Traffic accident"),
    "crime": ("Phạm pháp", "Crime"),
    "public_order": ("Trật tự công cộng", "Public order"),
    "medical": ("Cấp cứu", "Medical"),
    "other": ("Việc khác", "Other"),
    "enquiry": ("Hỏi tin, hướng dẫn", "Enquiry"),
    "hang_up": ("Gọi rồi tắt máy", "Hang-up"),
    "silent": ("Im lặng", "Silent"),
    "hoax": ("Gọi giả, quấy rối", "Hoax"),
}

SITUATION_WORDS: Mapping[str, tuple[str, str]] = {
    "situation": ("Tình hình", "Situation"),
    "situation.figures": ("Số liệu", "Figures"),
    "situation.now": ("Kỳ này", "This period"),
    "situation.day_before": ("Hôm trước", "Day before"),
    "situation.week_before": ("Cùng ngày tuần trước", "Same day last week"),
    "situation.period_before": ("Kỳ trước", "Period before"),
    "situation.year_before": ("Cùng kỳ năm trước", "Same period last year"),
    "situation.unknown": ("chưa có số liệu", "not on record"),
    "situation.part": ("Nội dung", "Subject"),
    "situation.incidents": ("Vụ việc", "Incidents"),
    "situation.calls": ("Cuộc gọi", "Calls"),
    "situation.alerts": ("Cảnh báo", "Alerts"),
    "situation.response": ("Thời gian xử lý (giây)", "Response times (s)"),
    "situation.text": ("Nhận xét, đánh giá", "Assessment"),
    "situation.no_text": ("Chưa có nhận xét của chỉ huy.", "No words of the leader yet."),
    "situation.written": ("Người viết", "Written by"),
    "incidents.total": ("Tổng số vụ việc", "Incidents in all"),
    "incidents.not_real": (
        "Trong đó báo nhầm, báo giả, không phát hiện",
        "Of these false, hoax or nothing found",
    ),
    "incidents.still_open": ("Trong đó chưa kết thúc", "Of these still open"),
    "calls.total": ("Tổng số cuộc gọi", "Calls in all"),
    **{f"calls.line_{line}": (f"Gọi đến {line}", f"To {line}") for line in LINES},
    "alerts.total": ("Tổng số cảnh báo giám sát", "Alerts of the watch in all"),
    "alerts.confirmed": ("Trong đó có thật", "Of these true"),
    "alerts.rejected": ("Trong đó báo giả", "Of these false"),
    "alerts.unjudged": ("Trong đó chưa kết luận", "Of these without verdict"),
    "alerts.system": ("Sự cố của hệ thống giám sát", "Troubles of the watch itself"),
    "response.dispatched": ("Đến khi điều lực lượng, trung vị", "To dispatch, median"),
    "response.on_scene": ("Đến khi có mặt, trung vị", "To arrival, median"),
    **{
        f"{part}.{kind.value}": _KINDS[kind.value]
        for part in ("incidents", "calls")
        for kind in CallKind
    },
}
