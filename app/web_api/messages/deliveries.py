"""Messages about targets, deliveries and signals."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "device_id_taken": (
        "Mã {device} đã là của thiết bị hoặc camera khác.",
        "The id {device} is another device's or a camera's.",
    ),
    "device_of_others": (
        "Thiết bị này thuộc đơn vị hoặc địa bàn khác nên không ghi được.",
        "This device would be another agency's or area's.",
    ),
    "device_camera_unknown": (
        "Không có camera {camera}.",
        "There is no camera {camera}.",
    ),
    "device_test_end": (
        "Giờ kết thúc bảo trì phải ở sau lúc này và trong vòng {days} ngày.",
        "A test ends after now and within {days} days.",
    ),
    "device_not_in_test": (
        "Thiết bị này không trong bảo trì.",
        "This device is not in test.",
    ),
    "target_unknown": (
        "Không có nơi nhận “{target}” trong cấu hình.",
        "There is no target “{target}” in the configuration.",
    ),
    "delivery_unknown": (
        "Không có tin gửi này, hoặc đồng chí không được xem.",
        "There is no such delivery, or you may not see it.",
    ),
    "delivery_not_dead": (
        "Tin này không nằm trong danh sách không gửi được: nó đang chờ gửi hoặc đã gửi xong.",
        "This delivery is no dead letter: it waits to be sent, or was taken.",
    ),
    "delivery_over": (
        "Đường dẫn của người gọi không gửi lại được: hãy tạo đường dẫn mới ở cuộc gọi. Bỏ tin này.",
        "A caller's link is not sent again: make a new one on the call. Discard this.",
    ),
    "target_without_test": (
        "Nơi này chỉ nhắn tin cho người gọi nên không có ai để gửi tin thử.",
        "This target texts callers alone: there is nobody to send a test to.",
    ),
    "delivery_overtaken": (
        "Nơi nhận đã có tin mới hơn về cùng việc này; gửi lại sẽ làm sai thứ tự. Hãy bỏ tin này.",
        "The receiver has newer word of the same thing; sending this would break the order. "
        "Discard it.",
    ),
    "device_unknown": (
        "Thiết bị “{device}” chưa được khai báo trong cấu hình ([[devices]]), hoặc mã này không "
        "được gửi thay nó.",
        "The device “{device}” is not registered in the configuration ([[devices]]), or this token "
        "may not speak for it.",
    ),
    "device_flood": (
        "Thiết bị “{device}” gửi quá nhanh; tín hiệu đã được đếm. Hãy gửi chậm lại.",
        "The device “{device}” sends too fast; its signals were counted. Slow down.",
    ),
    "signal_not_saved": (
        "Tín hiệu chưa lưu được (đĩa đầy hoặc hỏng). Hãy gửi lại với cùng Idempotency-Key.",
        "The signal could not be saved (disk full or broken). Send it again, with the same key.",
    ),
    "signal_key_reused": (
        "Idempotency-Key này đã dùng cho một tín hiệu khác.",
        "This Idempotency-Key came with another signal.",
    ),
}
