"""Reading of ONVIF responses, whose structure is not trusted."""

import re
from typing import Any

MOST_PROFILES = 16
MOST_BYTES = 1 << 20
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"']")
_AS_ASCII = frozenset({b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1"})
"""Encodings in which `<!DOCTYPE` is written with these very bytes."""


def at(response: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(response, dict):
            return None
        response = response.get(key)
    return response


def whole(value: Any) -> int | None:
    """Return a positive number of plausible size, or None."""
    return value if isinstance(value, int) and 0 < value < 1_000_000 else None


def named_profiles(response: Any) -> list[dict[str, Any]]:
    """Return the profiles that have a token, at most `MOST_PROFILES`."""
    found = response if isinstance(response, list) else []
    named = [one for one in found if isinstance(at(one, "token"), str) and one["token"]]
    return named[:MOST_PROFILES]


class XmlRefused(Exception):
    """Error for a response that is not acceptable XML; the message says why."""


def check_xml(content: bytes) -> None:
    """Raise `XmlRefused` where an answer is too large, broken, or defines entities."""
    from lxml import etree

    if len(content) > MOST_BYTES:
        raise XmlRefused(f"its answer is larger than {MOST_BYTES >> 20} MiB")
    declared = _DECLARED.match(content)
    if declared and declared[1].lower() not in _AS_ASCII:
        raise XmlRefused("its answer is in an encoding that ONVIF does not use")
    if b"<!doctype" in content.lower():
        raise XmlRefused("its answer defines a document type, which ONVIF does not use")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise XmlRefused("its answer is not XML") from None
