"""Sentences about the registry of cameras."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "registry_in_files": (
        "Camera của hệ thống này được khai báo trong tệp cấu hình. Để sửa trên màn hình, quản trị "
        'đặt [registry] source = "database" rồi khởi động lại.',
        "This site's cameras stand in its files. To change them here, an administrator sets "
        '[registry] source = "database" and restarts.',
    ),
    "entry_not_found": ("Không tìm thấy mục này.", "There is no such entry."),
    "entry_changed": (
        "“{name}” vừa được người khác thay đổi. Hãy tải lại rồi sửa tiếp.",
        "Somebody changed “{name}” meanwhile. Reload it, then go on.",
    ),
    "entry_refused": ("Chưa lưu được: {problem}.", "Not saved: {problem}."),
    "entry_key": ("Chưa lưu được mật khẩu: {problem}.", "The login was not saved: {problem}."),
    "onvif_network": (
        "Không được hỏi địa chỉ này: {problem}. Quản trị đặt mạng camera trong [onvif] networks.",
        "This address is not asked: {problem}. An administrator sets [onvif] networks.",
    ),
    "onvif_unauthorized": (
        "Camera không nhận tên đăng nhập hoặc mật khẩu này. Sửa rồi hỏi lại.",
        "The camera refused the user or the password. Correct them and ask again.",
    ),
    "onvif_unreachable": (
        "Không kết nối được với camera. Kiểm tra địa chỉ, nguồn và dây mạng.",
        "No connection to the camera. Check its address, power and cable.",
    ),
    "onvif_unanswered": (
        "Camera trả lời quá chậm hoặc không dứt. Khởi động lại camera rồi thử lại.",
        "The camera answers too slowly or without end. Restart it and try again.",
    ),
    "onvif_not_onvif": (
        "Thiết bị này không trả lời đúng chuẩn ONVIF. Kiểm tra địa chỉ, và bật ONVIF trong cài đặt "
        "của camera.",
        "The device does not answer as ONVIF does. Check the address, and switch ONVIF on in the "
        "camera's settings.",
    ),
    "onvif_refused": ("Camera từ chối: {problem}.", "The camera refused: {problem}."),
    "camera_not_there": (
        "Ở địa chỉ này không có camera đó. Tìm lại rồi chọn.",
        "That camera does not answer at this address. Look again.",
    ),
    "import_unreadable": ("Không đọc được tệp: {problem}.", "The file cannot be read: {problem}."),
}
