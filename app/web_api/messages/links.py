"""Sentences of refusals about links between sites."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "link_no_key": (
        "Trung tâm này chưa có khóa ký nhật ký: hãy khai báo [archive] log_key.",
        "This site has no key that signs its log: name one by [archive] log_key.",
    ),
    "link_code_unknown": (
        "Không có mã mời này. Hãy xin mã mới.",
        "There is no such invitation. Ask for a new code.",
    ),
    "link_code_used": (
        "Mã mời đã dùng rồi. Hãy xin mã mới.",
        "The code was used already. Ask for a new one.",
    ),
    "link_code_expired": (
        "Mã mời đã hết hạn (10 phút). Hãy xin mã mới.",
        "The code has expired (ten minutes). Ask for a new one.",
    ),
    "link_code_wrong": ("Mã mời không đúng.", "The code is wrong."),
    "link_circle": (
        "Không liên kết được: hai trung tâm sẽ thành vòng tròn.",
        "These sites would form a circle.",
    ),
    "link_too_deep": (
        "Không liên kết được: tối đa ba cấp.",
        "A city has three levels of sites at most.",
    ),
    "link_has_upper": (
        "Trung tâm này đã có cấp trên. Hãy kết thúc liên kết cũ trước.",
        "This site has an upper site. End that link first.",
    ),
    "link_name_taken": (
        "Đã có liên kết với trung tâm {why}.",
        "There is a link to {why} already.",
    ),
    "link_unknown": ("Không có liên kết này.", "There is no such link."),
    "link_ended": ("Liên kết đã kết thúc.", "The link has ended."),
    "link_not_yours": (
        "Chỉ trung tâm cấp dưới quyết định chia sẻ những gì.",
        "Only the lower site decides what it shares.",
    ),
    "link_signature": (
        "Chữ ký không phải của trung tâm đã liên kết.",
        "The signature is not that of the linked site.",
    ),
    "link_session": (
        "Yêu cầu đã gửi trước đó, hoặc chưa mở phiên.",
        "The request came before, or names no session.",
    ),
    "link_unreadable": ("Không đọc được nội dung gửi tới.", "What was sent cannot be read."),
    "link_flood": ("Trung tâm kia gửi quá nhiều.", "The other site sends too much."),
    "link_not_shared": (
        "Trung tâm cấp dưới không chia sẻ nội dung này.",
        "The lower site does not share this.",
    ),
    "link_not_a_picture": (
        "Nội dung gửi tới không phải ảnh JPEG nhỏ.",
        "What was sent is no small JPEG.",
    ),
    "link_incident_not_linked": (
        "Vụ việc này không đi qua liên kết đó.",
        "This incident does not go over that link.",
    ),
    "link_decides_already": (
        "Trung tâm cấp trên đã chỉ huy vụ việc này.",
        "The upper site decides this incident already.",
    ),
    "link_unreached": (
        "Không liên lạc được với trung tâm kia ({why}). Hãy gọi điện.",
        "The other site is not reached ({why}). Call it by telephone.",
    ),
    "link_address": (
        "Hãy ghi địa chỉ trung tâm cấp trên: https://…",
        "Give the upper site's address: https://…",
    ),
    "link_picture_not_found": ("Không có ảnh này.", "There is no such picture."),
}
