"""Words and codes of CAP for kinds, priorities and states, in Vietnamese and English."""

from collections.abc import Mapping

CATEGORY: Mapping[str, str] = {
    "fire": "Fire",
    "smoke": "Fire",
    "explosion": "Fire",
    "short_circuit": "Infra",
    "rescue": "Rescue",
    "traffic": "Transport",
    "public_order": "Security",
    "crime": "Security",
    "medical": "Health",
    "other": "Safety",
}
EVENT: Mapping[str, tuple[str, str]] = {
    "fire": ("Cháy", "Fire"),
    "smoke": ("Khói", "Smoke"),
    "explosion": ("Nổ", "Explosion"),
    "short_circuit": ("Chập điện", "Short circuit"),
    "rescue": ("Cứu nạn, cứu hộ", "Rescue"),
    "traffic": ("Giao thông", "Traffic"),
    "public_order": ("An ninh trật tự", "Public order"),
    "crime": ("Hình sự", "Crime"),
    "medical": ("Cấp cứu y tế", "Medical emergency"),
    "other": ("Vụ việc khác", "Other incident"),
    "test": ("Tin thử", "Test message"),
}
STATE: Mapping[str, tuple[str, str]] = {
    "new": ("Chưa ai nhận", "Nobody has it yet"),
    "acknowledged": ("Cán bộ trực đang xem", "An officer looks at it"),
    "confirmed": ("Đã xác nhận là thật", "Confirmed as real"),
    "rejected": ("Báo nhầm", "A false alarm"),
    "open": ("Đã nhận tin", "Received"),
    "assessed": ("Đã tiếp nhận, đánh giá", "Accepted and assessed"),
    "dispatched": ("Đã điều lực lượng", "Units were sent"),
    "en_route": ("Lực lượng đang đến", "Units are on their way"),
    "on_scene": ("Lực lượng đã đến nơi", "Units are there"),
    "controlled": ("Đã khống chế", "Under control"),
    "closed": ("Đã kết thúc", "Ended"),
}
URGENCY: Mapping[int, str] = {1: "Immediate", 2: "Expected", 3: "Future"}
SEVERITY: Mapping[int, str] = {1: "Severe", 2: "Moderate", 3: "Minor"}
LANGUAGES = ("vi-VN", "en-US")
ENDED = frozenset({"closed", "rejected"})
UNSURE = frozenset({"new", "acknowledged"})
NO_PLACE = "Chưa rõ địa điểm"
KIND_OF_CATEGORY: Mapping[str, str] = {
    "Fire": "fire",
    "Rescue": "rescue",
    "Transport": "traffic",
    "Security": "public_order",
    "Health": "medical",
}
