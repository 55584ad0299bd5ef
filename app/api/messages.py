"""Every sentence that the API says to a person, in both languages, by the error's machine name.

Braces are filled with facts that may be shown: names of fields, people, times; never a secret.
"""

from collections.abc import Mapping

from app.api.language import Language

TEXTS: Mapping[str, tuple[str, str]] = {
    "not_logged_in": (
        "Chưa đăng nhập hoặc phiên làm việc đã hết hạn. Hãy đăng nhập lại.",
        "Not logged in, or the session has ended. Log in again.",
    ),
    "wrong_login": (
        "Tên đăng nhập hoặc mật khẩu không đúng.",
        "The user name or the password is wrong.",
    ),
    "locked_out": (
        "Đăng nhập sai quá nhiều lần. Hãy thử lại sau {minutes} phút.",
        "Too many failed logins. Try again in {minutes} min.",
    ),
    "second_factor_needed": (
        "Cần xác thực bước hai: nhập mã trong ứng dụng hoặc dùng khóa bảo mật.",
        "A second step is needed: the code of your app, or your security key.",
    ),
    "wrong_second_factor": (
        "Mã hoặc khóa bảo mật không đúng, hoặc mã đã được dùng.",
        "The code or the security key is wrong, or the code was used.",
    ),
    "login_again": (
        "Đã quá thời gian cho phép. Hãy đăng nhập lại rồi làm tiếp.",
        "This took too long. Log in again, then go on.",
    ),
    "too_many_factors": (
        "Tài khoản đã có đủ số cách xác thực. Hãy xóa bớt trước.",
        "The account has as many second factors as it may. Remove one first.",
    ),
    "csrf": (
        "Yêu cầu bị từ chối vì thiếu hoặc sai mã bảo vệ. Hãy tải lại trang.",
        "Refused: the protection code (X-CSRF-Token) is missing or wrong. Reload the page.",
    ),
    "wrong_origin": (
        "Yêu cầu đến từ một trang khác nên bị từ chối.",
        "Refused: the request comes from another site.",
    ),
    "wrong_host": (
        "Máy chủ không nhận yêu cầu gửi tới tên miền này.",
        "This server does not answer under that host name.",
    ),
    "not_allowed": (
        "Vai trò của bạn không được làm việc này.",
        "Your role may not do this.",
    ),
    "not_for_token": (
        "Mã truy cập của chương trình này không được cấp quyền làm việc này.",
        "This program's token was not made for this.",
    ),
    "not_found": ("Không tìm thấy.", "Not found."),
    "method_not_allowed": (
        "Địa chỉ này không nhận kiểu yêu cầu {method}.",
        "This address does not take {method}.",
    ),
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
    "evidence_store_silent": (
        "Kho bằng chứng chưa trả lời, hãy thử lại sau. Cảnh báo vẫn đến như thường.",
        "The evidence store does not answer; try again later. Alerts come as always.",
    ),
    "camera_not_found": ("Không tìm thấy camera này.", "There is no such camera."),
    "not_sdp": (
        "Nội dung gửi lên phải có kiểu application/sdp.",
        "The body must be of the type application/sdp.",
    ),
    "bad_offer": (
        "Không trả lời được đề nghị kết nối này (cần nhận video H.264).",
        "This offer cannot be answered (it must receive H.264 video).",
    ),
    "link_over": (
        "Đường dẫn này không có hoặc đã hết hạn.",
        "There is no such link, or its time has ended.",
    ),
    "link_used": (
        "Đường dẫn này đã được một điện thoại khác sử dụng.",
        "Another phone has used this link.",
    ),
    "too_many_viewers": (
        "Đang có quá nhiều người xem trực tiếp. Hãy thử lại sau giây lát.",
        "Too many are watching live. Try again in a moment.",
    ),
    "no_media_address": (
        "Máy chủ không có địa chỉ mạng để truyền hình trực tiếp; xem bằng ảnh liên tiếp.",
        "The server has no network address for live video; use pictures in a row.",
    ),
    "no_picture": (
        "Camera chưa cho hình ({reason}).",
        "The camera gives no picture ({reason}).",
    ),
    "invalid_input": ("Trường “{field}”: {problem}.", "Field “{field}”: {problem}."),
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
    "unreadable": (
        "Không đọc được nội dung gửi lên.",
        "What was sent cannot be read.",
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
        "Cảnh báo đã thay đổi sau lúc bạn xem. Hãy xem lại rồi quyết định.",
        "The alert changed after you saw it. Look again, then decide.",
    ),
    "too_slow": (
        "Nội dung gửi lên quá chậm. Hãy thử lại.",
        "The body came too slowly. Try again.",
    ),
    "too_large": (
        "Nội dung gửi lên quá lớn (tối đa {limit} byte).",
        "The body is too large ({limit} bytes at most).",
    ),
    "busy": (
        "Hệ thống đang quá tải. Hãy thử lại sau giây lát.",
        "The system is overloaded. Try again in a moment.",
    ),
    "archive_unavailable": (
        "Kho dữ liệu tạm thời không phục vụ. Hãy thử lại sau giây lát.",
        "The archive does not answer for the moment. Try again.",
    ),
    "queue_unavailable": (
        "Hàng đợi tạm thời không phục vụ. Hãy thử lại sau giây lát.",
        "The queue does not answer for the moment. Try again.",
    ),
    "internal": (
        "Hệ thống gặp lỗi khi xử lý yêu cầu. Lỗi đã được ghi lại.",
        "The system failed on this request. The fault was logged.",
    ),
    "wall_link_used": (
        "Đường dẫn màn hình lớn đã dùng hoặc hết hạn. Hãy tạo đường dẫn mới.",
        "This wall's link was used or is too old. Make a new one.",
    ),
    "probe_not_rtsp": (
        "Chỉ thử được địa chỉ rtsp:// hoặc rtsps://.",
        "Only rtsp:// and rtsps:// addresses are tried.",
    ),
    "probe_unknown_host": (
        "Không tìm thấy máy có tên này trong mạng.",
        "No machine of this name is found in the network.",
    ),
    "probe_network": (
        "Địa chỉ này không thuộc mạng camera của hệ thống. Quản trị có thể mở mạng trong "
        "[centre] probe_networks.",
        "This address is in no network of the site's cameras. An administrator may allow it in "
        "[centre] probe_networks.",
    ),
    "probe_too_often": (
        "Thử quá nhiều lần. Hãy chờ một phút.",
        "Too many tries. Wait a minute.",
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
    "already_shelved": (
        "{by} đã tạm ngưng báo chỗ này lúc {at}, đến {until}.",
        "{by} shelved this at {at}, until {until}.",
    ),
    "shelf_not_found": ("Không có lượt tạm ngưng báo này.", "There is no such shelf."),
    "shelf_over": (
        "Lượt tạm ngưng báo này đã hết lúc {at} ({by}).",
        "This shelf ended at {at} ({by}).",
    ),
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
    "not_held": (
        "Bằng chứng của cảnh báo này không bị lưu giữ theo yêu cầu.",
        "This alert's evidence is not on hold.",
    ),
    "drill_runs": (
        "Một cuộc diễn tập khác chưa kết thúc.",
        "Another drill has not ended yet.",
    ),
    "unknown_scenario": ("Không có kịch bản diễn tập này.", "There is no such scenario."),
    "unknown_camera": ("Không tìm thấy camera này.", "There is no such camera."),
    "front_end_missing": (
        "Giao diện chưa được cài trong bản này.",
        "The screens are not built into this installation.",
    ),
}

# What can be wrong with a field, by pydantic's type of error. Others read "not valid".
PROBLEMS: Mapping[str, tuple[str, str]] = {
    "missing": ("bắt buộc phải có", "is required"),
    "extra_forbidden": ("không được có ở đây", "is not known here"),
    "json_invalid": ("không phải JSON hợp lệ", "is not valid JSON"),
    "string_type": ("phải là chuỗi ký tự", "must be a text"),
    "string_too_short": ("quá ngắn", "is too short"),
    "string_too_long": ("quá dài", "is too long"),
    "string_pattern_mismatch": ("sai định dạng", "has the wrong form"),
    "int_parsing": ("phải là số nguyên", "must be a whole number"),
    "int_type": ("phải là số nguyên", "must be a whole number"),
    "float_parsing": ("phải là số", "must be a number"),
    "greater_than_equal": ("quá nhỏ", "is too small"),
    "less_than_equal": ("quá lớn", "is too large"),
    "enum": ("không nằm trong các giá trị cho phép", "is not one of the allowed values"),
    "literal_error": ("không nằm trong các giá trị cho phép", "is not one of the allowed values"),
    "model_attributes_type": ("phải là một đối tượng JSON", "must be a JSON object"),
    "dict_type": ("phải là một đối tượng JSON", "must be a JSON object"),
}
_OTHER_PROBLEM = ("giá trị không hợp lệ", "is not valid")


def sentence(error: str, language: Language, facts: Mapping[str, object]) -> str:
    """Return the sentence of an error with its facts filled in."""
    return _in(TEXTS[error], language).format_map(facts)


def problem(kind: str, language: Language) -> str:
    """Return what is wrong with a field, in words."""
    return _in(PROBLEMS.get(kind, _OTHER_PROBLEM), language)


def _in(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language is Language.VI else pair[1]
