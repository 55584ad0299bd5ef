"""Vocabulary of exported tables in both languages."""

from collections.abc import Iterable, Mapping
from functools import cache

from thapcanh.alerts.incidents.calls import MESSAGE_LINE, CallKind
from thapcanh.alerts.store.plain_text import plain
from thapcanh.app.site.alert_kinds import alert_kinds
from thapcanh.app.web_api.language import Language
from thapcanh.config.devices import LINES

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
    "situation.confirmed": ("Có thật", "True"),
    "situation.unjudged": ("Chưa kết luận", "Without verdict"),
    "situation.rejected": ("Không có thật", "Not true"),
    "situation.total": ("Tổng số", "In all"),
    "situation.of_total": ("có thật/tổng số", "true/in all"),
    "situation.day_before": ("Hôm trước", "Day before"),
    "situation.week_before": ("Cùng ngày tuần trước", "Same day last week"),
    "situation.period_before": ("Kỳ trước", "Period before"),
    "situation.year_before": ("Cùng kỳ năm trước", "Same period last year"),
    "situation.unknown": ("chưa có số liệu", "not on record"),
    "situation.part": ("Nội dung", "Subject"),
    "situation.population": ("Tính trên", "Counted of"),
    "situation.incidents": ("Vụ việc", "Incidents"),
    "situation.not_known": ("chưa rõ", "not known"),
    "situation.lacking": ("vụ chưa rõ", "incidents not known"),
    "situation.calls": ("Cuộc gọi", "Calls"),
    "situation.alerts": ("Cảnh báo", "Alerts"),
    "situation.response": ("Thời gian xử lý (giây)", "Response times (s)"),
    "situation.text": ("Nhận xét, đánh giá", "Assessment"),
    "situation.no_text": ("Chưa có nhận xét của chỉ huy.", "No words of the leader yet."),
    "situation.written": ("Người viết", "Written by"),
    "incidents.total": ("Tổng số vụ việc", "Incidents in all"),
    "incidents.still_open": ("Trong đó chưa kết thúc", "Of these still open"),
    "calls.total": ("Tổng số cuộc gọi", "Calls in all"),
    **{f"calls.line_{line}": (f"Gọi đến {line}", f"To {line}") for line in LINES},
    f"calls.line_{MESSAGE_LINE}": ("Từ tin nhắn", "From messages"),
    "alerts.total": ("Tổng số cảnh báo giám sát", "Alerts of the watch in all"),
    "alerts.system": ("Sự cố của hệ thống giám sát", "Troubles of the watch itself"),
    "response.dispatched": ("Đến khi điều lực lượng, trung vị", "To dispatch, median"),
    "response.on_scene": ("Đến khi có mặt, trung vị", "To arrival, median"),
    **{
        f"{part}.{kind.value}": _KINDS[kind.value]
        for part in ("incidents", "calls")
        for kind in CallKind
    },
}


