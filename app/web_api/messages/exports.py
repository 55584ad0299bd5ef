"""Messages about exports."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "export_not_found": (
        "Không còn bản xuất này. Mỗi bản chỉ giữ một giờ; hãy xuất lại.",
        "This export is no longer kept: each one is for an hour. Export again.",
    ),
    "export_not_done": (
        "Bản xuất này chưa xong, hoặc đã bị hủy.",
        "This export is not done, or was cancelled.",
    ),
    "export_no_model": (
        "Không nạp được mô hình nhận diện nên không làm mờ được: chưa xuất gì. "
        "Báo kỹ thuật, hoặc chỉ huy xuất bản không làm mờ và ghi mục đích.",
        "The model cannot be loaded, so nobody can be blurred: nothing was exported. "
        "Tell a technician, or have a leader export it unblurred for a stated purpose.",
    ),
    "export_took_too_long": (
        "Làm mờ quá lâu nên đã dừng. Hãy chọn đoạn ngắn hơn.",
        "Blurring took too long and was ended. Choose a shorter stretch.",
    ),
    "export_failed": (
        "Không xuất được, chưa có gì rời khỏi hệ thống. Hãy thử lại; nếu vẫn lỗi, báo kỹ thuật.",
        "The export failed, and nothing left. Try again; if it fails again, tell a technician.",
    ),
    "export_unreadable": (
        "Không đọc được ảnh hay phim này nên không làm mờ được: chưa xuất gì.",
        "This picture or film cannot be read, so nobody can be blurred: nothing was exported.",
    ),
    "export_masks_changed": (
        "Vùng che riêng tư của camera đã đổi sau khi đặt xuất: chưa xuất gì. Hãy xuất lại.",
        "The camera's privacy masks changed since this was ordered: nothing left. Export again.",
    ),
    "export_purpose": (
        "Xuất bản không làm mờ phải ghi mục đích.",
        "An export that is not blurred needs a purpose.",
    ),
    "exports_busy": (
        "Đang có nhiều bản xuất chờ làm. Hãy đợi bản trước xong, hoặc hủy bớt.",
        "Many exports are waiting. Wait for those before, or cancel one.",
    ),
}
