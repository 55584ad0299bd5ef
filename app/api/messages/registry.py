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
    "import_unreadable": ("Không đọc được tệp: {problem}.", "The file cannot be read: {problem}."),
}
