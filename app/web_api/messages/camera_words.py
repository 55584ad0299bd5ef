"""Messages about ONVIF answers, as parts of sentences."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "network_no_network": ("chưa có mạng nào được phép hỏi", "no network may be asked"),
    "network_outside": (
        "{where} nằm ngoài các mạng được phép",
        "{where} is outside the networks that may be asked",
    ),
    "network_too_many": (
        "nhiều hơn {most} địa chỉ, hãy chọn mạng nhỏ hơn",
        "more than {most} addresses, choose a smaller network",
    ),
    "network_not_http": (
        "“{where}” không phải địa chỉ http:// hay https://",
        "“{where}” is no http:// or https:// address",
    ),
    "network_name": (
        "“{where}” là tên, hãy ghi địa chỉ bằng số",
        "“{where}” is a name, write its address in digits",
    ),
    "camera_refused": ("nó không nói vì sao", "it does not say why"),
    "camera_elsewhere": (
        "nó chỉ sang một máy khác, nên không hỏi tiếp",
        "it leads to another host, which is not followed",
    ),
    "camera_redirects": (
        "nó chuyển hướng sang địa chỉ khác, nên không hỏi tiếp",
        "it redirects, which is not followed",
    ),
    "camera_no_interval": (
        "luồng “{profile}” không cho đặt khoảng khung hình chính; đặt trên trang của camera",
        "the profile “{profile}” has no keyframe interval to be set; set it on the camera's page",
    ),
    "camera_no_profile": (
        "không có luồng “{profile}” nào có hình; hãy hỏi lại các luồng",
        "it has no profile “{profile}” with a picture; look for its profiles again",
    ),
    "camera_turns_not": (
        "không có luồng nào quay được; bật PTZ trong cài đặt của camera",
        "it has no profile that turns; switch PTZ on in its settings",
    ),
    "camera_no_service": (
        "nó không có dịch vụ “{service}”; bật ONVIF trong cài đặt của camera",
        "it has no “{service}” service; switch ONVIF on in its settings",
    ),
    "camera_said": ("camera nói “{said}”", "the camera says “{said}”"),
    "camera_said_nothing": ("nó không nói vì sao", "it does not say why"),
    "camera_certificate_not_pinned": (
        "đó không phải chứng thư đã ghim (tls_pin)",
        "it is not the pinned one (tls_pin)",
    ),
    "camera_certificate_not_signed": (
        "không ai được tin đã ký nó; nếu đúng là của camera, hãy ghim dấu vân tay (tls_pin)",
        "nobody known has signed it; if it is the camera's own, pin its fingerprint (tls_pin)",
    ),
    "camera_certificate_expired": ("nó đã hết hạn", "it has expired"),
    "camera_certificate_early": (
        "nó chưa có hiệu lực; xem lại đồng hồ",
        "it is not valid yet; look at the clocks",
    ),
    "camera_certificate_other": (
        "không xác minh được ({why})",
        "it cannot be verified ({why})",
    ),
    "camera_authority_unreadable": (
        "không đọc được tệp chứng thư ghi ở tls_ca",
        "the certificates that tls_ca names cannot be read",
    ),
}
