"""Sentences about logins, roles, tokens and second factors."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "not_logged_in": (
        "Chưa đăng nhập hoặc phiên làm việc đã hết hạn. Hãy đăng nhập lại.",
        "Not logged in, or the session has ended. Log in again.",
    ),
    "wrong_login": (
        "Tên đăng nhập hoặc mật khẩu không đúng.",
        "The user name or the password is wrong.",
    ),
    "directory_away": (
        "Máy chủ tài khoản của cơ quan không trả lời; tài khoản tại chỗ vẫn đăng nhập được.",
        "The organisation's directory does not answer; local accounts can still log in.",
    ),
    "directory_entry_unidentified": (
        "Máy chủ tài khoản của cơ quan không cho biết mã riêng của tài khoản này: báo quản trị. "
        "Tài khoản tại chỗ vẫn đăng nhập được.",
        "The organisation's directory does not identify this account: tell the administrator. "
        "Local accounts can still log in.",
    ),
    "account_of_another": (
        "Tài khoản này đã gắn với người khác trong danh bạ của cơ quan. Hãy báo quản trị.",
        "This account belongs to another entry of the organisation's directory. Tell the "
        "administrator.",
    ),
    "password_elsewhere": (
        "Mật khẩu này do máy chủ tài khoản của cơ quan giữ. Hãy đổi ở đó.",
        "This password is kept by the organisation's directory. Change it there.",
    ),
    "new_password_needed": (
        "Mật khẩu này do người khác cấp. Hãy đặt mật khẩu của riêng đồng chí.",
        "Somebody else gave you this password. Choose one of your own.",
    ),
    "password_is_own": (
        "Mật khẩu này đã là của riêng đồng chí. Đăng nhập rồi đổi trong mục Đổi mật khẩu.",
        "This password is your own already. Log in, then change it in your menu.",
    ),
    "same_password": (
        "Mật khẩu mới trùng mật khẩu cũ. Hãy chọn mật khẩu khác.",
        "The new password is the old one. Choose another.",
    ),
    "locked_out": (
        "Đăng nhập sai quá nhiều lần. Hãy thử lại sau {minutes} phút.",
        "Too many failed logins. Try again in {minutes} min.",
    ),
    "account_waits": (
        "Tài khoản này bị dò mật khẩu hoặc mã; hãy thử lại sau {minutes} phút, hoặc báo quản trị.",
        "Somebody guesses at this account; try again in {minutes} min, or tell an admin.",
    ),
    "second_factor_needed": (
        "Cần xác thực bước hai: nhập mã trong ứng dụng hoặc dùng khóa bảo mật.",
        "A second step is needed: the code of your app, or your security key.",
    ),
    "wrong_second_factor": (
        "Mã hoặc khóa bảo mật không đúng, hoặc mã đã được dùng.",
        "The code or the security key is wrong, or the code was used.",
    ),
    "login_again": (
        "Đã quá thời gian cho phép. Hãy đăng nhập lại rồi làm tiếp.",
        "This took too long. Log in again, then go on.",
    ),
    "too_many_factors": (
        "Tài khoản đã có đủ số cách xác thực. Hãy xóa bớt trước.",
        "The account has as many second factors as it may. Remove one first.",
    ),
    "csrf": (
        "Yêu cầu bị từ chối vì thiếu hoặc sai mã bảo vệ. Hãy tải lại trang.",
        "Refused: the protection code (X-CSRF-Token) is missing or wrong. Reload the page.",
    ),
    "wrong_origin": (
        "Yêu cầu đến từ một trang khác nên bị từ chối.",
        "Refused: the request comes from another site.",
    ),
    "wrong_host": (
        "Máy chủ không nhận yêu cầu gửi tới tên miền này.",
        "This server does not answer under that host name.",
    ),
    "not_allowed": (
        "Vai trò của đồng chí không được làm việc này.",
        "Your role may not do this.",
    ),
    "not_for_token": (
        "Mã truy cập của chương trình này không được cấp quyền làm việc này.",
        "This program's token was not made for this.",
    ),
}
