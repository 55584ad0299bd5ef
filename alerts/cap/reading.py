"""Reads CAP 1.2 from others: bounded, without entities, each fault named by its element."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from thapcanh.alerts.cap.from_events import read_reference
from thapcanh.alerts.cap.message import (
    KIND_PARAMETER,
    NAMESPACE,
    CapArea,
    CapInfo,
    CapInvalid,
    CapMessage,
    CapReference,
)
from thapcanh.alerts.cap.words import NO_PLACE
from thapcanh.alerts.store.distance import Position, distance_m

MOST_BYTES = 65_536
_MOST_INFOS = 16
_MOST_REFERENCES = 64
_MOST_AREAS = 64
_MOST_GEOCODES = 64
_LONGEST = 2000
_STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
_MSG_TYPE = ("Alert", "Update", "Cancel", "Ack", "Error")
_NOT_IN_NAMES = frozenset(" ,<&")

_YEARS = range(2000, 3000)

Element = Any  # of ElementTree
_Circle = tuple[Position, float]  # middle, and radius in kilometres


def read_xml(body: bytes, most_bytes: int, name: str) -> Element:
    """Return the root of a document of a stranger. Raise `CapInvalid`."""
    if len(body) > most_bytes:
        raise CapInvalid(f"the {name} is longer than {most_bytes} bytes")
    try:
        return ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise CapInvalid("a document type or entities are not allowed") from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise CapInvalid(f"this is not XML ({error})"[:200]) from None


def read_cap(body: bytes) -> CapMessage:
    """Read a message. Raises `CapInvalid`."""
    root = read_xml(body, MOST_BYTES, "message")
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
    """Return one circle round all that the areas name, in the words of the first."""
    areas = [area for info in infos for area in _all(info, "area")][:_MOST_AREAS]
    if not areas:
        return CapArea(text=NO_PLACE)
    text = _needed(areas[0], "areaDesc")
    codes = (_text(code, "value") for area in areas for code in _all(area, "geocode"))
    geocodes = tuple(dict.fromkeys(code for code in codes if code))[:_MOST_GEOCODES]
    circles = list(dict.fromkeys(circle for area in areas for circle in _circles(area)))
    if not circles:
        return CapArea(text=text, geocodes=geocodes)
    (lat, lon), radius_km = _round(circles)
    return CapArea(text=text, lat=lat, lon=lon, radius_km=radius_km, geocodes=geocodes)


def _circles(area: Element) -> Iterator[_Circle]:
    """Yield the circles of an area, and one round each of its polygons."""
    for circle in _texts(area, "circle"):
        point, _, radius = circle.partition(" ")
        radius_km = _number("circle", radius)
        if radius_km < 0:
            raise CapInvalid("circle: expected a radius of 0 or more")
        yield _point(point), radius_km
    for polygon in _texts(area, "polygon"):
        corners = [_point(one) for one in polygon.split()]
        points = corners[:-1] if len(corners) > 1 else corners
        yield _round([(point, 0.0) for point in points])


def _round(circles: Sequence[_Circle]) -> _Circle:
    """Return a circle round all of these, with their mean as its middle."""
    count = len(circles)
    middle = sum(at[0] for at, _ in circles) / count, sum(at[1] for at, _ in circles) / count
    return middle, max(distance_m(middle, at) / 1000 + radius for at, radius in circles)


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
        if at.tzinfo is not None and at.year in _YEARS:
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


def _texts(parent: Element, name: str) -> list[str]:
    found = ((one.text or "").strip() for one in _all(parent, name))
    return [text for text in found if text]


def _all(parent: Element, name: str) -> list[Element]:
    return list(parent.findall(f"{{{NAMESPACE}}}{name}"))
