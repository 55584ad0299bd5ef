"""Sentences about requests in general, and about a server that cannot serve now."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "not_found": ("Không tìm thấy.", "Not found."),
    "method_not_allowed": (
        "Địa chỉ này không nhận kiểu yêu cầu {method}.",
        "This address does not take {method}.",
    ),
    "invalid_input": ("Trường “{field}”: {problem}.", "Field “{field}”: {problem}."),
    "unreadable": (
        "Không đọc được nội dung gửi lên.",
        "What was sent cannot be read.",
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
    "import_in_hand": (
        "Tệp trước của đồng chí đang được đọc. Hãy đợi đọc xong rồi gửi tệp tiếp theo.",
        "Your file before this one is being read. Wait for it, then send the next.",
    ),
    "imports_in_hand": (
        "Đang đọc {most} tệp của người khác. Hãy thử lại sau giây lát.",
        "{most} files of others are being read. Try again in a moment.",
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
    "front_end_missing": (
        "Giao diện chưa được cài trong bản này.",
        "The screens are not built into this installation.",
    ),
}
