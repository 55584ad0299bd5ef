"""The words of exported statistics, in both languages, by part and name."""

from collections.abc import Mapping

from thapcanh.alerts.statistics.statistic_rows import StatisticPart, StatisticRow
from thapcanh.app.reports.export_words import SITUATION_WORDS
from thapcanh.app.web_api.language import Language

PARTS: Mapping[StatisticPart, tuple[str, str]] = {
    StatisticPart.INCIDENTS: ("Vụ việc", "Incidents"),
    StatisticPart.OUTCOME: (
        "Thiệt hại và lực lượng: các vụ cháy, nổ",
        "Losses and means: fires, explosions",
    ),
    StatisticPart.OTHER_OUTCOME: (
        "Thiệt hại và lực lượng: các vụ việc khác",
        "Losses and means: other incidents",
    ),
    StatisticPart.CAUSE: ("Nguyên nhân các vụ cháy, nổ", "Causes of fires"),
    StatisticPart.PREMISES: ("Nơi xảy ra các vụ cháy, nổ", "Premises of fires"),
    StatisticPart.RESPONSE: ("Thời gian xử lý (giây, trung vị)", "Response times (s, median)"),
    StatisticPart.CALLS: ("Cuộc gọi và tin nhắn", "Calls and messages"),
}
_NOT_STATED = ("Chưa ghi", "Not written down")
_NAMES: Mapping[str, tuple[str, str]] = {
    "incidents.total": ("Tổng số vụ việc", "Incidents in all"),
    "incidents.real": ("Có thật hoặc chưa kết luận", "True or without verdict"),
    "incidents.fires": ("Tổng số vụ cháy, nổ", "Fires and explosions in all"),
    "incidents.false_alarm": ("Báo nhầm", "False alarms"),
    "incidents.hoax": ("Báo giả", "Hoaxes"),
    "incidents.nothing_found": ("Không phát hiện vụ việc", "Nothing found"),
    "outcome.dead": ("Số người chết", "Dead"),
    "outcome.injured": ("Số người bị thương", "Injured"),
    "outcome.rescued": ("Số người được cứu", "Rescued"),
    "outcome.damage_vnd": ("Thiệt hại tài sản (đồng)", "Damage (VND)"),
    "outcome.area_m2": ("Diện tích cháy (m²)", "Area burned (m²)"),
    "outcome.vehicles": ("Lượt phương tiện", "Vehicles sent"),
    "outcome.water_m3": ("Nước đã dùng (m³)", "Water used (m³)"),
    "outcome.missing": ("Vụ đã kết thúc chưa ghi kết quả", "Closed without an outcome"),
    "cause.electrical": ("Sự cố điện", "Electrical"),
    "cause.open_fire": ("Sơ suất dùng lửa, nhiệt", "Carelessness with fire, heat"),
    "cause.hot_work": ("Hàn, cắt", "Welding, cutting"),
    "cause.technical": ("Sự cố kỹ thuật, công nghệ", "Technical fault"),
    "cause.gas": ("Khí đốt", "Gas"),
    "cause.vehicle": ("Tai nạn, sự cố phương tiện", "Vehicle"),
    "cause.arson": ("Đốt", "Arson"),
    "cause.nature": ("Thiên tai, sét", "Nature, lightning"),
    "cause.self_ignition": ("Tự cháy", "Self-ignition"),
    "cause.other": ("Nguyên nhân khác", "Other"),
    "cause.unknown": ("Chưa rõ nguyên nhân", "Unknown"),
    "cause.not_said": _NOT_STATED,
    "premises.house": ("Nhà ở", "House"),
    "premises.shop_house": ("Nhà ở kết hợp kinh doanh, sản xuất", "House with trade"),
    "premises.flats": ("Chung cư", "Block of flats"),
    "premises.rooms": ("Nhà trọ", "Rented rooms"),
    "premises.market": ("Chợ, trung tâm thương mại", "Market, mall"),
    "premises.warehouse": ("Kho", "Warehouse"),
    "premises.factory": ("Cơ sở sản xuất", "Factory"),
    "premises.office": ("Trụ sở, văn phòng", "Office"),
    "premises.school": ("Trường học", "School"),
    "premises.hospital": ("Cơ sở y tế", "Hospital"),
    "premises.hotel": ("Khách sạn, nhà nghỉ", "Hotel"),
    "premises.entertainment": ("Cơ sở vui chơi, karaoke", "Entertainment"),
    "premises.vehicle": ("Phương tiện giao thông", "Vehicle"),
    "premises.power_line": ("Cột, trạm, đường dây điện", "Power line, pole"),
    "premises.open_land": ("Rừng, bãi cỏ, bãi rác", "Forest, grass, waste"),
    "premises.street": ("Đường phố", "Street"),
    "premises.other": ("Nơi khác", "Other"),
    "premises.not_said": _NOT_STATED,
    "response.dispatched": ("Đến khi điều lực lượng", "To dispatch"),
    "response.en_route": ("Đến khi xuất phát", "To departure"),
    "response.on_scene": ("Đến khi có mặt", "To arrival"),
    "response.controlled": ("Đến khi khống chế", "To control"),
    "response.closed": ("Đến khi kết thúc", "To closing"),
    "calls.hoaxes": ("Cuộc gọi giả, quấy rối", "Hoax calls"),
    "calls.duplicates": ("Cuộc gọi trùng một vụ việc", "Calls of an incident told before"),
    "calls.hoax_messages": ("Tin nhắn giả", "Hoax messages"),
}


def row_words(row: StatisticRow, language: Language) -> str:
    """Return a figure's title."""
    key = f"{row.part.value}.{row.name}".replace("other_outcome.", "outcome.")
    pair = _NAMES.get(key) or SITUATION_WORDS[key]
    return pair[0] if language is Language.VI else pair[1]


def part_words(part: StatisticPart, language: Language) -> str:
    """Return a part's title."""
    return PARTS[part][0 if language is Language.VI else 1]
