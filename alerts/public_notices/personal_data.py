"""Personal data in notices to the public: names, numbers, exact places."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from thapcanh.alerts.public_notices.public_notices import NoticeOutcome
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.plain_text import plain, without_marks


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EMAIL = re.compile(
    r"[\w.+-]+\s*(?:@|[(\[]\s*(?:at|a còng)\s*[)\]]|\ba còng\b)\s*\w[\w-]*(?:\s*\.\s*\w+)*", re.I
)
_LAT, _LON = r"(?:[89]|1\d|2[0-3])[.,]\d{4,}", r"(?:10[2-9]|11[0-7])[.,]\d{4,}"
_BETWEEN = r"\s*°?\s*[NBEĐ]?\s*[,;/ ]\s*"
_POSITION = re.compile(
    rf"\b(?:{_LAT}{_BETWEEN}{_LON}|{_LON}{_BETWEEN}{_LAT}|\d{{1,3}}[.,]\d{{5,}})"
    r"|\b\d{1,3}\s*°\s*\d{1,2}(?:[.,]\d+)?\s*['’′]"
    r"|\b(?:maps\.|goo\.gl/|google\.[a-z.]+/maps|w3w\.co|what3words)|///\w+\.\w+"
    r"|\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}\b",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\+|\b)\d(?:[\s.\-()]*\d){7,}")
_HIDDEN_PHONE = re.compile(r"\b\d{2,}[*xX•]{2,}\d{2,}")
_PLATE = re.compile(r"\b\d{2}-?[A-ZĐ][A-ZĐ\d]?[\s\-.]{0,2}\d{3}[.\s]?\d{1,2}\b")
_AMOUNT = re.compile(
    r"\b[1-9]\d{0,2}(?:[.,]\d{3})+\s*(?:đồng|đ|VNĐ|VND|m²|m2|m³|m3|kg|lít)(?![\w/])", re.I
)
_DATE = re.compile(r"\b[0-3]?\d[./\-](?:0?[1-9]|1[0-2])[./\-]20\d\d\b")
_DIGITS = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5",
    "sau": "6", "bay": "7", "tam": "8", "chin": "9",
}  # fmt: skip
_FEW_DIGITS, _ENOUGH_DIGITS = 6, 8  # of a number that is known; of any
_ADDRESS = re.compile(
    r"\b(?:số|so|nhà số|nha so|ngõ|ngo|ngách|ngach|hẻm|hem|kiệt|kiet|căn hộ|can ho|phòng|phong)"
    r"\s*(?:nhà|nha)?\s*(?!11[2-5]\b)\d+"
    r"|\b(?:nhà|nha)\s+\d+(?!\d|\s*(?:tầng|tang|gian|người|nguoi|hộ|ho|dân|dan|trọ|tro)\b)"
    r"|(?<![/\d])(?<!ngày )(?<!ngay )\d{1,4}[a-zA-Z]?/\d{1,3}(?![/\d])",  # 23/5, and no date
    re.IGNORECASE,
)
_STREET_WORDS = _words("so nha pho duong dai lo ngo ngach hem o tai cua thuoc")

_RANKS = r"(?:thiếu|trung|thượng|đại|thieu|thuong|dai)\s+(?:uý|úy|uỷ|uy|tá|ta|tướng|tuong)"
_ROLES = (
    "đồng chí|dong chi|đ/c|d/c|chiến sĩ|chien si|nạn nhân|nan nhan|chủ nhà|chu nha|chủ cơ sở|"
    "chủ quán|nghi phạm|nghi pham|đối tượng|doi tuong|tài xế|tai xe|lái xe|lai xe|gia đình|"
    "gia dinh|vợ chồng|tên là|ten la|tên|binh nhất|binh nhì|thượng sĩ|trung sĩ|hạ sĩ"
)
_TITLES = "ông|bà|anh|chị|cháu|em|cụ|cô|chú|bác|bé|thầy|ong|chau"
_LOOSE = "ba|chi|cu"  # titles where a text has no marks, and other words where it has
_NOT_A_NAME = _words(
    "cong canh uy ban phong bo so trung doi cuc nhanh hoi tinh thanh phuong quan huyen xe lon la "
    "co luc nguoi chi vu vien si to khu bi ay duoc da dang va trong tai o nho nay khong gap"
)
_TITLED = re.compile(
    rf"\b(?i:{_RANKS}|{_ROLES}|{_TITLES})\.?(?:\s*:|\s+là)?\s+(?=(\w{{2,}}))"
    rf"|\b(?i:{_LOOSE})\s+(?=(\w{{2,}}))"
)
_SURNAMES = _words(
    "nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đinh trương trịnh "
    "lương tạ chu tô lưu vương mai cao hà lâm tống đoàn thái quách triệu kiều"
)
_UNMARKED = frozenset(map(without_marks, _SURNAMES))
_SURELY = _words("nguyễn trần phạm huỳnh bùi đặng võ ngô lê đỗ nguyen tran pham huynh")
_SURE_BEFORE_MIDDLE = (_SURNAMES - _UNMARKED) | {"nguyen", "tran", "pham", "huynh", "phan"}
_MIDDLE = frozenset({"văn", "van", "thị", "thi"})
_NOT_GIVEN_NAMES = _words("xã xa trấn tran trường truong phòng phong hoá hóa bản")
_NO_PERSON = frozenset({"hồ chí minh", "ho chi minh"})
_CAPITAL = "".join(chr(code) for code in range(0x1F00) if chr(code).isupper())
_PART = rf"(?!(?i:{'|'.join(sorted(_SURELY))})\b)[{_CAPITAL}]\w*"
_PLACE_PROPER = rf"[{_CAPITAL}]\w*(?:[ ]{_PART}){{0,3}}"
_PLACE_NAME = re.compile(
    r"\b(?:(?i:phường|xã|thị trấn|quận|huyện|thị xã|thành phố|tỉnh|phố|đường|đại lộ|quốc lộ|ngõ|chợ"
    r"|cầu|hầm|sông|công viên|vườn hoa|quảng trường|trường|bệnh viện|khu đô thị|khu tập thể|bến xe"
    r"|khu công nghiệp|chung cư|toà nhà|tòa nhà|ngã tư|ngã ba|ngã năm|nút giao|vòng xoay|làng|thôn"
    r"|ấp|đảo)|hồ|tp|TP|phuong|xa|quan|huyen|thanh pho|pho|duong)\.?"
    rf"[ ]{_PLACE_PROPER}(?:[ ]*[-–][ ]*{_PLACE_PROPER})*"
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedFacts:
    """Data of an incident and its officers that must not be published."""

    numbers: frozenset[str] = frozenset()  # of telephones
    names: frozenset[str] = frozenset()  # of people, in full
    places: frozenset[str] = frozenset()  # as they were typed
    positions: frozenset[Position] = frozenset()
    wards: frozenset[str] = frozenset()  # which a notice may name


NO_PROTECTED_FACTS = ProtectedFacts()


def unpublishable(
    title: str, text: str, existing: ProtectedFacts = NO_PROTECTED_FACTS
) -> NoticeOutcome | None:
    # One letter in two ways of writing it, and digits of another width, are the same to a reader.
    whole = unicodedata.normalize("NFKC", f"{title}\n{text}")
    if _EMAIL.search(whole):
        return NoticeOutcome.HAS_EMAIL
    if _POSITION.search(whole) or any(_is_at(whole, one) for one in existing.positions):
        return NoticeOutcome.HAS_POSITION
    if _has_number(whole, existing.numbers):
        return NoticeOutcome.HAS_NUMBER
    if _ADDRESS.search(whole) or any(_is_house_of(whole, one) for one in existing.places):
        return NoticeOutcome.HAS_ADDRESS
    return NoticeOutcome.HAS_NAME if _names_person(whole, existing) else None


def names_in(text: str) -> Iterator[str]:
    """Yield full personal names in a text: a surname and what follows it."""
    words = _PLACE_NAME.sub(" · ", unicodedata.normalize("NFC", text))
    for part in re.split(r"[^\w ]+", words):
        found = _WORD.findall(part)
        for first in range(len(found)):
            length = _name_length(found[first:])
            if length:
                yield " ".join(found[first : first + length])


def _name_length(words: list[str]) -> int:
    """Return how many words form a name that starts with the first; 0 for none."""
    surname, rest = words[0].casefold(), words[1:]
    if surname not in _SURNAMES and surname not in _UNMARKED:
        return 0
    if surname in _SURE_BEFORE_MIDDLE and len(rest) > 1 and rest[0].casefold() in _MIDDLE:
        return 0 if rest[1].casefold() in _NOT_GIVEN_NAMES else 3
    provided = 0
    while provided < min(3, len(rest)) and _is_provided(rest[provided], words[0]):
        provided += 1
    is_person = " ".join(words[: provided + 1]).casefold() not in _NO_PERSON
    least = 1 if surname in _SURELY else 2
    return provided + 1 if words[0][0].isupper() and provided >= least and is_person else 0


def _is_provided(word: str, surname: str) -> bool:
    """Return whether a word looks like a given name; in capitals only after a sure surname."""
    if surname.isupper():
        return word.isupper() and surname.casefold() in _SURELY
    return word[0].isupper() and not (word.isupper() and len(word) > 1)


def _names_person(whole: str, existing: ProtectedFacts) -> bool:
    """Return whether a person is named in full, or by a title and a capitalised word."""
    stated = whole
    for ward in existing.wards:
        stated = re.sub(rf"\b{re.escape(ward)}\b", " · ", stated, flags=re.IGNORECASE)
    stated = _PLACE_NAME.sub(" · ", stated)
    words = f" {' '.join(_WORD.findall(plain(stated)))} "
    if any(f" {' '.join(_WORD.findall(plain(name)))} " in words for name in existing.names):
        return True
    return any(map(_is_titled_name, _TITLED.finditer(stated))) or any(names_in(stated))


def _is_titled_name(found: re.Match[str]) -> bool:
    """Return whether a title is followed by a name: "cụ ông được đưa đi" has none."""
    name = found[1] or found[2]
    is_loose = found[1] is None or found[0].split()[0].isascii() or name.isupper()
    return name[0].isupper() and not (is_loose and plain(name) in _NOT_A_NAME)


def _has_number(whole: str, existing: frozenset[str]) -> bool:
    stated = _DATE.sub(" · ", _AMOUNT.sub(" · ", whole))
    if any(pattern.search(stated) for pattern in (_PHONE, _HIDDEN_PHONE, _PLATE)):
        return True
    spoken = "".join(_DIGITS.get(word, " ") for word in re.findall(r"\w+", plain(stated)))
    if any(len(run) >= _ENOUGH_DIGITS for run in spoken.split()):
        return True
    runs = {re.sub(r"\D", "", run) for run in re.findall(r"\d(?:[\s.\-]?\d)+", stated)}
    digits = {re.sub(r"\D", "", number) for number in existing}
    return any(len(run) >= _FEW_DIGITS and run in number for run in runs for number in digits)


def _is_at(whole: str, position: Position) -> bool:
    """Return whether the text has a coordinate to three places, cut or rounded."""
    stated = set(re.findall(r"\d{1,3}\.\d{3}", whole.replace(",", ".")))
    return any({f"{one:.3f}", f"{int(one * 1000) / 1000:.3f}"} & stated for one in position)


def _is_house_of(whole: str, place: str) -> bool:
    """Return whether a place's house number stands beside its street's name."""
    stated = f" {' '.join(_place_words(whole))} "
    for part in re.split(r"[,;\n]", plain(place)):
        words = _place_words(part)
        house = next((word for word in words if word[0].isdigit()), None)
        street = " ".join(word for word in words if word != house)
        if (
            house
            and street
            and (f" {house} {street} " in stated or f" {street} {house} " in stated)
        ):
            return True
    return False


def _place_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[\w/]+", plain(text)) if word not in _STREET_WORDS]
