"""What is said about targets, deliveries and signals."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "target_unknown": (
        "Không có nơi nhận “{target}” trong cấu hình.",
        "There is no target “{target}” in the configuration.",
    ),
    "delivery_unknown": (
        "Không có tin gửi này, hoặc bạn không được xem.",
        "There is no such delivery, or you may not see it.",
    ),
    "delivery_not_dead": (
        "Tin này không nằm trong danh sách không gửi được: nó đang chờ gửi hoặc đã gửi xong.",
        "This delivery is no dead letter: it waits to be sent, or was taken.",
    ),
    "delivery_overtaken": (
        "Nơi nhận đã có tin mới hơn về cùng việc này; gửi lại sẽ làm sai thứ tự. Hãy bỏ tin này.",
        "The receiver has newer word of the same thing; sending this would break the order. "
        "Discard it.",
    ),
}