_WORDS: Mapping[str, tuple[str, str]] = {
    "alerts": ("Cảnh báo", "Alerts"),
    "about": ("Thông tin", "About"),
    "number": ("Mã số", "Number"),
    "exercise": ("Diễn tập", "Drill"),
    "is_exercise": ("DIỄN TẬP", "EXERCISE"),
    "kind": ("Loại", "Kind"),
    "priority": ("Mức ưu tiên", "Priority"),
    "state": ("Trạng thái", "State"),
    "outcome": ("Kết luận", "Outcome"),
    "reject_reason": ("Lý do báo giả", "Reason of rejection"),
    "raised_at": (
        "Máy phát hiện lúc (giờ máy phát hiện)",
        "Detected at (detecting machine's clock)",
    ),
    "cleared_at": (
        "Hết dấu hiệu lúc (giờ máy phát hiện)",
        "Cleared at (detecting machine's clock)",
    ),
    "camera_name": ("Camera", "Camera"),
    "camera_id": ("Mã camera", "Camera id"),
    "place": ("Địa điểm", "Place"),
    "area": ("Khu vực", "Area"),
    "agency": ("Đơn vị", "Agency"),
    "confidence": ("Độ tin của máy", "Confidence"),
    "detections": ("Số lần thấy", "Detections"),
    "acknowledged_at": ("Nhận lúc (giờ trung tâm)", "Acknowledged at (centre's clock)"),
    "acknowledged_by": ("Người nhận", "Acknowledged by"),
    "owner": ("Đang do ai xử lý", "Holder"),
    "verdict_at": ("Kết luận lúc (giờ trung tâm)", "Verdict at (centre's clock)"),
    "verdict_by": ("Người kết luận", "Verdict by"),
    "closed_at": ("Đóng lúc (giờ trung tâm)", "Closed at (centre's clock)"),
    "closed_by": ("Người đóng", "Closed by"),
    "notes": ("Ghi chú", "Notes"),
    "made_at": ("Xuất lúc (giờ trung tâm)", "Made at (centre's clock)"),
    "made_by": ("Người xuất", "Made by"),
    "site": ("Đơn vị vận hành", "Site"),
    "rows": ("Số dòng", "Rows"),
    "since": ("Từ", "From"),
    "until": ("Đến trước", "Until before"),
    "figure": ("Chỉ số", "Figure"),
    "value": ("Giá trị", "Value"),
    "summary": ("Tổng hợp", "Summary"),
    "by_kind": ("Theo loại", "By kind"),
    "by_area": ("Theo khu vực", "By area"),
    "by_agency": ("Theo đơn vị", "By agency"),
    "by_camera": ("Theo camera", "By camera"),
    "by_reason": ("Lý do báo giả", "Reasons"),
    "by_time": ("Theo thời gian", "Over time"),
    "sources": ("Nguồn báo nhiều nhất", "Top sources"),
    "total": ("Tổng số", "Total"),
    "confirmed": ("Thật", "True"),
    "rejected": ("Báo giả", "False"),
    "unjudged": ("Chưa kết luận", "No verdict"),
    "false_rate": ("Tỷ lệ báo giả", "False-alert rate"),
    "count": ("Số lượng", "Count"),
    "heard": ("Tổng số lượt phát báo (kể cả báo lại)", "Annunciations, repeats included"),
    "share": ("Tỷ trọng", "Share"),
    "watch_total": ("Cảnh báo giám sát", "Alerts of the watch"),
    "system_total": ("Cảnh báo hệ thống", "Alerts of the system"),
    "unanswered": ("Chưa ai trả lời", "Unanswered"),
    "stale": ("Mở quá 24 giờ", "Open for more than 24 h"),
    "leases_lost": ("Lần quá hạn kết luận", "Leases run out"),
    "ack_within_15": ("Nhận trong 15 giây", "Acknowledged within 15 s"),
    "ack_within_60": ("Nhận trong 60 giây", "Acknowledged within 60 s"),
    "ack_median": ("Thời gian tiếp nhận, trung vị (giây)", "Time to acknowledge, median (s)"),
    "ack_p90": ("Tiếp nhận: 90 % trường hợp dưới (giây)", "Time to acknowledge, 90 % below (s)"),
    "verdict_within_60": ("Kết luận trong 60 giây", "Verdict within 60 s"),
    "verdict_median": ("Thời gian kết luận, trung vị (giây)", "Time to verdict, median (s)"),
    "verdict_p90": ("Kết luận: 90 % trường hợp dưới (giây)", "Time to verdict, 90 % below (s)"),
    "load_mean": ("Số lượt phát báo mỗi 10 phút", "Annunciations per 10 min"),
    "load_per_desk": ("Mỗi bàn trực mỗi 10 phút", "Per desk per 10 min"),
    "load_most": ("10 phút dồn dập nhất", "Most in 10 min"),
    "flood_share": ("Thời gian dồn dập (> 10 trong 10 phút)", "Time in flood (> 10 in 10 min)"),
    "coverage": ("Tỷ lệ thời gian camera nhìn được", "Camera coverage"),
    "recorded_share": ("Thời gian có ghi nhận", "Time that was recorded"),
    "by_blindness": ("Camera mất hình", "Blind cameras"),
    "blind_min": ("Mất hình (phút)", "Blind (min)"),
    "outages": ("Số lần mất hình", "Outages"),
    "shift_account": ("Ca trực", "Shift"),
    "inherited": ("Nhận từ ca trước", "Inherited"),
    "answered": ("Đã nhận xử lý", "Answered"),
    "taken_over": ("Nhận thay, được chuyển", "Taken over"),
    "proposed": ("Đề nghị báo giả", "Proposed as false"),
    "closed": ("Đã đóng", "Closed"),
    "handed_on": ("Chuyển ca sau", "Handed on"),
    "not_recorded": ("chưa ghi nhận", "not recorded yet"),
    "unknown": ("Chưa khai báo", "Not given"),
    "population.all": ("mọi vụ việc", "all incidents"),
    "population.real": ("vụ có thật hoặc chưa kết luận", "true or without verdict"),
    "population.fires": ("các vụ cháy, nổ, chập điện", "fires, explosions, short circuits"),
    "population.others": ("các vụ không phải cháy, nổ", "incidents other than fires"),
    "population.calls": ("cuộc gọi", "calls"),
    "population.messages": ("tin nhắn", "messages"),
    "state.new": ("Chưa trả lời", "New"),
    "state.acknowledged": ("Đã nhận", "Acknowledged"),
    "state.confirmed": ("Đã xác nhận", "Confirmed"),
    "state.rejected": ("Báo giả", "Rejected"),
    "state.closed": ("Đã đóng", "Closed"),
    "outcome.none": ("Chưa kết luận", "No verdict"),
    "outcome.confirmed": ("Thật", "True"),
    "outcome.rejected": ("Báo giả", "False"),
    "reason.steam": ("Hơi nước", "Steam"),
    "reason.dust": ("Bụi", "Dust"),
    "reason.lights": ("Đèn, phản quang", "Lights"),
    "reason.sunset": ("Nắng chiều", "Sunset"),
    "reason.welding": ("Hàn xì", "Welding"),
    "reason.votive_paper": ("Đốt vàng mã", "Votive paper"),
    "reason.street_cooking": ("Bếp vỉa hè", "Street cooking"),
    "reason.fog": ("Sương mù", "Fog"),
    "reason.drill": ("Diễn tập", "Drill"),
    "reason.test": ("Thử thiết bị", "Test of the device"),
    "reason.button": ("Bấm nút nhầm", "Button pressed by mistake"),
    "reason.fault": ("Thiết bị lỗi", "Fault of the device"),
    "reason.other": ("Khác", "Other"),
    **SITUATION_WORDS,
}


