"""Sentences about reports of a period."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "statistic_period": (
        "Chọn một kỳ đã bắt đầu: month=2026-11, quarter=2026-Q4 hoặc year=2026.",
        "Ask for one period that has begun: month=2026-11, quarter=2026-Q4 or year=2026.",
    ),
    "statistics_form_wrong": (
        "Mẫu thống kê của đơn vị có lỗi, chưa xuất được: {problems}",
        "The site's form of the statistics is wrong, nothing is exported: {problems}",
    ),
    "statistic_not_found": ("Không có chỉ số này.", "There is no such figure."),
    "outcome_changed": (
        "{by} vừa ghi kết quả của vụ việc này. Hãy xem lại rồi ghi.",
        "{by} has written the outcome of this incident meanwhile. Look again, then write.",
    ),
    "situation_ahead": (
        "Ngày này chưa tới: chọn hôm nay hoặc một ngày đã qua.",
        "This day has not come yet: choose today or an earlier day.",
    ),
    "situation_too_early": (
        "Không có số liệu trước năm {year}: chọn một ngày sau đó.",
        "There are no figures from before {year}: choose a later day.",
    ),
    "situation_text_changed": (
        "{name} vừa viết bản khác: hãy đọc bản đó rồi viết lại. Nội dung đang gõ chưa được lưu.",
        "{name} wrote another version just now: read it and write again. Yours is not saved.",
    ),
}
