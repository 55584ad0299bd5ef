"""ONVIF event messages: topics and simple items to `OnvifEvent`s."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from thapcanh.ingest.onvif.answers import at
from thapcanh.ingest.onvif.records import plain_text

MOST_MESSAGES = 100
"""Of one answer; a camera is asked for fewer."""
_MOST_ITEMS = 32
_LONGEST_SOURCE = 64


class OnvifEventKind(StrEnum):
    """Kind of an ONVIF event."""

    MOTION = "motion"
    TAMPER = "tamper"  # its view changed as a whole, went dark, blurred, or the signal is lost
    DIGITAL_INPUT = "digital_input"  # a contact that is wired to it: a door, a fire panel
    LINE_CROSSED = "line_crossed"
    FIELD_ENTERED = "field_entered"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifEvent:
    """ONVIF event. `source` is the input, the camera's own rule, or its video source."""

    kind: OnvifEventKind
    source: str
    is_active: bool | None
    """Its state; None of what happens in a moment and has no state, as a crossing."""
    is_initial: bool = False
    """A state as it was when the camera began to tell, not a change."""
    is_deleted: bool = False
    """The property is there no more, as of an input or a rule that was taken away: no state."""
    told_at: float | None = None
    """Unix seconds by the camera's own clock, which only tells its messages apart."""


_TOPICS: tuple[tuple[str, OnvifEventKind], ...] = (
    ("videosource/motionalarm", OnvifEventKind.MOTION),
    ("ruleengine/cellmotiondetector/intrusion", OnvifEventKind.FIELD_ENTERED),  # TP-Link
    ("ruleengine/cellmotiondetector/linecross", OnvifEventKind.LINE_CROSSED),
    ("ruleengine/cellmotiondetector/tamper", OnvifEventKind.TAMPER),
    ("ruleengine/cellmotiondetector", OnvifEventKind.MOTION),
    ("ruleengine/motionregiondetector", OnvifEventKind.MOTION),
    ("ruleengine/peopledetector", OnvifEventKind.MOTION),
    ("ruleengine/tpsmarteventdetector", OnvifEventKind.MOTION),
    ("ruleengine/myruledetector/peopledetect", OnvifEventKind.MOTION),  # Reolink
    ("ruleengine/myruledetector/vehicledetect", OnvifEventKind.MOTION),
    ("ruleengine/myruledetector/dogcatdetect", OnvifEventKind.MOTION),
    ("useralarm/iva/humanshapedetect", OnvifEventKind.MOTION),  # Dahua
    ("ruleengine/vmd3", OnvifEventKind.MOTION),  # Axis
    ("cameraapplicationplatform/vmd", OnvifEventKind.MOTION),
    ("videoanalytics/motiondetection", OnvifEventKind.MOTION),
    ("videosource/globalscenechange", OnvifEventKind.TAMPER),
    ("videosource/imagetoodark", OnvifEventKind.TAMPER),
    ("videosource/imagetoobright", OnvifEventKind.TAMPER),
    ("videosource/imagetooblurry", OnvifEventKind.TAMPER),
    ("videosource/signalloss", OnvifEventKind.TAMPER),
    ("videosource/tampering", OnvifEventKind.TAMPER),  # Axis
    ("ruleengine/tamperdetector", OnvifEventKind.TAMPER),
    ("device/trigger/digitalinput", OnvifEventKind.DIGITAL_INPUT),
    ("device/trigger/alarmin", OnvifEventKind.DIGITAL_INPUT),  # Hikvision
    ("device/io/port", OnvifEventKind.DIGITAL_INPUT),  # Axis
    ("device/io/virtualinput", OnvifEventKind.DIGITAL_INPUT),
    ("ruleengine/linedetector", OnvifEventKind.LINE_CROSSED),
    ("ruleengine/linecrossdetector", OnvifEventKind.LINE_CROSSED),
    ("ruleengine/fielddetector", OnvifEventKind.FIELD_ENTERED),
    ("ruleengine/intrusiondetector", OnvifEventKind.FIELD_ENTERED),
    ("cameraapplicationplatform/objectanalytics", OnvifEventKind.FIELD_ENTERED),  # Axis
)
"""Topics of which these are the beginning; the first that fits counts."""
_STATES = (
    "state", "logicalstate", "ismotion", "istamper", "isinside", "isintrusion", "islinecross",
    "ispeople", "istpsmartevent", "active", "motion", "tampering", "triggered",
)  # fmt: skip
_SOURCES = (
    "inputtoken", "alarmintoken", "port", "rule", "source", "videosourcetoken",
    "videosourceconfigurationtoken", "videosource",
)  # fmt: skip
_WORDS = {
    **dict.fromkeys(("true", "1", "on", "active", "yes", "high"), True),
    **dict.fromkeys(("false", "0", "off", "inactive", "no", "low"), False),
}


def read_messages(response: Any) -> tuple[list[OnvifEvent], int]:
    """Return the events of a PullMessages response, and the number of other messages."""
    listed = at(response, "NotificationMessage")
    messages = listed[:MOST_MESSAGES] if isinstance(listed, list) else []
    read = [_event(one) for one in messages]
    events = [one for one in read if one is not None]
    return events, len(read) - len(events)


def kind_of_topic(topic: object) -> OnvifEventKind | None:
    """Return the kind of a topic like `tns1:RuleEngine/CellMotionDetector/Motion`, or None."""
    if not isinstance(topic, str) or len(topic) > 500:
        return None
    steps = [step.rpartition(":")[2].strip().lower() for step in topic.split("/")]
    path = "/".join(steps) + "/"
    return next((kind for start, kind in _TOPICS if path.startswith(f"{start}/")), None)


def _event(response: Any) -> OnvifEvent | None:
    kind = kind_of_topic(at(response, "Topic", "_value_1"))
    message = at(response, "Message", "_value_1")
    if kind is None or not isinstance(message, dict):
        return None
    operation = message.get("PropertyOperation")
    is_deleted = operation == "Deleted"
    state = None if is_deleted else _state(_items(message, "Data"))
    is_initial = operation == "Initialized"
    if is_initial and state is None:
        return None  # nothing has happened yet
    return OnvifEvent(
        kind=kind,
        source=_source(_items(message, "Source")),
        is_active=state,
        is_initial=is_initial,
        is_deleted=is_deleted,
        told_at=_timestamp(message.get("UtcTime")),
    )


def _timestamp(reported: object) -> float | None:
    if not isinstance(reported, datetime):
        return None
    try:
        return (reported if reported.tzinfo else reported.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):  # a year 1 or 9999 with an offset
        return None


def _items(message: dict[str, Any], part: str) -> dict[str, str]:
    """Return a message's simple items by lower-case name."""
    listed = at(message, part, "SimpleItem")
    items = listed[:_MOST_ITEMS] if isinstance(listed, list) else []
    named = ((at(one, "Name"), at(one, "Value")) for one in items)
    return {str(name).lower(): str(value) for name, value in named if name and value is not None}


def _state(items: dict[str, str]) -> bool | None:
    existing = [items[name] for name in _STATES if name in items]
    # of an item that nobody knows, a number may be an object's
    others = [value for value in items.values() if value.lower() in ("true", "false")]
    words = [_WORDS.get(value.strip().lower()) for value in existing + others]
    return next((word for word in words if word is not None), None)


def _source(items: dict[str, str]) -> str:
    found = next((items[name] for name in _SOURCES if name in items), "")
    return plain_text(found)[:_LONGEST_SOURCE]
