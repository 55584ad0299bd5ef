"""Parser of DC-09 content: DC-03 event blocks, or Contact ID. Pure."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pysiaalarm.utils import ADM_MAPPING, SIA_CODES

MOST_EVENTS = 64  # of one frame
_MOST_TEXT = 48  # the reason of an event holds 200 bytes
_TIME = "%H:%M:%S,%m-%d-%Y"
_CONTENT = re.compile(
    r"(?P<body>[^\]]*)\](?P<extended>(?:\[[^\]]*\])*)_?(?P<stamp>[\d:,-]*)\s*", re.DOTALL
)
_ACCOUNT = re.compile(r"#([0-9A-Fa-f]{3,16})")
_CONTACT_ID = re.compile(r"(\d)(\d{3})\s+(\d{2,3})\s+(\d{3,4})")
_FIRST_PACKET = re.compile(r"[NO](?=[a-z]{2}|[A-Z]{2}(?![A-Za-z]))")  # a new event, an old one
_MODIFIER = re.compile(r"([a-z]{2})([\d:.-]*)")
_PACKET = re.compile(r"(?:\*'[^']*'|\^[^^]*\^|[^/])+")  # a `/` in a quoted text parts nothing
_CODE = re.compile(r"([A-Z]{2})(\d*)(.*)", re.DOTALL)
_TEXT_ENDS = re.compile(r"^[*^'\"+\s]+|(?:'NM)?[*^'\".\s]+$|'NM$")
_TEXT_DATA = "ROLI"  # room, building, location, alarm text
_OCCURRED = "H"
_HEARTBEAT = "RP"
_UNMAPPED = "YN"
_NOUNS: Mapping[str, str] = {
    "Line number": "line",
    "Expander number": "module",
    "Expansion device number": "module",
    "Area number": "area",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiaEvent:
    """One event by its two-letter code; numbers without leading zeros, None for 0."""

    code: str
    number: str | None = None
    area: str | None = None
    module: str | None = None
    text: str | None = None

    @property
    def place(self) -> str | None:
        """Where, the same for an alarm and its restoral: `zone 8 of area 1`."""
        concerns = SIA_CODES[self.code].concerns if self.code in SIA_CODES else ""
        noun = _NOUNS.get(concerns, "zone")
        parts = {noun: self.number}
        parts |= {"module": parts.get("module") or self.module}
        parts |= {"area": parts.get("area") or self.area}
        return " of ".join(f"{name} {number}" for name, number in parts.items() if number) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiaContent:
    """Content of a frame. `sent_at` is the frame's time, `occurred_at` that of its events."""

    account: str | None
    events: tuple[SiaEvent, ...]
    sent_at: dt.datetime | None
    occurred_at: dt.datetime | None


def read_content(text: str, message_type: str, *, is_sealed: bool) -> SiaContent | None:
    """Return a frame's content, or None. `is_sealed`: it starts with padding."""
    found = _CONTENT.fullmatch(text.strip("\0\r\n "))
    if found is None:
        return None
    blocks = found["body"].split("|")
    if is_sealed and not _ACCOUNT.fullmatch(blocks[0]):
        blocks = blocks[1:]
    account = next((item[1] for item in map(_ACCOUNT.fullmatch, blocks) if item), None)
    data = {item[0]: item[1:] for item in found["extended"][1:-1].split("][") if item}
    events = _events(message_type, [item for item in blocks if not _ACCOUNT.fullmatch(item)])
    return SiaContent(
        account=None if account is None else account.upper(),
        events=tuple(_with_text(item, data) for item in events[:MOST_EVENTS]),
        sent_at=_time(found["stamp"]),
        occurred_at=_time(data.get(_OCCURRED, "").strip("_")),
    )


def _events(message_type: str, blocks: Sequence[str]) -> list[SiaEvent]:
    if message_type == "NULL":
        return [SiaEvent(code=_HEARTBEAT)]
    if message_type == "ADM-CID":
        found = [item for item in map(_CONTACT_ID.fullmatch, blocks) if item]
        return [_contact_id(*item.groups()) for item in found]
    reader = _BlockReader()
    for block in blocks:
        reader.read(block)
    return reader.events


def _contact_id(qualifier: str, event_type: str, partition: str, number: str) -> SiaEvent:
    code = ADM_MAPPING.get(event_type, {}).get(qualifier, _UNMAPPED)
    return SiaEvent(code=code, number=_number(number), area=_number(partition))


@dataclass(slots=True)
class _BlockReader:
    """Reads DC-03 blocks in their order."""

    events: list[SiaEvent] = field(default_factory=list)
    _area: str | None = None
    _module: str | None = None

    def read(self, block: str) -> None:
        """Read a block; a text goes on to its end, for it may hold a `/`."""
        start = _FIRST_PACKET.match(block)
        at = start.end() if start else 0
        while found := _PACKET.search(block, at):
            if _starts_text(found[0]):
                self._add_text(block[found.start() + 1 :])
                return
            self._packet(found[0])
            at = found.end()

    def _packet(self, packet: str) -> None:
        while modifier := _MODIFIER.match(packet):
            self._modify(*modifier.groups())
            packet = packet[modifier.end() :]
        code = _CODE.fullmatch(packet)
        if code:
            self._add(code[1], code[2])
            self._add_text(code[3])
        elif packet.isdigit() and self.events:
            self._add(self.events[-1].code, packet)

    def _modify(self, name: str, value: str) -> None:
        if name == "ri":
            self._area = _number(value)
        elif name == "pi":
            self._module = _number(value)

    def _add(self, code: str, number: str) -> None:
        event = SiaEvent(code=code, number=_number(number), area=self._area, module=self._module)
        self.events.append(event)

    def _add_text(self, text: str) -> None:
        if self.events and text:
            self.events[-1] = replace(self.events[-1], text=_plain(text))


def _starts_text(packet: str) -> bool:
    """Return True if a packet is `A` and a text, and not a code such as `AT` (no mains)."""
    code = _CODE.fullmatch(packet)
    is_code = code and code[1] in SIA_CODES and code[3][:1] in ("", "*", "^")
    return packet.startswith("A") and not is_code


def _with_text(event: SiaEvent, data: Mapping[str, str]) -> SiaEvent:
    """Return the event with the frame's texts, each once."""
    words = [event.text, *(_plain(data[name]) for name in _TEXT_DATA if name in data)]
    text = ", ".join(dict.fromkeys(item for item in words if item))
    return replace(event, text=text[:_MOST_TEXT] or None)


def _plain(text: str) -> str:
    """Return a text without its quotes; panels write UTF-8 or Windows-1252."""
    raw = text.encode("latin-1", errors="replace")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return _TEXT_ENDS.sub("", text)


def _number(text: str) -> str | None:
    return text.lstrip("0") or None


def _time(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, _TIME).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
