"""Writes a CAP message as XML, its elements in the order of the OASIS schema."""

import re
from xml.etree import ElementTree

from thapcanh.alerts.cap.from_events import cap_time
from thapcanh.alerts.cap.message import (
    KIND_PARAMETER,
    NAMESPACE,
    CapArea,
    CapInfo,
    CapMessage,
)

_RESTRICTION = "Chỉ dùng trong điều hành, không công bố"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_cap(message: CapMessage) -> bytes:
    alert = ElementTree.Element("alert", xmlns=NAMESPACE)
    references = " ".join(str(one) for one in message.references)
    for name, text in (
        ("identifier", message.reference.identifier),
        ("sender", message.reference.sender),
        ("sent", message.reference.sent),
        ("status", message.status),
        ("msgType", message.msg_type),
        ("scope", "Public" if message.is_public else "Restricted"),
        ("restriction", None if message.is_public else _RESTRICTION),
        ("references", references),
        ("incidents", message.incidents),
    ):
        _put(alert, name, text)
    for info in message.infos:
        _put_info(alert, info, message)
    written: bytes = ElementTree.tostring(alert, encoding="utf-8", xml_declaration=True)
    return written


def _put_info(alert: ElementTree.Element, info: CapInfo, message: CapMessage) -> None:
    made = ElementTree.SubElement(alert, "info")
    for name, text in (
        ("language", info.language),
        ("category", info.category),
        ("event", info.event),
        ("responseType", info.response),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("effective", cap_time(message.sent)),
        ("expires", None if info.expires is None else cap_time(info.expires)),
        ("senderName", message.sender_name),
        ("headline", info.headline),
        ("description", info.description),
    ):
        _put(made, name, text)
    if message.kind is not None:
        parameter = ElementTree.SubElement(made, "parameter")
        _put(parameter, "valueName", KIND_PARAMETER)
        _put(parameter, "value", message.kind)
    _put_area(made, message.area)


def _put_area(info: ElementTree.Element, area: CapArea) -> None:
    made = ElementTree.SubElement(info, "area")
    _put(made, "areaDesc", area.text)
    if area.lat is not None and area.lon is not None:
        _put(made, "circle", f"{area.lat:.6f},{area.lon:.6f} {area.radius_km:g}")


def _put(parent: ElementTree.Element, name: str, text: str | None) -> None:
    if text:
        ElementTree.SubElement(parent, name).text = _NOT_XML.sub(" ", text)
