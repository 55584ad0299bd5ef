"""CAP 1.2: what is written holds by OASIS' schema, is read back, and what is wrong is named."""

from dataclasses import replace
from typing import Any

import pytest
from capvalidator import check_schema

from thapcanh.alerts.cap.from_cap import (
    is_over,
    new_incident_of,
    own_incident_id,
    priority_of,
    words_of,
)
from thapcanh.alerts.cap.from_events import cap_of_event
from thapcanh.alerts.cap.message import CapInfo, CapInvalid, CapMessage
from thapcanh.alerts.cap.reading import MOST_BYTES, read_cap
from thapcanh.alerts.cap.writing import write_cap
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import NewMember
from thapcanh.alerts.store.outbox.outgoing import EarlierEvent, OutgoingEvent, daily_test

AT = 1_795_570_000.0
SITE = ("/thapcanh/Trung%20t%C3%A2m", "Trung tâm")
ID = "01931f2e-0000-7000-8000-000000000001"
DATA = {
    "state": "open", "number": "VV-20261124-0001", "place": "12 Hàng Bài", "ward": "Cửa Nam",
    "lat": 21.0245, "lon": 105.8512,
}  # fmt: skip
OPENED = OutgoingEvent(
    type="thapcanh.incident.opened.v1", subject=f"incident/{ID}", kind="fire", priority=1,
    version=1, at=AT, data=DATA,
)  # fmt: skip
NOTE = NewMember(type=MemberType.NOTE, id="cap:x", words="x", agency="pc07")


def told(state: str, version: int, earlier: EarlierEvent | None, **changes: Any) -> CapMessage:
    event = replace(
        OPENED, type=f"thapcanh.incident.{state}.v1", version=version, at=AT + version,
        data=DATA | {"state": state}, **changes,
    )  # fmt: skip
    return cap_of_event(event, SITE, earlier)


@pytest.mark.parametrize(
    "message",
    [
        cap_of_event(OPENED, SITE, None),
        told("assessed", 2, EarlierEvent.of(OPENED)),
        told("closed", 3, EarlierEvent.of(OPENED)),
        cap_of_event(replace(OPENED, exercise=True), SITE, None),
        cap_of_event(replace(OPENED, data={"state": "open", "place": "a\x0b<&>"}), SITE, None),
        cap_of_event(replace(OPENED, kind="smoke", data={"state": "new"}), SITE, None),
        cap_of_event(replace(OPENED, kind="camera_lost", data={}), SITE, None),
        cap_of_event(daily_test("ward", AT), SITE, None),
    ],
)
def test_what_is_written_holds_and_is_read_back(message: CapMessage) -> None:
    written = write_cap(message)
    assert check_schema(written).passed, written.decode()
    read = read_cap(written)
    assert read.reference == message.reference
    assert (read.status, read.msg_type, read.kind) == (
        message.status, message.msg_type, message.kind
    )  # fmt: skip
    assert [one.language for one in read.infos] == ["vi-VN", "en-US"]
    assert read.references == message.references
    assert (read.area.lat, read.area.lon) == (message.area.lat, message.area.lon)


def test_an_alert_is_updated_and_cancelled_by_reference() -> None:
    first = cap_of_event(OPENED, SITE, None)
    second = told("assessed", 2, EarlierEvent.of(OPENED))
    third = told("closed", 3, EarlierEvent(type="a.b.assessed.v1", version=2, at=AT + 2))
    assert [one.msg_type for one in (first, second, third)] == ["Alert", "Update", "Cancel"]
    assert second.references == (first.reference,)
    assert third.references[0].identifier == f"incident-{ID}-2-assessed"
    assert own_incident_id(third.reference.identifier) == ID
    assert third.infos[0].urgency == "Past"
    assert cap_of_event(replace(OPENED, exercise=True), SITE, None).status == "Exercise"
    assert cap_of_event(daily_test("ward", AT), SITE, None).status == "Test"


def test_another_centres_message_opens_what_it_says() -> None:
    read = read_cap(write_cap(cap_of_event(OPENED, SITE, None)))
    new = new_incident_of(read, NOTE, AT + 60)
    assert (new.kind, new.priority, new.agency) == (IncidentKind.FIRE, 1, "pc07")
    assert new.place.position == (21.0245, 105.8512)
    assert new.place.text == "12 Hàng Bài, Cửa Nam"
    assert new.at == AT
    assert new_incident_of(read, NOTE, AT - 60).at == AT - 60  # their clock is ahead
    assert words_of(read).startswith("Trung tâm báo tin: Cháy · 12 Hàng Bài · VV-")


