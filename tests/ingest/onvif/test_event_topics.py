"""What cameras of several makers say, and what is made of it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from thapcanh.ingest.onvif.event_topics import (
    MOST_MESSAGES,
    OnvifEvent,
    OnvifEventKind,
    kind_of_topic,
    read_messages,
)

MOTION, TAMPER = OnvifEventKind.MOTION, OnvifEventKind.TAMPER
INPUT, LINE = OnvifEventKind.DIGITAL_INPUT, OnvifEventKind.LINE_CROSSED
FIELD = OnvifEventKind.FIELD_ENTERED


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("tns1:RuleEngine/CellMotionDetector/Motion", MOTION),
        ("ns4:RuleEngine/ns4:CellMotionDetector/Motion", MOTION),
        ("tns1:VideoSource/MotionAlarm", MOTION),
        ("tns1:RuleEngine/tnsaxis:VMD3/vmd3_video_1", MOTION),
        ("tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY", MOTION),
        ("tns1:RuleEngine/MyRuleDetector/PeopleDetect", MOTION),
        ("tns1:UserAlarm/IVA/HumanShapeDetect", MOTION),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", TAMPER),
        ("tns1:VideoSource/ImageTooDark/AnalyticsService", TAMPER),
        ("tns1:VideoSource/SignalLoss", TAMPER),
        ("tns1:RuleEngine/TamperDetector/Tamper", TAMPER),
        ("tns1:Device/Trigger/DigitalInput", INPUT),
        ("tns1:Device/Trigger/tnshik:AlarmIn", INPUT),
        ("tns1:Device/tnsaxis:IO/Port", INPUT),
        ("tns1:RuleEngine/LineDetector/Crossed", LINE),
        ("tns1:RuleEngine/CellMotionDetector/LineCross", LINE),
        ("tns1:RuleEngine/FieldDetector/ObjectsInside", FIELD),
        ("tns1:Device/Trigger/Relay", None),  # an output
        ("tns1:Device/Trigger/DigitalInputs", None),
        ("tns1:RuleEngine/MyRuleDetector/FaceDetect", None),
        ("", None), ("/" * 600, None), (None, None),
    ],
)  # fmt: skip
def test_a_topic_is_known_by_its_path_whatever_its_prefixes(
    topic: str | None, kind: OnvifEventKind | None
) -> None:
    assert kind_of_topic(topic) is kind


def _said(operation: str | None, data: dict[str, str], source: dict[str, str]) -> dict[str, Any]:
    def items(values: dict[str, str]) -> dict[str, Any]:
        return {"SimpleItem": [{"Name": name, "Value": value} for name, value in values.items()]}

    message = {"Source": items(source), "Data": items(data), "PropertyOperation": operation}
    topic = "tns1:Device/Trigger/DigitalInput"
    return {"Topic": {"_value_1": topic}, "Message": {"_value_1": message}}


@pytest.mark.parametrize(
    ("operation", "data", "source", "expected"),
    [
        ("Changed", {"LogicalState": "true"}, {"InputToken": "DI_1"}, ("DI_1", True, False)),
        ("Changed", {"State": "1"}, {"AlarmInToken": "A1"}, ("A1", True, False)),
        ("Changed", {"state": "0"}, {"port": "3"}, ("3", False, False)),
        ("Initialized", {"LogicalState": "False"}, {"InputToken": "1"}, ("1", False, True)),
        ("Changed", {"OwnName": "TRUE"}, {}, ("", True, False)),
        ("Changed", {"ObjectId": "1"}, {"Rule": "r"}, ("r", None, False)),
        ("Changed", {"State": "perhaps"}, {"Rule": "x" * 99}, ("x" * 64, None, False)),
    ],
)  # fmt: skip
def test_states_and_sources_are_read_as_makers_write_them(
    operation: str, data: dict[str, str], source: dict[str, str], expected: tuple[Any, ...]
) -> None:
    events, others = read_messages({"NotificationMessage": [_said(operation, data, source)]})
    name, is_active, is_initial = expected
    assert events == [
        OnvifEvent(kind=INPUT, source=name, is_active=is_active, is_initial=is_initial)
    ]
    assert others == 0


def test_a_deleted_property_has_no_state() -> None:
    said = _said("Deleted", {"LogicalState": "true"}, {"InputToken": "1"})
    (event,) = read_messages({"NotificationMessage": [said]})[0]
    assert (event.is_active, event.is_deleted) == (None, True)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (datetime(2026, 11, 27, tzinfo=UTC), 1_795_737_600.0),
        (datetime(2026, 11, 27), 1_795_737_600.0),  # noqa: DTZ001 as cameras write it
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), 253_402_343_999.999999),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_moment_of_a_message_is_the_cameras(told: object, at: float | None) -> None:
    said = _said("Changed", {"LogicalState": "true"}, {"InputToken": "1"})
    said["Message"]["_value_1"]["UtcTime"] = told
    (event,) = read_messages({"NotificationMessage": [said]})[0]
    assert event.told_at == at


def test_what_only_stood_there_at_the_beginning_is_nothing_that_happened() -> None:
    said = _said("Initialized", {"ObjectId": "1"}, {})
    assert read_messages({"NotificationMessage": [said]}) == ([], 1)


@pytest.mark.parametrize(
    "said",
    [None, [], "x", {"NotificationMessage": "x"}, {"NotificationMessage": [None, 3, {}, []]},
     {"NotificationMessage": [{"Topic": {"_value_1": "tns1:VideoSource/MotionAlarm"},
                               "Message": {"_value_1": ["x"]}}]}],
)  # fmt: skip
def test_nonsense_is_no_event(said: Any) -> None:
    assert read_messages(said)[0] == []


def test_one_answer_is_read_up_to_a_bound() -> None:
    many = [_said("Changed", {"LogicalState": "true"}, {})] * (MOST_MESSAGES + 50)
    assert len(read_messages({"NotificationMessage": many})[0]) == MOST_MESSAGES
