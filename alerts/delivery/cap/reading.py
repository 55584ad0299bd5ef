"""Reads CAP 1.2 from others: bounded, without entities, each fault named by its element."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from thapcanh.alerts.delivery.cap.from_events import read_reference
from thapcanh.alerts.delivery.cap.message import (
    KIND_PARAMETER,
    NAMESPACE,
    CapArea,
    CapInfo,
    CapInvalid,
    CapMessage,
    CapReference,
)
from thapcanh.alerts.delivery.cap.words import NO_PLACE

MOST_BYTES = 65_536
_MOST_INFOS = 16
_MOST_REFERENCES = 64
_LONGEST = 2000
_STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
_MSG_TYPE = ("Alert", "Update", "Cancel", "Ack", "Error")
_NOT_IN_NAMES = frozenset(" ,<&")

Element = Any  # of ElementTree


def read_cap(body: bytes) -> CapMessage:
    """Read a message. Raises `CapInvalid`."""
    if len(body) > MOST_BYTES:
        raise CapInvalid(f"the message is longer than {MOST_BYTES} bytes")
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise CapInvalid("a document type or entities are not allowed") from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise CapInvalid(f"this is not XML ({error})"[:200]) from None
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise CapInvalid(f"the root is not an alert of {NAMESPACE}")
    infos = _all(root, "info")[:_MOST_INFOS]
    sent = _needed(root, "sent")
    reference = CapReference(
        sender=_name(root, "sender"), identifier=_name(root, "identifier"), sent=sent
    )
    return CapMessage(
        reference=reference,
        sent=_time("sent", sent),
        status=_one_of(root, "status", _STATUS),
        msg_type=_one_of(root, "msgType", _MSG_TYPE),
        infos=tuple(_info(one) for one in infos),
        area=_area(infos),
        kind=_kind(infos),
        sender_name=next((name for one in infos if (name := _text(one, "senderName"))), None),
        incidents=_text(root, "incidents"),
        references=_references(_text(root, "references") or ""),
    )


def _info(info: Element) -> CapInfo:
    expires = _text(info, "expires")
    return CapInfo(
        language=_text(info, "language") or "en-US",
        category=_needed(info, "category"),
        event=_needed(info, "event"),
        urgency=_needed(info, "urgency"),
        severity=_needed(info, "severity"),
        certainty=_needed(info, "certainty"),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        expires=None if expires is None else _time("expires", expires),
    )


def _area(infos: Sequence[Element]) -> CapArea:
    """Return the first area; of a polygon its middle."""
    areas = [area for info in infos for area in _all(info, "area")]
    if not areas:
        return CapArea(text=NO_PLACE)
    text = _needed(areas[0], "areaDesc")
    circle, polygon = _text(areas[0], "circle"), _text(areas[0], "polygon")
    if circle is not None:
        point, _, radius = circle.partition(" ")
        lat, lon = _point(point)
        return CapArea(text=text, lat=lat, lon=lon, radius_km=_number("circle", radius))
    if polygon is not None:
        points = [_point(one) for one in polygon.split()[:-1]] or [_point(polygon)]
        lat = sum(one[0] for one in points) / len(points)
        return CapArea(text=text, lat=lat, lon=sum(one[1] for one in points) / len(points))
    return CapArea(text=text)


def _kind(infos: Sequence[Element]) -> str | None:
    for parameter in (one for info in infos for one in _all(info, "parameter")):
        if _text(parameter, "valueName") == KIND_PARAMETER:
            return _text(parameter, "value")
    return None


def _references(text: str) -> tuple[CapReference, ...]:
    found = []
    for one in text.split()[:_MOST_REFERENCES]:
        reference = read_reference(one)
        if reference is None:
            raise CapInvalid("references: expected sender,identifier,sent")
        found.append(reference)
    return tuple(found)


def _point(text: str) -> tuple[float, float]:
    lat, _, lon = text.partition(",")
    point = _number("area", lat), _number("area", lon)
    if abs(point[0]) > 90 or abs(point[1]) > 180:
        raise CapInvalid("area: expected latitude,longitude in degrees")
    return point


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise CapInvalid(f"{name}: expected a number") from None
    if not math.isfinite(number):
        raise CapInvalid(f"{name}: expected a number")
    return number


def _time(name: str, text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.timestamp()
    except (ValueError, OverflowError):
        pass
    raise CapInvalid(f"{name}: expected a time such as 2026-11-26T08:02:03+07:00")


def _name(root: Element, name: str) -> str:
    text = _needed(root, name)
    if _NOT_IN_NAMES & set(text) or len(text) > 200:
        raise CapInvalid(f"{name}: no spaces, commas, < or &, at most 200 characters")
    return text


def _one_of(root: Element, name: str, allowed: Sequence[str]) -> str:
    text = _needed(root, name)
    if text not in allowed:
        raise CapInvalid(f"{name}: expected one of {', '.join(allowed)}")
    return text


def _needed(parent: Element, name: str) -> str:
    text = _text(parent, name)
    if text is None:
        raise CapInvalid(f"{name} is missing")
    return text


def _text(parent: Element, name: str) -> str | None:
    found = parent.findtext(f"{{{NAMESPACE}}}{name}")
    return (found or "").replace("\0", "").strip()[:_LONGEST] or None


def _all(parent: Element, name: str) -> list[Element]:
    return list(parent.findall(f"{{{NAMESPACE}}}{name}"))
