"""WS-Discovery's two messages: what is asked of an address, and what a camera answers.

Answers come from anybody: they are judged as `check_xml` does, believed only about the address that
they came from, and only if they name the question.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ingest.onvif.checked_xml import XmlRefused, check_xml
from ingest.onvif.records import plain_text

MOST_ANSWER_BYTES = 16 << 10
_SCOPE = "onvif://www.onvif.org/"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """A camera that answered. `endpoint` stays the same when its address changes."""

    address: str
    service: str
    endpoint: str
    name: str
    hardware: str
    location: str
    mac: str | None = None


def probe_message(message_id: str) -> bytes:
    """The question "which ONVIF cameras are there?"."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<e:Envelope xmlns:e="{_SOAP}" xmlns:w="{_ADDRESSING}" xmlns:d="{_DISCOVERY}" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
        f"<w:MessageID>{message_id}</w:MessageID>"
        "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
        f"<w:Action>{_DISCOVERY}/Probe</w:Action></e:Header><e:Body><d:Probe>"
        "<d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
    ).encode()


def read_answer(content: bytes, sender: str, message_id: str) -> list[FoundDevice]:
    """The cameras that an answer names; none where it is not an answer to this question."""
    from lxml import etree

    if len(content) > MOST_ANSWER_BYTES:
        return []
    try:
        check_xml(content)
    except XmlRefused:
        return []
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    if _text(tree, "RelatesTo") != message_id:
        return []
    named = [_device(match, sender) for match in _below(tree, "ProbeMatch")]
    return [device for device in named if device is not None]


def _device(match: Any, sender: str) -> FoundDevice | None:
    service = _service(_text(match, "XAddrs").split(), sender)
    endpoint = plain_text(_text(match, "Address"))
    if service is None or not endpoint:
        return None
    scopes = _text(match, "Scopes").split()
    return FoundDevice(
        address=sender,
        service=service,
        endpoint=endpoint,
        name=_scope(scopes, "name"),
        hardware=_scope(scopes, "hardware"),
        location=_scope(scopes, "location"),
    )


def _service(addresses: list[str], sender: str) -> str | None:
    """The address of the device's service at its sender; one elsewhere is not believed."""
    for text in addresses:
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and len(text) <= 500:
            host = sender if port is None else f"{sender}:{port}"
            return urlunsplit((parts.scheme, host, parts.path, "", ""))
    return None


def _scope(scopes: list[str], name: str) -> str:
    begin = f"{_SCOPE}{name}/"
    found = [scope[len(begin) :] for scope in scopes if scope.startswith(begin)]
    return plain_text(unquote(found[0])) if found else ""


def _text(tree: Any, name: str) -> str:
    return next(((found.text or "").strip() for found in _below(tree, name)), "")


def _below(tree: Any, name: str) -> Iterator[Any]:
    """Elements by their name alone: the namespace differs between versions of the standard."""
    return iter(tree.iter(f"{{*}}{name}"))