class ExportVocabulary:
    """Words of one language; a name without one is returned as it is."""

    def __init__(self, language: Language) -> None:
        self._place = 0 if language is Language.VI else 1

    def __call__(self, name: str) -> str:
        pair = _WORDS.get(name) or _of_kind(name)
        return pair[self._place] if pair else name.rpartition(".")[2]


def kinds_by_word(words: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return, for each word, the alert kinds whose name in either language contains it."""
    names = _plain_names()
    return {word: frozenset(kind for kind, name in names.items() if word in name) for word in words}


@cache
def _plain_names() -> Mapping[str, frozenset[str]]:
    """Return the names of every kind, without diacritics."""
    names = {}
    for kind, alert_kind in alert_kinds().items():
        labels = (alert_kind.name, alert_kind.confirmed_name)
        names[kind] = plain(*(text for item in labels if item for text in (item.vi, item.en)))
    return {kind: frozenset(name.split()) for kind, name in names.items()}


def has_confirmed_name(kind: str) -> bool:
    """Return True if confirmed alerts of the kind have their own name: `true.KIND`."""
    alert_kind = alert_kinds().get(kind)
    return alert_kind is not None and alert_kind.confirmed_name is not None


def _of_kind(name: str) -> tuple[str, str] | None:
    """Return the words of a kind of alert, or None."""
    section, _, kind = name.partition(".")
    alert_kind = alert_kinds().get(kind)
    if alert_kind is None:
        return None
    words = alert_kind.exported_name or alert_kind.name
    if section == "true" and alert_kind.confirmed_name is not None:
        return alert_kind.confirmed_name.vi, f"{words.en}, confirmed"
    return (words.vi, words.en) if section == "kind" else None
