"""Sentences about the registry of cameras."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "registry_in_files": (
        "Camera của hệ thống này được khai báo trong tệp cấu hình. Để sửa trên màn hình, quản trị "
        'đặt [registry] source = "database" rồi khởi động lại.',
        "This site's cameras stand in its files. To change them here, an administrator sets "
        '[registry] source = "database" and restarts.',
    ),
    "watch_areas_in_files": (
        "Khu vực giám sát tạm thời cần sổ đăng ký camera trong cơ sở dữ liệu. Quản trị đặt "
        '[registry] source = "database", nhập camera bằng `thapcanh cameras import` rồi khởi động '
        "lại.",
        "Temporary watch areas need the registry in the database. An administrator sets "
        '[registry] source = "database", imports the cameras with `thapcanh cameras import` and '
        "restarts.",
    ),
    "watch_area_over": (
        "Khu vực này đã được quyết định hoặc đã hết hạn. Hãy tải lại.",
        "This area was decided already, or its time is over. Reload it.",
    ),
    "watch_area_needs_leader": (
        "Chỉ chỉ huy được duyệt hoặc gia hạn khu vực giám sát.",
        "Only a leader approves a watch area or extends it.",
    ),
    "watch_area_same_person": (
        "Người đề xuất không được tự duyệt hoặc gia hạn. Hãy để một chỉ huy khác quyết định.",
        "Who proposed it neither approves nor extends it. Let another leader decide.",
    ),
    "watch_area_not_yours": (
        "Chỉ chỉ huy hoặc người đề xuất được kết thúc khu vực này.",
        "Only a leader or who proposed it ends this area.",
    ),
    "watch_area_partly_seen": (
        "Khu vực này có camera ngoài phạm vi của đồng chí. Hãy để chỉ huy thấy toàn bộ quyết định.",
        "This area has cameras that you do not see. Let a leader decide who sees all of them.",
    ),
    "trial_running": (
        "Một luật khác đang được thử. Chờ thử xong hoặc hủy lần thử đó rồi thử lại.",
        "Another rule is being tried. Wait for its end or cancel it, then try again.",
    ),
    "trial_not_recorded": (
        "Camera này không ghi hình nên không có phim để thử. Bật ghi hình ([recording] cameras), "
        "chờ có phim rồi thử lại.",
        "This camera is not recorded, so there is no film to try on. Switch recording on "
        "([recording] cameras), wait for film, then try again.",
    ),
    "trial_nothing": (
        "Trong một giờ vừa qua camera này không ghi được đoạn phim nào. Xem mục Ghi hình để biết "
        "vì sao.",
        "Nothing was recorded of this camera in the last hour. Its recordings say why.",
    ),
    "trial_not_found": (
        "Lần thử này không còn. Hãy thử lại.",
        "This trial is no longer kept. Try again.",
    ),
    "entry_not_found": ("Không tìm thấy mục này.", "There is no such entry."),
    "entry_in_use": (
        "Chưa xóa được: còn {cameras} camera và {areas} khu vực con thuộc về mục này, "
        "ví dụ “{one}”. Chuyển chúng sang nơi khác rồi xóa; nếu không, các camera đó sẽ không "
        "được canh.",
        "Not removed: {cameras} cameras and {areas} areas are of it, one is “{one}”. Move them "
        "first; their cameras would not be watched any more.",
    ),
    "entry_changed": (
        "“{name}” vừa được người khác thay đổi. Hãy tải lại rồi sửa tiếp.",
        "Somebody changed “{name}” meanwhile. Reload it, then go on.",
    ),
    "entry_refused": ("Chưa lưu được: {problem}.", "Not saved: {problem}."),
    "entry_key": ("Chưa lưu được mật khẩu: {problem}.", "The login was not saved: {problem}."),
    "onvif_network": (
        "Không được hỏi địa chỉ này: {problem}. Quản trị đặt mạng camera trong [networks] onvif.",
        "This address is not asked: {problem}. An administrator sets [networks] onvif.",
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
    "onvif_certificate": (
        "Chưa tin chứng thư của camera, nên chưa gửi mật khẩu: {problem}.",
        "The certificate is not believed, no password was sent: {problem}.",
    ),
    "onvif_refused": ("Camera từ chối: {problem}.", "The camera refused: {problem}."),
    "camera_not_there": (
        "Ở địa chỉ này không có camera đó. Tìm lại rồi chọn.",
        "That camera does not answer at this address. Look again.",
    ),
    "import_unreadable": ("Không đọc được tệp: {problem}.", "The file cannot be read: {problem}."),
}