LAUGHS = (
    b"<!DOCTYPE a [<!ENTITY b0 'ha'>"
    + b"".join(b"<!ENTITY b%d '%s'>" % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><alert>&b9;</alert>"
)
GOOD = write_cap(cap_of_event(OPENED, SITE, None)).decode()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "not XML"),
        (b"<alert/>", "the root is not an alert"),
        (b"\xff\xfe\x00", "not XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "not allowed"),
        (b" " * (MOST_BYTES + 1), "longer than"),
        (GOOD.replace("Actual", "Perhaps").encode(), "status: expected one of Actual"),
        (GOOD.replace("21.024500,", "north,").encode(), "area: expected a number"),
        (GOOD.replace("21.024500,", "121.0245,").encode(), "area: expected latitude"),
        (GOOD.replace("<sent>2026", "<sent>soon").encode(), "sent: expected a time"),
        (GOOD.replace("+07:00</sent>", "</sent>").encode(), "sent: expected a time"),
        (GOOD.replace("<sender>", "<sender>a b").encode(), "sender: no spaces"),
        (GOOD.replace(" 0.1</circle>", " -1</circle>").encode(), "circle: expected a radius"),
        (GOOD.replace("<sent>2026", "<sent>9999").encode(), "sent: expected a time"),
        (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "not allowed"),
        (LAUGHS, "not allowed"),
        (GOOD.replace("utf-8", "klingon").encode(), "not XML"),
        (GOOD.replace("utf-8", "utf-16").encode(), "not XML"),
        (GOOD.encode("latin-1", "xmlcharrefreplace") + b"\xff", "not XML"),
        (GOOD.replace("sender>", "from>").encode(), "sender is missing"),
        (GOOD.replace("<urgency>Immediate</urgency>", "").encode(), "urgency is missing"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, fault: str) -> None:
    with pytest.raises(CapInvalid, match=fault):
        read_cap(body)


def test_a_message_of_a_stranger_is_read() -> None:
    """A polygon, no info of ours, English only."""
    polygon = "<polygon>21.00,105.00 21.01,105.00 21.02,105.015 21.00,105.00</polygon>"
    body = GOOD.replace("<circle>21.024500,105.851200 0.1</circle>", polygon)
    body = body.replace("thapcanh:kind", "their:code").replace(">Immediate<", ">Unknown<")
    read = read_cap(body.replace(">Fire<", ">Transport<").encode())
    new = new_incident_of(read, NOTE, AT)
    assert (new.kind, new.priority) == (IncidentKind.TRAFFIC, 2)
    assert new.place.position == pytest.approx((21.01, 105.005))


def in_area(area: str) -> CapMessage:
    circle = "<circle>21.024500,105.851200 0.1</circle>"
    return read_cap(GOOD.replace(circle, area).replace("thapcanh:kind", "their:code").encode())


@pytest.mark.parametrize(
    ("area", "is_place"),
    [
        ("<circle>21.02,105.85 2</circle>", True),
        ("<circle>21.02,105.85 2.1</circle>", False),
        ("<polygon>21.0,105.0 21.2,105.0 21.1,105.3 21.0,105.0</polygon>", False),
        ("<circle>21.02,105.85 0.1</circle><circle>21.06,105.85 0.1</circle>", False),
        ("<geocode><valueName>ma-xa</valueName><value>tay-ho</value></geocode>", False),
    ],
)
def test_a_large_area_is_no_place(area: str, is_place: bool) -> None:
    place = new_incident_of(in_area(area), NOTE, AT).place
    assert (place.position is not None) is is_place
    assert place.text == "12 Hàng Bài, Cửa Nam"


@pytest.mark.parametrize(
    ("urgency", "severity", "certainty", "priority"),
    [
        ("Immediate", "Extreme", "Observed", 1),
        ("Immediate", "Severe", "Possible", 1),
        ("Immediate", "Moderate", "Observed", 2),
        ("Immediate", "Minor", "Observed", 3),
        ("Immediate", "Extreme", "Unlikely", 3),
        ("Expected", "Extreme", "Likely", 2),
        ("Unknown", "Unknown", "Unknown", 2),
        ("Future", "Severe", "Likely", 3),
        ("Past", "Severe", "Observed", 3),
    ],
)
def test_priority_follows_the_table(
    urgency: str, severity: str, certainty: str, priority: int
) -> None:
    info = CapInfo(
        language="vi-VN", category="Infra", event="Mất điện", urgency=urgency,
        severity=severity, certainty=certainty,
    )  # fmt: skip
    assert priority_of(replace(cap_of_event(OPENED, SITE, None), infos=(info,))) == priority


def test_what_expired_is_over_but_another_centres_incident_is_not() -> None:
    message = cap_of_event(OPENED, SITE, None)
    later = AT + 25 * 3600
    assert not is_over(message, later)
    sectors = replace(message, kind=None)
    assert is_over(sectors, later)
    assert not is_over(sectors, AT)
    unending = replace(sectors, infos=tuple(replace(one, expires=None) for one in message.infos))
    assert is_over(unending, later)
    assert not is_over(unending, AT + 23 * 3600)
