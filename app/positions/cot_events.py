"""Parser of Cursor on Target (XML, event 2.0). Pure.

A stream is cut at each `</event>`, starting at the last `<event` before it, so that a broken event
affects no other.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from thapcanh.alerts.store.distance import Position

MOST_BYTES = 8192  # of one event
_LONGEST_NAME = 128
_START = re.compile(rb"<event[\s>/]")
_END = re.compile(rb"</event\s*>")
_TAIL_BYTES = 16  # may be the beginning of a start or of an end
_FRIEND = "a-f-"
_PING = "t-x-c-t"

Element = Any  # of ElementTree


class CotInvalid(Exception):
    """An unusable event; the message is one of a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CotEvent:
    """A sender's two names and its position; `place` is None for other events."""

    uid: str
    callsign: str = ""
    is_ping: bool = False
    place: Position | None = None
    at: float = 0.0
    """UTC unix seconds, never after now."""


class CotCutter:
    """Splitter of one connection's bytes into events. Buffers at most `MOST_BYTES`."""

    def __init__(self) -> None:
        self._held = b""

    def cut(self, piece: bytes) -> tuple[list[bytes], int]:
        """Return the events that end in this piece, and how many were dropped as malformed."""
        data, starts = self._held + piece, 0
        events, dropped = [], 0
        for end in _END.finditer(data):
            start = _last_start(data, starts, end.start())
            if start is None or end.end() - start > MOST_BYTES:
                dropped += 1
            else:
                events.append(data[start : end.end()])
            starts = end.end()
        start = _last_start(data, starts, len(data))
        if start is None:
            dropped += len(data) - starts > MOST_BYTES
            self._held = data[starts:][-_TAIL_BYTES:] if starts < len(data) else b""
        elif len(data) - start > MOST_BYTES:
            dropped += 1
            self._held = data[-_TAIL_BYTES:]
        else:
            self._held = data[start:]
        return events, dropped


def read_event(body: bytes, now: float) -> CotEvent:
    """Return the parsed event. Raises `CotInvalid`."""
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise CotInvalid("has a document type or entities") from None
    except (ElementTree.ParseError, ValueError, LookupError):
        raise CotInvalid("is no XML") from None
    uid, kind = root.get("uid", ""), root.get("type", "")
    if root.tag != "event" or not uid or not kind:
        raise CotInvalid("is no event of CoT")
    if not kind.startswith(_FRIEND):
        return CotEvent(uid=uid[:_LONGEST_NAME], is_ping=kind == _PING)
    contact = root.find("detail/contact")
    callsign = "" if contact is None else contact.get("callsign", "")
    return CotEvent(
        uid=uid[:_LONGEST_NAME],
        callsign=callsign[:_LONGEST_NAME],
        place=_place(root.find("point")),
        at=min(_time(root.get("time", "")), now),
    )


def _last_start(data: bytes, starts: int, end: int) -> int | None:
    start = None
    for found in _START.finditer(data, starts, end):
        start = found.start()
    return start


def _place(point: Element) -> Position:
    try:
        lat, lon = (float(point.get(name)) for name in ("lat", "lon"))
    except (AttributeError, TypeError, ValueError):
        raise CotInvalid("has no point") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # no comparison holds for NaN
        raise CotInvalid("has a point that cannot be")
    return lat, lon


def _time(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise CotInvalid("has no time")
        return at.timestamp()
    except (ValueError, OverflowError):
        raise CotInvalid("has no time") from None
