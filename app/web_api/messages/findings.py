"""Vietnamese translations of findings, by the English sentence of the checks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from thapcanh.app.web_api.language import Language

VIETNAMESE: Mapping[str, str] = {
    "missing, but required": "còn thiếu, phải có",
    "wrong type, expected a text": "phải là chữ",
    "wrong type, expected a whole number": "phải là số nguyên",
    "wrong type, expected a number": "phải là số",
    "wrong type, expected true or false": "phải là có hoặc không (true, false)",
    "wrong type, expected a list": "phải là danh sách",
    "wrong type, expected a table": "phải là bảng",
    "wrong type, expected a path": "phải là đường dẫn tệp",
    "unknown key, did you mean {key}?": "tên này không có, có phải là {key}?",
    "unknown key": "tên này không có",
    "unknown kind of rule, expected {kinds}": "loại luật không có, cần một trong: {kinds}",
    "expected 64 hexadecimal digits (a sha256)": "cần 64 chữ số thập lục phân (SHA-256)",
    "expected 1 to 64 letters, digits, dots, dashes or underscores": (
        "cần 1 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới"
    ),
    "expected {pattern}": "phải viết theo mẫu {pattern}",
    "cannot be understood: {kind}": "không đọc được ({kind})",
    # numbers, texts, lists and times, as pydantic words them
    "input should be greater than or equal to {least}": "nhỏ nhất là {least}",
    "input should be greater than {limit}": "phải lớn hơn {limit}",
    "input should be less than or equal to {most}": "lớn nhất là {most}",
    "input should be less than {limit}": "phải nhỏ hơn {limit}",
    "input should be a finite number": "phải là số hữu hạn",
    "input should be a valid datetime": "phải là ngày giờ, ví dụ 2026-11-26T08:00:00+07:00",
    "input should be a valid datetime, {why}": "phải là ngày giờ, ví dụ 2026-11-26T08:00:00+07:00",
    "input should have timezone info": "thiếu múi giờ, ví dụ +07:00 ở cuối",
    "input should be {choices}": "phải là một trong: {choices}",
    "string should have at least {least} character": "cần ít nhất {least} ký tự",
    "string should have at least {least} characters": "cần ít nhất {least} ký tự",
    "string should have at most {most} character": "dài nhất {most} ký tự",
    "string should have at most {most} characters": "dài nhất {most} ký tự",
    "{kind} should have at least {least} item after validation, not {had}": (
        "cần ít nhất {least} mục, đang có {had}"
    ),
    "{kind} should have at least {least} items after validation, not {had}": (
        "cần ít nhất {least} mục, đang có {had}"
    ),
    "{kind} should have at most {most} item after validation, not {had}": (
        "nhiều nhất {most} mục, đang có {had}"
    ),
    "{kind} should have at most {most} items after validation, not {had}": (
        "nhiều nhất {most} mục, đang có {had}"
    ),
    "cannot check `isinstance` when validating from json, use a JsonOrPython validator instead": (
        "phải là chữ"
    ),
    # addresses
    "the address has more than {most} characters": "địa chỉ dài hơn {most} ký tự",
    "empty, expected a URL or a file path": "đang trống, cần địa chỉ hoặc đường dẫn tệp",
    "holds a line break or another control character, also as %0D or %0A": (
        "có dấu xuống dòng hoặc ký tự điều khiển, kể cả viết là %0D hay %0A"
    ),
    "{url} has no host": "{url} thiếu tên máy",
    "{url} has no port, and SRT has no usual one": "{url} thiếu số cổng (SRT luôn cần)",
    "{url} has a port that is not a number from 0 to 65535": (
        "{url} có số cổng không đúng, cần từ 0 đến 65535"
    ),
    "{url}: a password with / ? or # in it is written with %2F, %3F and %23 in their place": (
        "{url}: mật khẩu có / ? hoặc # thì viết thay bằng %2F, %3F và %23"
    ),
    "scheme {scheme} is not known, expected {expected} or a path": (
        "giao thức {scheme} không dùng được, cần {expected} hoặc đường dẫn tệp"
    ),
    "the path has a NUL character": "đường dẫn có ký tự NUL",
    "a name in the path has more than {most} bytes": "một tên trong đường dẫn dài hơn {most} byte",
    "the path has more than {most} bytes": "đường dẫn dài hơn {most} byte",
    "is not an address": "không phải địa chỉ",
    "names a file: only `thapcanh cameras import` may, on this machine": (
        "chỉ vào một tệp: chỉ lệnh `thapcanh cameras import` trên máy chủ được làm việc này"
    ),
    "is a file: only `thapcanh cameras import` may": (
        "là một tệp: chỉ lệnh `thapcanh cameras import` trên máy chủ được đặt"
    ),
    "names a host that nobody knows": "không tìm thấy máy có tên này",
    "is outside the networks where cameras may stand ({setting})": (
        "nằm ngoài các mạng được phép đặt camera ({setting})"
    ),
    "${env:…} and ${file:…} are of files: write the login itself": (
        "${env:…} và ${file:…} chỉ dùng trong tệp: hãy viết thẳng tên đăng nhập và mật khẩu"
    ),
    "${env:…} and ${file:…} are of files: write the secret itself": (
        "${env:…} và ${file:…} chỉ dùng trong tệp: hãy viết thẳng giá trị bí mật"
    ),
    "${credential:…} may be used by who sees the whole site": (
        "${credential:…} chỉ dành cho người thấy toàn hệ thống"
    ),
    "{name}: the address is another; write its login again": (
        "{name}: địa chỉ đã khác, hãy viết lại tên đăng nhập và mật khẩu"
    ),
    "{name}: its login is not that of this address": (
        "{name}: mật khẩu đang lưu không phải của địa chỉ này"
    ),
    "{what} was not made with this key; set it again, or give its own key": (
        "{what} không được mã hóa bằng khóa này; hãy đặt lại, hoặc dùng đúng khóa"
    ),
    "the key of the credentials is not one; `thapcanh credential key` makes one": (
        "khóa mã hóa mật khẩu không đúng; tạo bằng `thapcanh credential key`"
    ),
    "no key for the credentials: set {file} or {variable}; `thapcanh credential key` makes one": (
        "chưa có khóa mã hóa mật khẩu: đặt {file} hoặc {variable}; tạo bằng "
        "`thapcanh credential key`"
    ),
    "the key of the credentials, {path}: {why}": "khóa mã hóa mật khẩu, {path}: {why}",
    # what is drawn
    "{count} points, a polygon needs 3": "có {count} điểm, một vùng cần ít nhất 3",
    "point {index} is [{x}, {y}], expected 0 to 1 of the picture": (
        "điểm {index} là [{x}, {y}], cần từ 0 đến 1 của hình"
    ),
    "the points lie on one line, a polygon needs an area": "các điểm nằm trên một đường thẳng",
    "both points are the same, a line needs two": "hai điểm trùng nhau, một vạch cần hai điểm",
    "inside lies on the line, expected a point beside it": (
        "điểm phía trong nằm trên vạch, cần ở bên cạnh"
    ),
    "two zones with the id {id}": "hai vùng có cùng mã {id}",
    "two lines with the id {id}": "hai vạch có cùng mã {id}",
    # what goes together
    "tls_ca, tls_pin and tls_insecure exclude each other": (
        "chỉ dùng một trong tls_ca, tls_pin và tls_insecure"
    ),
    "metadata names main_source, which the camera has not": (
        "metadata chọn main_source nhưng camera chưa có luồng đó"
    ),
    "lat and lon go together, one is missing": "vĩ độ và kinh độ đi cùng nhau, đang thiếu một",
    "valid_from must be before valid_to": "“Canh từ” phải trước “Canh đến hết”",
    # names of other entries
    "is taken": "đã có mục khác dùng",
    "is not of your agency and area": "không thuộc đơn vị và khu vực của đồng chí",
    "cannot be changed: remove the entry and add another": (
        "không đổi được: xóa mục này rồi thêm mục mới"
    ),
    "names the agency {name}, which is not registered": "đơn vị {name}, chưa có trong danh sách",
    "names the area {name}, which is not registered": "khu vực {name}, chưa có trong danh sách",
    "names the camera {name}, which is not registered": "camera {name}, chưa có trong danh sách",
    "names {name}, which is not registered": "{name} chưa có trong danh sách",
    "names {parent}, which lies in this area itself": "{parent} nằm trong chính khu vực này",
    'names no camera, expected "*" or ids': "chưa chọn camera nào",
    'expected "*" alone, for every camera, or a list of ids': (
        'cần "*" đứng riêng (mọi camera), hoặc danh sách mã camera'
    ),
    "names the zone {name}, which camera {camera} does not have": (
        "vùng {name} không có trên camera {camera}"
    ),
    "names the line {name}, which camera {camera} does not have": (
        "vạch {name} không có trên camera {camera}"
    ),
    "the rule {rule} uses the zone {shape} of this camera": (
        "luật {rule} đang dùng vùng {shape} của camera này"
    ),
    "the rule {rule} uses the line {shape} of this camera": (
        "luật {rule} đang dùng vạch {shape} của camera này"
    ),
    # rules
    "{span} is not a span of hours, expected e.g. 22:00-05:00": (
        "{span} không phải khoảng giờ, ví dụ 22:00-05:00"
    ),
    "looks is {looks}, more than of, which is {of}": "looks là {looks}, lớn hơn of ({of})",
    # watch areas
    "ends_at must be after starts_at": "thời điểm kết thúc phải sau thời điểm bắt đầu",
    "lies outside of {first} to {last}, correct the year": (
        "nằm ngoài khoảng {first} đến {last}, hãy sửa năm"
    ),
    "lasts longer than {days} days, propose a shorter one": (
        "dài hơn {days} ngày, hãy đề xuất ngắn hơn"
    ),
    "cameras: one is named twice": "có camera được chọn hai lần",
    "zones: two of one camera have the same id": "hai vùng của một camera có cùng mã",
    "zones: {camera} is not one of the area's cameras": (
        "vùng trên camera {camera}, camera này không thuộc khu vực"
    ),
    "rules[{number}]: has an id, the area gives it one": "rules[{number}]: có mã riêng, phải bỏ mã",
    "rules[{number}].cameras: expected a list of the area's cameras": (
        "rules[{number}].cameras: cần danh sách camera của khu vực"
    ),
    "is over already, expected a later time": "đã qua, cần thời điểm muộn hơn",
    "is not after the end that it has": "không muộn hơn thời điểm kết thúc hiện tại",
}


@dataclass(frozen=True, slots=True)
class FindingWords:
    """Finding that is translated when the reader's language is known; its path stays in front."""

    message: str
    path: str = ""

    def said(self, language: Language) -> str:
        words = finding_in(self.message, language)
        return f"{self.path}: {words}" if self.path else words


