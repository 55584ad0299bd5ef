"""Text of an event as a mail or a short message. Pure."""

from datetime import UTC, datetime
from typing import Any

from thapcanh.alerts.cap import words
from thapcanh.alerts.delivery.sender import MessageForm, PersonMessage
from thapcanh.alerts.delivery.short_message import (
    ShortMessage,
    cut,
    one_line,
    one_message,
    unmarked,
)
from thapcanh.alerts.store.outbox.outgoing import (
    ALERT,
    CALLER_LINK_TYPE,
    INCIDENT,
    TEST_TYPE,
    UNANSWERED_TYPE,
    OutgoingEvent,
)
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.web_api.language import Language
from thapcanh.config.local_time import LOCAL_TZ

_TITLE_UNITS = 150
_LINE_UNITS = 300
_SCREENS = {ALERT: "/history/", INCIDENT: "/incidents/"}
_DRILL = "DIỄN TẬP"
_UNANSWERED = "CHƯA AI NHẬN"
_write_line = ExportVocabulary(Language.VI)


def person_message(
    event: OutgoingEvent, site_name: str, form: MessageForm, *, screens: str | None = None
) -> PersonMessage:
    """Return the message of an event; `site_name` names the sender.

    `screens` is the screens' address; a full message without it has no link.
    """
    if event.type == CALLER_LINK_TYPE:  # whole: a link that is cut leads nowhere
        text = str(event.data["text"])
        return PersonMessage(title="", text=text if form != "sms_unmarked" else unmarked(text))
    if form == "full":
        return _full(event, site_name, screens)
    short = ShortMessage(head=_head(event), middle=_place(event), end=_number(event) or site_name)
    if event.type == TEST_TYPE:
        short = ShortMessage(head=str(event.data["text"]), middle="", end=site_name)
    return PersonMessage(title="", text=one_message(short, unmarked=form == "sms_unmarked"))


def _full(event: OutgoingEvent, site_name: str, screens: str | None) -> PersonMessage:
    if event.type == TEST_TYPE:
        text = str(event.data["text"])
        return PersonMessage(title=one_line(text), text=f"{text}\nTrung tâm: {one_line(site_name)}")
    title = " · ".join(
        item for item in (_head(event).rstrip(":"), _place(event), _number(event)) if item
    )
    lines = (
        ("", _DRILL if event.exercise else ""),
        ("Sự việc", _kind(event)),
        ("Ưu tiên", f"P{event.priority}"),
        ("Trạng thái", _state(event)),
        ("Địa điểm", _place(event)),
        ("Tọa độ", _point(event.data)),
        ("Lúc", _local(event.at, "%H:%M:%S %d/%m/%Y")),
        ("Mã số", _number(event)),
        ("Trung tâm", site_name),
        ("Mở", _screen(event, screens)),
    )
    parts_value = [
        cut(one_line(f"{name}: {text}" if name else text), _LINE_UNITS)
        for name, text in lines
        if text
    ]
    return PersonMessage(title=cut(one_line(title), _TITLE_UNITS), text="\n".join(parts_value))


def _head(event: OutgoingEvent) -> str:
    drill = f"[{_DRILL}] " if event.exercise else ""
    state = f", {_state(event)}" if _states_itself(event) else ""
    return f"{drill}P{event.priority} {_kind(event)}{state} {_local(event.at, '%H:%M')}:"


def _states_itself(event: OutgoingEvent) -> bool:
    """Return False for events whose state is implied by the message itself."""
    return not event.type.endswith((".opened.v1", ".spoke.v1"))


def _state(event: OutgoingEvent) -> str:
    if event.type == UNANSWERED_TYPE:
        return _UNANSWERED
    return words.STATE.get(str(event.data.get("state")), ("", ""))[0]


def _kind(event: OutgoingEvent) -> str:
    wording = words.EVENT.get(event.kind)
    return wording[0] if wording else _write_line(f"kind.{event.kind}")


def _place(event: OutgoingEvent) -> str:
    parts_value = (event.data.get(name) for name in ("place", "ward", "camera_name"))
    parts = (part for item in parts_value if item for part in one_line(str(item)).split(", "))
    return ", ".join(dict.fromkeys(parts)) or words.NO_PLACE


def _screen(event: OutgoingEvent, screens: str | None) -> str:
    """Return the screen's address of the event's subject."""
    about, _, its_id = event.subject.partition("/")
    path = _SCREENS.get(about)
    return f"{screens.rstrip('/')}{path}{its_id}" if screens and path else ""


def _number(event: OutgoingEvent) -> str:
    return str(event.data.get("number") or "")


def _point(data: Any) -> str:
    lat, lon = data.get("lat"), data.get("lon")
    return "" if lat is None or lon is None else f"{float(lat):.5f}, {float(lon):.5f}"


def _local(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ).strftime(form)
