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
    "no_such_duty": (
        "Lượt trực này không còn trong lịch.",
        "This duty is not in the roster any more.",
    ),
    "duty_length": (
        "Một lượt trực dài từ 1 đến 48 giờ.",
        "A duty lasts from 1 to 48 hours.",
    ),
    "double_booked": (
        "{name} đã có lượt trực trùng giờ: hãy đổi hoặc bỏ lượt đó trước.",
        "{name} has another duty at that time: change or remove it first.",
    ),
    "swap_of_none": (
        "Không đổi được: chọn hai lượt trực còn trong lịch của hai người khác nhau.",
        "Cannot be exchanged: choose two duties of two people that are in the roster.",
    ),
    "person_unknown": ("Không có tài khoản trực ban này.", "There is no such duty account."),
}