_OTHER = "chưa đúng ({message})"
_CHOICES = frozenset({"choices", "expected"})
_BRACE = re.compile(r"(?<!\$)\{(\w+)\}")


def finding_in(message: str, language: Language) -> str:
    """Return a finding in this language; an untranslated one is quoted."""
    if language is Language.EN:
        return message
    for form, vietnamese in _forms():
        if found := form.fullmatch(message):
            return _filled(vietnamese, found.groupdict())
    return _OTHER.replace("{message}", message)


def _filled(sentence: str, facts: Mapping[str, str]) -> str:
    return _BRACE.sub(lambda brace: _fact(brace[1], facts[brace[1]]), sentence)


def _fact(name: str, value: str) -> str:
    return value.replace(" or ", " hoặc ") if name in _CHOICES else value


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences as patterns, those with the most fixed text first."""
    sentences = sorted(VIETNAMESE, key=lambda sentence: len(_BRACE.sub("", sentence)), reverse=True)
    return tuple((_form(sentence), VIETNAMESE[sentence]) for sentence in sentences)


def _form(sentence: str) -> re.Pattern[str]:
    parts = _BRACE.split(sentence)  # words and names of braces in turn
    written = [
        f"(?P<{part}>.*?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    ]
    return re.compile("".join(written), re.DOTALL)
