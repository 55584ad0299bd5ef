"""Notices to the public: what they are, how one is drafted, and what must not stand in one. Pure.

A ward is the nearest that a notice says of a place. Names, house numbers and telephone numbers are
refused wherever they stand; who signs reads the rest (`public_notice_store.py`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.incidents.incident_state import IncidentState
from alerts.incidents.kinds import IncidentKind
from alerts.store.plain_text import plain
from config.local_time import LOCAL_TZ

_PHONE = re.compile(r"(?:\+|\b)\d(?:[\s.\-]?\d){7,}")
_AMOUNT = re.compile(r"\b[1-9]\d{0,2}(?:\.\d{3})+\s*(?:đồng|đ|VNĐ|VND|m²|m2|m³|m3|kg|lít)\b")
_ADDRESS = re.compile(
    r"\b(?:số|nhà số|so nha|ngõ|ngách|hẻm|kiệt|căn hộ|phòng)\s*(?:nhà\s*)?\d+"
    r"|(?<![/\d])(?<!ngày )\d{1,4}[a-zA-Z]?/\d{1,3}(?![/\d])",  # 23/5, and no date
    re.IGNORECASE,
)
_TITLED = re.compile(r"\b(?i:ông|bà|anh|chị|cháu|em|cụ)\s+(\w{2,})")
_HOUSE = re.compile(r"^(\d+[a-z]?)\s+(\S+)")
_HAPPENED = {
    IncidentKind.FIRE: "vụ cháy",
    IncidentKind.EXPLOSION: "vụ nổ",
    IncidentKind.SHORT_CIRCUIT: "sự cố chập điện",
    IncidentKind.RESCUE: "vụ việc cần cứu nạn, cứu hộ",
    IncidentKind.TRAFFIC: "vụ tai nạn giao thông",
    IncidentKind.PUBLIC_ORDER: "vụ việc về trật tự công cộng",
    IncidentKind.CRIME: "vụ việc về an ninh, trật tự",
    IncidentKind.MEDICAL: "trường hợp cấp cứu",
    IncidentKind.OTHER: "sự cố",
}
_GOES_ON = {
    IncidentState.OPEN: "Lực lượng chức năng đang xác minh.",
    IncidentState.ASSESSED: "Lực lượng chức năng đang xử lý.",
    IncidentState.DISPATCHED: "Lực lượng chức năng đang đến hiện trường.",
    IncidentState.EN_ROUTE: "Lực lượng chức năng đang đến hiện trường.",
    IncidentState.ON_SCENE: "Lực lượng chức năng đang xử lý tại hiện trường.",
    IncidentState.CONTROLLED: "Sự việc đã được khống chế.",
    IncidentState.CLOSED: "Việc xử lý đã kết thúc.",
}
_ADVICE = "Đề nghị người dân không tập trung tại khu vực và nhường đường cho xe ưu tiên."
_QUARTER_S = 900.0


class PublicNoticeState(StrEnum):
    """How a notice stands with the public."""

    DRAFT = "draft"  # nobody outside has seen it
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PublicAct(StrEnum):
    """What a published version did."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class NoticeOutcome(StrEnum):
    """What becomes of an act on a notice."""

    DONE = "done"
    UNKNOWN = "notice_not_found"
    NO_INCIDENT = "incident_not_found"
    DRILL = "notice_of_drill"
    CHANGED = "notice_changed"  # another draft was written meanwhile
    NOTHING = "notice_no_draft"  # there is nothing to sign
    SAME_PERSON = "notice_same_person"
    WITHDRAWN = "notice_withdrawn"
    NOT_PUBLISHED = "notice_not_published"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicVersion:
    """One version as it was published."""

    version: int
    act: PublicAct
    title: str
    text: str
    reason: str | None
    drafted_by: str | None
    signed_by: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNotice:
    """A notice with all that was published of it, the first version first."""

    id: str
    incident_id: str | None
    kind: IncidentKind
    ward: str | None
    state: PublicNoticeState
    draft: int
    draft_title: str | None
    draft_text: str | None
    drafted_by: str | None
    drafted_at: float | None
    made_at: float
    agency: str | None
    area: str | None
    versions: tuple[PublicVersion, ...] = ()

    @property
    def newest(self) -> PublicVersion | None:
        """The version that stands in public now."""
        return self.versions[-1] if self.versions else None


def drafted(
    kind: IncidentKind, ward: str | None, opened_at: float, state: IncidentState
) -> tuple[str, str]:
    """Title and text of a notice of an incident: its ward, and its time to a quarter of an hour."""
    at = datetime.fromtimestamp(opened_at // _QUARTER_S * _QUARTER_S, LOCAL_TZ)
    where = "trên địa bàn" if ward is None else f"tại {ward}"
    what = _HAPPENED[kind]
    title = f"Thông tin về {what} {where}"
    text = (
        f"Khoảng {at:%H} giờ {at:%M} ngày {at:%d/%m/%Y}, trung tâm tiếp nhận thông tin về {what} "
        f"{where}. {_GOES_ON[state]} {_ADVICE}"
    )
    return title, text


def unpublishable(title: str, text: str, place: str | None) -> str | None:
    """What of a notice must not be public, named; None where nothing was found.

    `place` is the incident's own, as an officer typed it.
    """
    # One letter in two ways of writing it, and digits of another width, are the same to a reader.
    whole = unicodedata.normalize("NFKC", f"{title}\n{text}")
    if _PHONE.search(_AMOUNT.sub("", whole)):
        return "notice_has_number"
    if _ADDRESS.search(whole) or _names_house(whole, place):
        return "notice_has_address"
    # A name begins with a capital, or is written in capitals: "cụ ông được đưa đi" has none.
    named = any(found[1][0].isupper() for found in _TITLED.finditer(whole))
    return "notice_has_name" if named else None


def _names_house(whole: str, place: str | None) -> bool:
    """Whether the incident's house number stands before the name of its street."""
    house = _HOUSE.match(plain(place))
    return house is not None and f"{house[1]} {house[2].rstrip(',')}" in plain(whole)
