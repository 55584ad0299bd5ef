"""Sentences about cameras: live pictures, phones, walls and probes."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "camera_not_found": ("Không tìm thấy camera này.", "There is no such camera."),
    "unknown_camera": ("Không tìm thấy camera này.", "There is no such camera."),
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
    "wall_code_over": (
        "Mã của màn hình lớn đã dùng hoặc hết hạn. Màn hình tự lấy mã mới.",
        "This wall's code was used or is too old. The wall asks for a new one.",
    ),
    "wall_code_unknown": (
        "Không có màn hình nào đang hiện mã này. Mã chỉ dùng trong 2 phút; hãy xem lại mã mới.",
        "No wall shows this code now. A code lives 2 minutes; look at the newest one.",
    ),
    "too_many_walls": (
        "Đơn vị của đồng chí đã có {count} màn hình lớn. Hãy gỡ bớt một màn hình trước.",
        "Your agency has {count} walls already. End one of them first.",
    ),
    "wall_code_locked": (
        "Nhập sai mã quá nhiều lần. Hãy thử lại sau {minutes} phút.",
        "Too many wrong codes. Try again in {minutes} min.",
    ),
    "recordings_unavailable": (
        "Không đọc được kho ghi hình lúc này. Hãy báo kỹ thuật kiểm tra ổ ghi hình.",
        "The recordings cannot be read now. Have the recording disk looked at.",
    ),
    "recording_disk_missing": (
        "Ổ ghi hình chưa được gắn vào {folder} nên chưa xem lại được phim đã ghi; phim vẫn còn "
        "trên ổ đó. Hãy báo kỹ thuật gắn lại ổ.",
        "The recording disk is not mounted at {folder}. What was recorded is on it and is shown "
        "again once it is mounted: tell the technicians.",
    ),
    "recording_store_silent": (
        "Kho ghi hình {store} chưa trả lời. Phim còn trên máy ghi vẫn giữ nguyên; hãy thử lại sau.",
        "The recording store {store} does not answer. Film on the recorders is safe; try again.",
    ),
    "recording_changed": (
        "Phim trong kho ghi hình {store} không còn đúng như lúc ghi nên không được phát.",
        "Film in the recording store {store} is not what was recorded, and is not shown.",
    ),
    "recording_not_found": (
        "Không có đoạn ghi hình vào lúc này.",
        "There is no recording of this moment.",
    ),
    "nothing_recorded": (
        "Trung tâm này chưa bật ghi hình cho camera nào, nên không có phim của bất kỳ lúc nào.",
        "No camera of this centre is recorded, so there is no film of any moment.",
    ),
    "recording_hold_not_found": (
        "Không có lệnh lưu giữ này.",
        "There is no such hold.",
    ),
    "recording_hold_stretch": (
        "Khoảng lưu giữ phải kết thúc sau lúc bắt đầu.",
        "The stretch that is held must end after it begins.",
    ),
    "recording_stretch": (
        "Khoảng thời gian phải kết thúc sau lúc bắt đầu và không dài quá {hours} giờ.",
        "The stretch must end after it begins, and be no longer than {hours} hours.",
    ),
    "search_too_wide": (
        "Tìm quá rộng: {cameras} camera trong {hours} giờ. Mỗi lần tìm nhiều nhất {most} giờ "
        "camera; hãy chọn ít camera hoặc khoảng thời gian ngắn hơn.",
        "This search is too wide: {cameras} cameras over {hours} hours. At most {most} "
        "camera-hours at a time; choose fewer cameras or a shorter time.",
    ),
    "search_period": (
        "Khoảng thời gian tìm phải kết thúc sau lúc bắt đầu.",
        "The period must end after it begins.",
    ),
    "search_one_camera": (
        "Vạch và khung vẽ là của một camera: hãy chọn đúng một camera.",
        "A line or a drawn box belongs to one camera: choose exactly one.",
    ),
    "search_too_long": (
        "Tìm quá lâu nên đã dừng. Hãy chọn ít camera hoặc khoảng thời gian ngắn hơn.",
        "The search took too long and was ended. Choose fewer cameras or a shorter time.",
    ),
    "search_too_often": (
        "Đồng chí tìm quá nhiều lần trong một phút. Hãy chờ giây lát.",
        "You searched too often within a minute. Wait a moment.",
    ),
    "ptz_none": (
        "Camera này không quay được từ đây. Kỹ thuật viên bật “Camera quay được” và địa chỉ ONVIF.",
        "This camera is not turned from here. A technician sets “turns” and its ONVIF address.",
    ),
    "ptz_held": (
        "{name} đang điều khiển camera này.",
        "{name} is turning this camera.",
    ),
    "ptz_no_lease": (
        "Đồng chí chưa nhận quyền điều khiển camera này, hoặc đã hết lượt. Hãy nhận lại.",
        "You do not have the right to turn this camera, or no longer. Take it again.",
    ),
    "ptz_too_often": (
        "Camera đang nhận lệnh trước. Hãy chờ một giây.",
        "The camera is taking the command before. Wait a second.",
    ),
    "ptz_too_many": (
        "Đang có quá nhiều camera được điều khiển. Hãy thử lại sau giây lát.",
        "Too many cameras are being turned. Try again in a moment.",
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
        "[networks] probe.",
        "This address is in no network of the site's cameras. An administrator may allow it in "
        "[networks] probe.",
    ),
    "probe_too_often": (
        "Thử quá nhiều lần. Hãy chờ một phút.",
        "Too many tries. Wait a minute.",
    ),
}
