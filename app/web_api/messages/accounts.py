"""Messages about accounts."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "account_unknown": (
        "Không có tài khoản này trong phạm vi đồng chí quản lý. Hãy tải lại danh sách.",
        "There is no such account among those that you keep. Load the list again.",
    ),
    "account_exists": (
        "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác.",
        "This user name is taken. Choose another one.",
    ),
    "account_own": (
        "Không tự sửa tài khoản của mình. Hãy nhờ quản trị viên khác.",
        "Nobody changes their own account. Ask another admin.",
    ),
    "account_beyond_scope": (
        "Phạm vi này rộng hơn phạm vi của đồng chí. Hãy chọn trong cơ quan, khu vực của mình.",
        "That is more than you see yourself. Choose from your own agencies and areas.",
    ),
    "account_role_of_site": (
        "Vai trò quản trị và giám sát chỉ do quản trị viên toàn hệ thống cấp, và không cấp thêm "
        "vai trò cho tài khoản đang giữ vai trò đó.",
        "Only an admin of the whole site makes admins and auditors, or gives them another role.",
    ),
    "account_last_admin": (
        "Đây là quản trị viên cuối cùng của toàn hệ thống. Hãy giao quyền cho người khác trước.",
        "This is the last admin of the whole site. Make another one first.",
    ),
    "account_of_provider": (
        "Tài khoản do hệ thống đăng nhập của cơ quan cấp: tên, vai trò, phạm vi, mật khẩu đổi ở "
        "đó. Tại đây chỉ khóa và mở khóa.",
        "The organisation's own login keeps this account: change name, roles, scope and password "
        "there. Here it is only disabled and enabled.",
    ),
    "account_not_bound": (
        "Tài khoản này chưa gắn với người nào của hệ thống đăng nhập cơ quan: lần đăng nhập tới sẽ "
        "gắn.",
        "This account belongs to nobody of the organisation's login yet: the next login binds it.",
    ),
    "account_changed": (
        "Người khác vừa sửa tài khoản này. Hãy tải lại danh sách rồi làm lại.",
        "Somebody else changed this account just now. Load the list again.",
    ),
    "account_too_many": (
        "Đã đủ số tài khoản cho phép. Hãy dùng lại tài khoản đang khóa.",
        "There are as many accounts as there may be. Use a disabled one again.",
    ),
    "account_unknown_place": (
        "Không có cơ quan hoặc khu vực “{name}”.",
        "There is no agency or area “{name}”.",
    ),
}
