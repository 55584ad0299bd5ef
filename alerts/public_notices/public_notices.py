"""Notices to the public, and their drafting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from thapcanh.alerts.incidents.incident_state import IncidentState
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.config.local_time import LOCAL_TZ

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
_CONTINUES = {
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
WITHDRAWN_TITLE = "Thông báo đã được rút lại"


class PublicNoticeState(StrEnum):
    """Public state of a notice."""

    DRAFT = "draft"  # nobody outside has seen it
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PublicAct(StrEnum):
    """Effect of a published version."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class NoticeOutcome(StrEnum):
    """Result of an act on a notice."""

    DONE = "done"
    UNKNOWN = "notice_not_found"
    NO_INCIDENT = "incident_not_found"
    DRILL = "notice_of_drill"
    CHANGED = "notice_changed"  # another draft was written meanwhile
    NOTHING = "notice_no_draft"  # there is nothing to sign
    SAME_PERSON = "notice_same_person"
    WITHDRAWN = "notice_withdrawn"
    NOT_PUBLISHED = "notice_not_published"
    HAS_NUMBER = "notice_has_number"
    HAS_ADDRESS = "notice_has_address"
    HAS_NAME = "notice_has_name"
    HAS_EMAIL = "notice_has_email"
    HAS_POSITION = "notice_has_position"


PERSONAL = frozenset(one for one in NoticeOutcome if one.value.startswith("notice_has_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicVersion:
    """Version as published; a withdrawal has its own text, and a reason."""

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
        return self.versions[-1] if self.versions else None

    def before(self, version: int) -> PublicVersion | None:
        earlier = [one for one in self.versions if one.version < version]
        return earlier[-1] if earlier else None


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
        f"{where}. {_CONTINUES[state]} {_ADVICE}"
    )
    return title, text
