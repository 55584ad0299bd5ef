"""What a received CAP message means here: kind, priority, place, words, and whether it is over."""

import re
from datetime import datetime

from thapcanh.alerts.cap.message import CapInfo, CapMessage
from thapcanh.alerts.cap.words import KIND_OF_CATEGORY, NO_PLACE
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentPlace, NewIncident, NewMember
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.rules import Priority

LARGEST_KM = 2.0
"""A larger area is no place: nothing is joined by it, and the map shows no point."""
_OWN = re.compile(r"incident-([0-9a-f-]{36})-\d+-\w+")
_OLD_S = 24 * 3600.0
_VALID_S = 24 * 3600.0  # of a message that names no end
_LONGEST_PLACE = 300
_MSG_TYPE = {
    "Alert": "báo tin",
    "Update": "cập nhật",
    "Cancel": "báo kết thúc",
    "Ack": "đã tiếp nhận",
    "Error": "báo lỗi",
}
_SEVERE = frozenset({"Extreme", "Severe"})
_SOON = frozenset({"Expected", "Unknown"})


def new_incident_of(message: CapMessage, member: NewMember, now: float) -> NewIncident:
    """Return the incident of a message whose first member is `member`."""
    is_credible = now - _OLD_S <= message.sent <= now
    return NewIncident(
        kind=_kind(message),
        priority=priority_of(message),
        place=place_of(message),
        at=message.sent if is_credible else now,
        agency=member.agency,
        area=member.area,
        member=member,
    )


def place_of(message: CapMessage) -> IncidentPlace:
    """Return where it is; without a point if its area is larger than `LARGEST_KM`."""
    area = message.area
    text = None if area.text == NO_PLACE else area.text[:_LONGEST_PLACE]
    if area.radius_km > LARGEST_KM:
        return IncidentPlace(text=text)
    return IncidentPlace(text=text, lat=area.lat, lon=area.lon)


def words_of(message: CapMessage) -> str:
    """Return a message's text for officers, in Vietnamese if available."""
    info = message.info
    stated = [] if info is None else [_title(info), info.description, _end(info)]
    who = message.sender_name or message.reference.sender
    head = f"{who} {_MSG_TYPE[message.msg_type]}"
    return ": ".join([head, " · ".join(one for one in stated if one)]).rstrip(": ")


def own_incident_id(identifier: str) -> str | None:
    found = _OWN.fullmatch(identifier)
    return None if found is None else found[1]


def is_over(message: CapMessage, now: float) -> bool:
    """Return whether a message ended before now; another centre ends its incidents itself."""
    if message.is_of_centre:
        return False
    ends = [one.expires for one in message.infos if one.expires is not None]
    return now >= max(ends, default=message.sent + _VALID_S)


def priority_of(message: CapMessage) -> int:
    """Return the most urgent of its infos' priorities (`docs/integration.md`)."""
    return min(map(_priority, message.infos), default=Priority.P3)


def _priority(info: CapInfo) -> int:
    if info.certainty == "Unlikely" or info.severity == "Minor":
        return Priority.P3
    if info.urgency == "Immediate":
        return Priority.P1 if info.severity in _SEVERE else Priority.P2
    return Priority.P2 if info.urgency in _SOON else Priority.P3


def _kind(message: CapMessage) -> IncidentKind:
    if message.kind == "smoke":
        return IncidentKind.FIRE
    if message.kind is not None and message.kind in IncidentKind.__members__.values():
        return IncidentKind(message.kind)
    categories = [one.category for one in message.infos]
    names = (KIND_OF_CATEGORY[one] for one in categories if one in KIND_OF_CATEGORY)
    return IncidentKind(next(names, IncidentKind.OTHER.value))


def _title(info: CapInfo) -> str:
    """Return headline and event, once where one holds the other."""
    if info.headline is None or info.event.casefold() in info.headline.casefold():
        return info.headline or info.event
    return f"{info.event} · {info.headline}"


def _end(info: CapInfo) -> str | None:
    if info.expires is None:
        return None
    return f"hiệu lực đến {datetime.fromtimestamp(info.expires, LOCAL_TZ):%H:%M %d/%m}"
