"""CAP messages of outgoing events: Alert, then Update, and Cancel at the end."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from thapcanh.alerts.cap import words
from thapcanh.alerts.cap.message import CapArea, CapInfo, CapMessage, CapReference
from thapcanh.alerts.incidents.kinds import kind_of_alert
from thapcanh.alerts.store.outbox.outgoing import NOTICE, TEST_TYPE, EarlierEvent, OutgoingEvent
from thapcanh.config.local_time import LOCAL_TZ

_VALID_S = 24 * 3600.0
_VALID_AFTER_END_S = 3600.0


def cap_of_event(
    event: OutgoingEvent, site: tuple[str, str], earlier: EarlierEvent | None
) -> CapMessage:
    """Return the message of an event; `site` is sender and name, `earlier` the last one sent.

    A notice names the version that it replaces, whether or not this receiver got it.
    """
    sender, name = site
    earlier = earlier or _replaced(event)
    state = str(event.data.get("state", ""))
    is_public = event.kind == NOTICE
    kind = _kind(str(event.data["kind"]) if is_public else event.kind)
    references = [] if earlier is None else [_reference(sender, event.subject, earlier)]
    origin = read_reference(str(event.data.get("origin") or ""))
    if origin is not None:
        references.append(origin)
    return CapMessage(
        reference=_reference(sender, event.subject, EarlierEvent.of(event)),
        sent=event.at,
        status=_status(event),
        msg_type=_msg_type(state, earlier),
        infos=(_public_info(event, kind, state),)
        if is_public
        else tuple(_info(event, kind, state, number) for number in range(len(words.LANGUAGES))),
        area=_area(event.data),
        kind=kind,
        sender_name=name,
        incidents=event.data.get("number"),
        references=tuple(references),
        is_public=is_public,
    )


def _replaced(event: OutgoingEvent) -> EarlierEvent | None:
    reported = event.data.get("replaces")
    return None if reported is None else EarlierEvent(**reported)


def cap_time(at: float) -> str:
    """Return a time as CAP writes it: local, to the second, with its offset."""
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ).isoformat(timespec="seconds")


def read_reference(text: str) -> CapReference | None:
    """Parse `sender,identifier,sent`; None if invalid."""
    parts = text.split(",")
    if len(parts) != 3 or not all(parts):
        return None
    return CapReference(sender=parts[0], identifier=parts[1], sent=parts[2])


def _reference(sender: str, subject: str, reported: EarlierEvent) -> CapReference:
    change = reported.type.split(".")[-2]
    at = f"-{int(reported.at)}" if reported.type == TEST_TYPE else ""
    identifier = f"{subject.replace('/', '-')}-{reported.version}-{change}{at}"
    return CapReference(sender=sender, identifier=identifier, sent=cap_time(reported.at))


def _status(event: OutgoingEvent) -> str:
    if event.type == TEST_TYPE:
        return "Test"
    return "Exercise" if event.exercise else "Actual"


def _msg_type(state: str, earlier: EarlierEvent | None) -> str:
    if earlier is None:
        return "Alert"
    return "Cancel" if state in words.ENDED else "Update"


def _kind(kind: str) -> str:
    return kind if kind in words.EVENT else kind_of_alert(kind).value


def _info(event: OutgoingEvent, kind: str, state: str, language: int) -> CapInfo:
    is_over = state in words.ENDED
    what = words.EVENT[kind][language]
    where = event.data.get("place") or event.data.get("camera_name")
    stated = words.STATE.get(state, ("", ""))[language]
    return CapInfo(
        language=words.LANGUAGES[language],
        category=words.CATEGORY.get(kind, "Other"),
        event=what,
        urgency="Past" if is_over else words.URGENCY[event.priority],
        severity=words.SEVERITY[event.priority],
        certainty="Possible" if state in words.UNSURE else "Observed",
        response="AllClear" if is_over else "Assess",
        headline=" · ".join(str(one) for one in (what, where, event.data.get("number")) if one),
        description=stated or str(event.data.get("text") or "") or None,
        expires=event.at + (_VALID_AFTER_END_S if is_over else _VALID_S),
    )


def _public_info(event: OutgoingEvent, kind: str, state: str) -> CapInfo:
    """Return a notice's text as signed, in its own language."""
    is_over = state in words.ENDED
    stated = event.data["reason"] if is_over else event.data["text"]
    return CapInfo(
        language=words.LANGUAGES[0],
        category=words.CATEGORY.get(kind, "Other"),
        event=words.EVENT[kind][0],
        urgency="Past" if is_over else "Unknown",
        severity="Unknown",
        certainty="Observed",
        headline=str(event.data["title"]),
        description=str(stated),
        expires=event.at + (_VALID_AFTER_END_S if is_over else _VALID_S),
    )


def _area(data: Mapping[str, Any]) -> CapArea:
    reported = (data.get("camera_name"), data.get("place"), data.get("ward"))
    text = ", ".join(str(one) for one in reported if one) or words.NO_PLACE
    lat, lon = data.get("lat"), data.get("lon")
    if lat is None or lon is None:
        return CapArea(text=text)
    return CapArea(text=text, lat=float(lat), lon=float(lon))
