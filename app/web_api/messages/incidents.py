"""The sentences of refusals about incidents, calls and units, by the error's machine name."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "unit_position_zero": (
        "Tọa độ 0, 0: thiết bị của đơn vị chưa định vị được.",
        "0, 0: the unit's device has no fix.",
    ),
    "unit_position_abroad": (
        "Tọa độ {cell} nằm ngoài Việt Nam; vị trí cũ được giữ.",
        "{cell} is not in Vietnam; the position before stays.",
    ),
    "unit_position_jump": (
        "Cách vị trí trước {km} km mà chỉ sau {seconds} giây; vị trí cũ được giữ đến khi báo lại.",
        "{km} km from the position before within {seconds} s; that one stays until it is repeated.",
    ),
    "unit_position_future": (
        "Giờ của thiết bị đi trước giờ trung tâm; hãy chỉnh giờ.",
        "The device's clock is ahead of the centre's.",
    ),
    "unit_position_old": (
        "Vị trí đã cũ hơn một ngày.",
        "The position is over a day old.",
    ),
    "positions_full": (
        "Chưa ghi được vị trí, hãy gửi lại sau ít giây.",
        "The position cannot be taken now: send it again in some seconds.",
    ),
    "crew_report_one": (
        "Mỗi lần gửi một việc: trạng thái, ghi chú hoặc đề nghị tăng viện.",
        "One at a time: a state, a note or a request for more.",
    ),
    "crew_quota": (
        "Tổ đã gửi đủ số ảnh, phim hoặc ghi chú cho vụ việc này.",
        "The crew has sent as much as an incident takes.",
    ),
    "crew_request_gone": (
        "Đề nghị này đã có người nhận, hoặc không còn.",
        "Somebody has taken this request, or it is gone.",
    ),
    "incident_not_found": ("Không tìm thấy vụ việc này.", "There is no such incident."),
    "member_not_found": (
        "Không tìm thấy cảnh báo, cuộc gọi hoặc ghi chú này trong vụ việc.",
        "There is no such alert, call, signal or note to join or separate.",
    ),
    "unit_not_found": (
        "Không tìm thấy lực lượng này, hoặc lực lượng này không được điều đến vụ việc.",
        "There is no such unit, or it was not sent to this incident.",
    ),
    "incident_version_required": (
        "Thiếu phiên bản của vụ việc (If-Match). Hãy tải lại.",
        "The incident's version is missing (If-Match). Reload it.",
    ),
    "incident_version": (
        "Vụ việc đã thay đổi sau lúc đồng chí xem. Hãy xem lại rồi quyết định.",
        "The incident changed after you saw it. Look again, then decide.",
    ),
    "incident_closed": (
        "{by} đã kết thúc vụ việc này lúc {at}.",
        "{by} closed this incident at {at}.",
    ),
    "is_member": (
        "Đã có trong vụ việc này rồi.",
        "It is in this incident already.",
    ),
    "only_member": (
        "Đây là nguồn tin duy nhất của vụ việc nên không tách được.",
        "It is all that this incident is joined from; there is nothing to separate it from.",
    ),
    "join_other_way": (
        "Vụ việc kia đã điều lực lượng. Hãy mở vụ việc đó rồi ghép vụ việc này vào.",
        "Units were sent to the other incident. Open that one and join this one to it.",
    ),
    "unit_busy": (
        "Lực lượng này đang làm nhiệm vụ ở một vụ việc khác.",
        "This unit is at work on another incident.",
    ),
    "unit_sent": (
        "Lực lượng này đã được điều đến vụ việc này rồi.",
        "This unit was sent to this incident already.",
    ),
    "step_unknown": (
        "Bước này không có: chọn đang đến, đã đến nơi hoặc đã khống chế.",
        "There is no such step: en_route, on_scene or controlled.",
    ),
    "step_ticked": (
        "{by} đã đánh dấu bước này lúc {at}.",
        "{by} ticked this step at {at}.",
    ),
    "procedure_unknown": (
        "Phương án của vụ việc này không có bước đó. Hãy tải lại trang.",
        "The run card of this incident has no such step. Load the page again.",
    ),
    "step_reached": (
        "Vụ việc đã qua bước này.",
        "The incident has passed this step already.",
    ),
    "not_dispatched": (
        "Chưa điều lực lượng nào đến vụ việc này.",
        "Nobody was sent to this incident yet.",
    ),
    "not_controlled": (
        "Đã điều lực lượng: bấm V, ghi “Đã khống chế” trước, hoặc chọn kết quả khác.",
        "Units are out there: press V and note “controlled” first, or choose another outcome.",
    ),
    "nobody_told": (
        "Hãy chọn ít nhất một lực lượng hoặc đơn vị được báo.",
        "Choose at least one unit or service that was told.",
    ),
    "disposition_missing": (
        "Hãy chọn kết quả xử lý.",
        "Say how the incident ended.",
    ),
    "disposition_unknown": (
        "Kết quả xử lý này không có trong danh sách.",
        "This disposition is not on the list.",
    ),
    "report_missing": (
        "Đã điều lực lượng nên phải ghi báo cáo kết quả trước khi kết thúc.",
        "Units were sent, so a report is needed before the incident is closed.",
    ),
    "incident_note_missing": ("Ghi chú còn trống.", "The note is empty."),
    "caller_wrong": (
        "Số máy gọi đến chỉ gồm chữ số, dấu cách, +, ( ), dấu chấm và gạch nối.",
        "The caller's number has digits, spaces, +, ( ), dots and hyphens only.",
    ),
    "message_not_found": (
        "Không tìm thấy tin nhắn này.",
        "There is no such message.",
    ),
    "message_answered": (
        "{by} đã xử lý tin nhắn này.",
        "{by} has answered this message.",
    ),
    "message_incident_closed": (
        "{by} đã kết thúc vụ việc đó; hãy ghi tin nhắn thành cuộc gọi mới.",
        "{by} closed that incident; make a new call of the message.",
    ),
    "message_kind_or_incident": (
        "Chọn loại việc, hoặc chọn vụ việc để ghép vào.",
        "Give the kind of call, or the incident that it joins.",
    ),
    "sender_mark_not_found": (
        "Không tìm thấy dấu báo giả này, hoặc đã hết hạn.",
        "There is no such mark in force.",
    ),
    "message_quota": (
        "Tin nhắn này đã nhận đủ số tệp cho phép.",
        "As much has come with this message as may.",
    ),
    "too_many_messages": (
        "Quá nhiều tin nhắn đang chờ. Hãy gửi lại sau.",
        "Too many messages wait. Send it again later.",
    ),
    "incoming_call_not_found": (
        "Không tìm thấy cuộc gọi đến này.",
        "There is no such incoming call.",
    ),
    "incoming_call_held": (
        "{by} đã nhận cuộc gọi này.",
        "{by} has this call.",
    ),
    "incoming_call_written": (
        "Cuộc gọi này đã được ghi rồi.",
        "This call was written down already.",
    ),
    "too_many_ringing": (
        "Tổng đài báo quá nhiều cuộc đang đổ chuông. Hãy gửi lại sau.",
        "The exchange tells of too many calls that ring. Send it again later.",
    ),
    "opens_no_incident": (
        "Cảnh báo diễn tập và cảnh báo về hệ thống không mở vụ việc.",
        "Alerts of drills and of the system's own troubles open no incident.",
    ),
    "in_other_incident": (
        "Cảnh báo này đã nằm trong một vụ việc của đơn vị khác.",
        "This alert is in an incident of another agency already.",
    ),
    "caller_file_unreadable": (
        "Tệp này không phải ảnh hoặc phim đọc được.",
        "This file is no photo and no film that can be read.",
    ),
    "caller_file_not_found": ("Không tìm thấy tệp này.", "There is no such file."),
    "caller_position_wrong": (
        "Vị trí này không thể đúng. Hãy bật định vị rồi thử lại.",
        "This position cannot be right. Turn positioning on and try again.",
    ),
    "media_seconds": (
        "Các tệp vừa gửi mất quá nhiều công xử lý. Hãy thử lại sau mười phút.",
        "The files sent before took too much work. Try again in ten minutes.",
    ),
    "caller_quota": (
        "Đường dẫn này đã nhận đủ số tệp cho phép.",
        "As much has come by this link as may.",
    ),
    "call_without_number": (
        "Cuộc gọi này không có số điện thoại nhắn tin được.",
        "This call has no number that can be texted.",
    ),
    "no_target_for_callers": (
        "Chưa khai báo nơi nhận nhắn tin cho người gọi của đơn vị, khu vực này (caller_links).",
        "No target texts callers of this agency and area (caller_links).",
    ),
    "caller_link_leads_here": (
        "Điện thoại người gọi không mở được địa chỉ trung tâm: hãy khai báo [centre] public_url.",
        "The centre has no address that a caller's phone can open: set [centre] public_url.",
    ),
    "call_not_found": ("Không tìm thấy cuộc gọi này.", "There is no such call."),
    "redact_reason_missing": (
        "Hãy ghi lý do xóa dữ liệu người gọi.",
        "Say why the caller's data are removed.",
    ),
    "no_such_unit": ("Không tìm thấy lực lượng này.", "There is no such unit."),
    "unit_of_others": (
        "Lực lượng {unit} thuộc đơn vị hoặc địa bàn khác nên không sửa được.",
        "The unit {unit} belongs to another agency or area.",
    ),
    "units_wrong": (
        "Danh sách lực lượng có lỗi, chưa nhập dòng nào: {problems}",
        "The list of units is wrong, nothing was imported: {problems}",
    ),
    "cap_invalid": (
        "Tin CAP không hợp lệ: {fault}.",
        "This is no valid CAP message: {fault}.",
    ),
    "cap_sender_foreign": (
        "Mã này không được cấp cho nơi gửi {sender}: tạo mã mới với --power cap --sender "
        "đúng tên đó, hoặc nơi gửi dùng mã của mình.",
        "This token was not issued for the sender {sender}: make a token with --power cap and "
        "--sender of that name, or let the sender use its own.",
    ),
    "cap_reused": (
        "Đã có tin CAP khác mang cùng identifier, sender và sent.",
        "Another CAP message came with this identifier, sender and sent.",
    ),
    "notice_not_found": ("Không tìm thấy thông báo này.", "There is no such notice."),
    "notice_of_drill": (
        "Vụ việc này là diễn tập: không được công bố.",
        "This incident is a drill: it is not published.",
    ),
    "notice_changed": (
        "Bản thảo đã được sửa sau lúc đồng chí xem. Hãy đọc lại.",
        "The draft was changed after you read it. Read it again.",
    ),
    "notice_no_draft": (
        "Không có bản thảo nào chờ ký.",
        "No draft waits for a signature.",
    ),
    "notice_same_person": (
        "Người viết bản thảo không được tự ký. Đề nghị chỉ huy khác ký.",
        "Who wrote the draft does not sign it. Another leader must.",
    ),
    "notice_withdrawn": ("Thông báo này đã được rút lại.", "This notice was withdrawn."),
    "notice_not_published": (
        "Thông báo này chưa được công bố nên không có gì để rút.",
        "This notice was not published: there is nothing to withdraw.",
    ),
    "notice_no_words": (
        "Cần tiêu đề và nội dung, hoặc chọn vụ việc để soạn sẵn.",
        "Give a title and a text, or the incident of which they are drafted.",
    ),
    "notice_has_number": (
        "Nội dung có số điện thoại hoặc dãy số dài: hãy bỏ đi trước khi công bố.",
        "The text has a telephone number or a long number: remove it.",
    ),
    "notice_has_address": (
        "Nội dung có số nhà, ngõ hoặc phòng: chỉ nêu phường, khu vực.",
        "The text has a house number, an alley or a room: name the ward only.",
    ),
    "notice_has_name": (
        "Nội dung có tên người: hãy bỏ đi trước khi công bố. Nếu là tên đường, phường: viết cả chữ "
        '"đường", "phường" phía trước.',
        "The text names a person: remove the name. Before the name of a street or ward write what "
        "it is.",
    ),
    "notice_has_email": (
        "Nội dung có địa chỉ thư điện tử: hãy bỏ đi trước khi công bố.",
        "The text has an e-mail address: remove it.",
    ),
    "notice_has_position": (
        "Nội dung có tọa độ hoặc liên kết bản đồ: chỉ nêu phường, khu vực.",
        "The text has coordinates or a link to a map: name the ward only.",
    ),
    "half_a_point": (
        "Tọa độ phải có cả vĩ độ và kinh độ, hoặc để trống cả hai.",
        "A point needs both lat and lon, or neither.",
    ),
}
