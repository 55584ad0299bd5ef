"""Sentences about facilities, their documents and lists, by the error's machine name."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "facility_not_found": ("Không tìm thấy cơ sở này.", "There is no such facility."),
    "facility_of_others": (
        "Cơ sở này thuộc đơn vị hoặc địa bàn khác nên không ghi được.",
        "This facility would be another agency's or area's.",
    ),
    "facility_code_taken": (
        "Mã {code} đã là của cơ sở khác.",
        "The code {code} is another facility's.",
    ),
    "facility_list_overtaken": (
        "“{name}” vừa được người khác ghi, ở địa bàn mà tài khoản không xem được; "
        "{written} cơ sở của danh sách đã được ghi trước đó. Hãy nhập lại danh sách.",
        "“{name}” was just written by somebody else, in an area that you do not see; "
        "{written} facilities of the list are written already. Send the list again.",
    ),
    "facility_outline": (
        "Ranh giới cần từ 3 đến {most} điểm, điểm nào cũng trong vòng 1 km quanh vị trí của cơ sở.",
        "An outline needs 3 to {most} corners, each within 1 km of the facility's position.",
    ),
    "position_zero": (
        "Tọa độ 0, 0 là của thiết bị chưa định vị được; hãy ghi tọa độ thật hoặc để trống.",
        "0, 0 is told by a device that has no fix: give the real position, or none.",
    ),
    "position_abroad": (
        "Tọa độ {cell} nằm ngoài Việt Nam; hãy xem vĩ độ và kinh độ có bị đổi chỗ không.",
        "{cell} is not in Vietnam: are latitude and longitude exchanged?",
    ),
    "document_not_found": (
        "Không tìm thấy tài liệu này.",
        "There is no such document.",
    ),
    "document_kind": (
        "Tệp này không phải PDF, PNG, JPEG hay WebP, dù tên tệp là gì; hoặc là PDF chép thiếu.",
        "This file is no PDF, PNG, JPEG or WebP, whatever its name says, or a PDF cut short.",
    ),
    "document_empty": ("Tệp này rỗng.", "This file is empty."),
    "documents_many": (
        "Cơ sở này đã có {most} tài liệu; hãy bỏ bớt tài liệu cũ.",
        "This facility has {most} documents: take old ones away.",
    ),
    "document_not_kept": (
        "Chưa lưu được tệp. Hãy thử lại sau ít phút.",
        "The file could not be kept. Try again in some minutes.",
    ),
    "line_column_twice": (
        "Cột “{column}” có hai lần.",
        "The column “{column}” stands twice.",
    ),
    "line_facility_twice": (
        "“{cell}” đã có ở dòng {other}.",
        "“{cell}” stands on line {other} already.",
    ),
    "line_position_zero": (
        "Tọa độ “{cell}” là của thiết bị chưa định vị được.",
        "“{cell}” is told by a device that has no fix.",
    ),
    "line_position_abroad": (
        "Tọa độ “{cell}” nằm ngoài Việt Nam (vĩ độ và kinh độ có bị đổi chỗ không?).",
        "“{cell}” is not in Vietnam (are latitude and longitude exchanged?).",
    ),
    "line_outline_wrong": (
        "Ranh giới cần từ 3 đến {most} điểm [vĩ độ, kinh độ] trong vòng 1 km quanh vị trí.",
        "An outline needs 3 to {most} corners [lat, lon] within 1 km of the position.",
    ),
    "line_floors_wrong": (
        "“{column}” là “{cell}”, phải là số nguyên từ 0 đến {most}.",
        "{column} is “{cell}”, expected a whole number from 0 to {most}.",
    ),
    "line_too_many_parts": (
        "“{column}” có hơn {most} mục.",
        "{column} has more than {most} parts.",
    ),
    "line_part_too_long": (
        "“{column}” có mục dài hơn {most} chữ: “{cell}…”.",
        "{column} has a part longer than {most} letters: “{cell}…”.",
    ),
    "line_facility_code_taken": (
        "Mã “{cell}” đã có trong đơn vị này, ở địa bàn mà tài khoản không xem được.",
        "The code “{cell}” is this agency's already, in an area that you do not see.",
    ),
    "line_contact_wrong": (
        "Người liên hệ “{cell}” không đúng, ghi: tên | điện thoại | vai trò | giờ.",
        "The contact “{cell}” is wrong, expected name | phone | role | hours.",
    ),
    "line_phone_wrong": (
        "“{cell}” không phải số điện thoại.",
        "“{cell}” is no telephone number.",
    ),
    "line_facility_of_others": (
        "Cơ sở thuộc đơn vị hoặc địa bàn khác nên không ghi được.",
        "The facility would be another agency's or area's.",
    ),
}
