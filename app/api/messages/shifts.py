"""Sentences about shifts and hand-overs."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "not_on_duty": (
        "Đồng chí chưa nhận ca nên không bàn giao được.",
        "You have not taken the shift, so there is nothing to hand over.",
    ),
    "p1_unanswered": (
        "Chưa ký được: còn {count} cảnh báo khẩn cấp chưa ai trả lời.",
        "Cannot be signed: {count} P1 alerts have no answer yet.",
    ),
    "no_such_handover": (
        "Bàn giao này không còn chờ nhận.",
        "This hand-over is no longer waiting.",
    ),
    "no_such_shift": ("Ca này đã kết thúc hoặc không có.", "This shift has ended, or never was."),
    "own_handover": (
        "Không thể tự nhận bàn giao của chính mình.",
        "Nobody can accept their own hand-over.",
    ),
    "for_another": (
        "Bàn giao này dành cho người khác.",
        "This hand-over is for somebody else.",
    ),
    "person_unknown": ("Không có tài khoản trực ban này.", "There is no such duty account."),
}
