"""What another centre's message says of an incident: its kind, urgency, place and words. Pure."""

import re

from alerts.delivery.cap.message import CapMessage
from alerts.delivery.cap.words import KIND_OF_CATEGORY, NO_PLACE
from alerts.incidents.incident_state import MemberType
from alerts.incidents.kinds import IncidentKind
from alerts.incidents.records import IncidentPlace, NewIncident, NewMember

_OWN = re.compile(r"incident-([0-9a-f-]{36})-\d+-\w+")
_OLD_S = 24 * 3600.0
_LONGEST_PLACE = 300
_MSG_TYPE = {
    "Alert": "báo tin",
    "Update": "cập nhật",
    "Cancel": "báo kết thúc",
    "Ack": "đã tiếp nhận",
    "Error": "báo lỗi",
}


def new_incident_of(message: CapMessage, note: NewMember, now: float) -> NewIncident:
    """The incident that a message opens, with the note that is the message."""
    if note.type is not MemberType.NOTE:
        raise ValueError("a message is kept as a note")
    area = message.area
    text = None if area.text == NO_PLACE else area.text[:_LONGEST_PLACE]
    is_credible = now - _OLD_S <= message.sent <= now
    return NewIncident(
        kind=_kind(message),
        priority=_priority(message),
        place=IncidentPlace(text=text, lat=area.lat, lon=area.lon),
        at=message.sent if is_credible else now,
        agency=note.agency,
        area=note.area,
        member=note,
    )


def words_of(message: CapMessage) -> str:
    """What officers read of a message: who says what, in Vietnamese where it has it."""
    infos = sorted(message.infos, key=lambda one: not one.language.lower().startswith("vi"))
    said = [] if not infos else [infos[0].headline or infos[0].event, infos[0].description]
    who = message.sender_name or message.reference.sender
    head = f"{who} {_MSG_TYPE[message.msg_type]}"
    return ": ".join([head, " · ".join(one for one in said if one)]).rstrip(": ")


def incident_of_own(identifier: str) -> str | None:
    """The incident of an identifier that this centre made; None where it is not of one."""
    found = _OWN.fullmatch(identifier)
    return None if found is None else found[1]


def _kind(message: CapMessage) -> IncidentKind:
    if message.kind == "smoke":
        return IncidentKind.FIRE
    if message.kind is not None and message.kind in IncidentKind.__members__.values():
        return IncidentKind(message.kind)
    categories = [one.category for one in message.infos]
    names = (KIND_OF_CATEGORY[one] for one in categories if one in KIND_OF_CATEGORY)
    return IncidentKind(next(names, IncidentKind.OTHER.value))


def _priority(message: CapMessage) -> int:
    """By the most urgent of its infos; without any it is looked at soon."""
    ranks = {"Immediate": 1, "Expected": 2, "Unknown": 2}
    found = [ranks.get(one.urgency, 3) for one in message.infos]
    severe = any(one.severity in ("Extreme", "Severe") for one in message.infos)
    return min([*found, 2 if severe or not found else 3])
