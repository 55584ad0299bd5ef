"""Sentences of refusals about who holds an incident and how it is closed."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "incident_held": (
        "{by} đang giữ vụ việc này. Hãy tiếp quản trước.",
        "{by} holds this incident. Take it over first.",
    ),
    "incident_not_held": (
        "Chỉ người đang giữ vụ việc (hiện là {by}) mới bàn giao hoặc nhả được.",
        "Only who holds the incident (now {by}) gives it to another or back.",
    ),
    "incident_units_out": (
        "Đã điều lực lượng: hãy bàn giao vụ việc cho người khác thay vì nhả.",
        "Units were sent: hand the incident over instead of giving it back.",
    ),
    "incident_open_points": (
        "Vụ việc còn việc chưa xong: ghi lý do rồi kết thúc, hoặc xử lý trước.",
        "Something of the incident is open. Settle it, or say why it ends all the same.",
    ),
    "despite_reason_missing": (
        "Còn việc chưa xong: hãy ghi lý do kết thúc.",
        "Something is open: say why the incident is closed all the same.",
    ),
    "incident_is_open": (
        "Vụ việc chưa kết thúc.",
        "The incident is not closed.",
    ),
    "incident_is_duplicate": (
        "Vụ việc này đã ghép vào vụ việc khác; hãy mở vụ việc kia.",
        "This incident was joined into another one. Open that one.",
    ),
    "incident_closed_by_other": (
        "{by} đã kết thúc vụ việc lúc {at}; chỉ người đó hoặc chỉ huy ca sửa được.",
        "{by} closed the incident at {at}; only they or a leader change that.",
    ),
}
