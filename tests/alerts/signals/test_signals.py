"""The published form of a signal, its clock, its flood, and the events it becomes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from thapcanh.alerts.signals.device_clock import dated
from thapcanh.alerts.signals.device_events import DeviceEpisodes, reason_of
from thapcanh.alerts.signals.flood_limit import BURST, REQUESTS_PER_S, DeviceFlow, FloodVerdict
from thapcanh.alerts.signals.signal_schema import SignalBody, schema, schema_text
from thapcanh.detection.event import EventPhase

NOW = 1_795_570_000.0
TOLD: dict[str, Any] = {"device_id": "panel-17", "kind": "fire", "at": "2026-11-25T08:26:40+07:00"}


def test_the_published_schema_is_the_program_s() -> None:
    published = Path(__file__).parents[3] / "alerts" / "schema" / "signal.v1.json"
    assert published.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, True),
        ({"place": "Vòng 3", "value": 71.5}, True),
        ({"value": True, "more": "ignored"}, True),
        ({"kind": "flood"}, False),
        ({"kind": "restored", "restores": "fire"}, True),
        ({"kind": "restored", "restores": "heartbeat"}, False),
        ({"device_id": "../x"}, False),
        ({"device_id": None}, False),
        ({"place": "x" * 201}, False),
    ],
)
def test_schema_and_program_agree(changes: dict[str, object], right: bool) -> None:
    told = TOLD | changes
    assert Draft202012Validator(schema()).is_valid(told) is right
    if right:
        SignalBody.model_validate_json(json.dumps(told))
    else:
        with pytest.raises(ValidationError):
            SignalBody.model_validate_json(json.dumps(told))


@pytest.mark.parametrize("at", ["2026-11-25T08:26:40", "0001-01-01T00:00:00Z", "yesterday"])
def test_a_time_that_cannot_be_dated_is_refused(at: str) -> None:
    with pytest.raises(ValidationError):
        SignalBody.model_validate_json(json.dumps(TOLD | {"at": at}))


@pytest.mark.parametrize(
    ("told_at", "at", "ahead_s"),
    [
        (NOW - 1, NOW - 1, None),
        (NOW - 599, NOW - 599, None),  # it was cut off
        (NOW + 4, NOW, None),  # never in the future
        (NOW + 3600, NOW, 3600.0),
        (NOW - 86_400, NOW, -86_400.0),
    ],
)
def test_a_wrong_clock_is_told_and_corrected(
    told_at: float, at: float, ahead_s: float | None
) -> None:
    found = dated(told_at, NOW)
    assert (found.at, found.ahead_s) == (at, ahead_s)


def test_a_flood_is_counted_folded_and_then_refused() -> None:
    flow = DeviceFlow()
    verdicts = [flow.judge(100.0 + one / 1000) for one in range(1000)]
    taken = verdicts.count(FloodVerdict.TAKE)
    assert BURST <= taken <= BURST + 2
    assert verdicts.count(FloodVerdict.REFUSE) > 1000 - 2 * REQUESTS_PER_S - 1
    assert flow.folded == 1000 - taken
    assert flow.has_room(110.0)


def told(kind: str, device: str = "panel-17", **more: Any) -> SignalBody:
    at = "2026-11-25T00:00:00Z"
    return SignalBody.model_validate({"device_id": device, "kind": kind, "at": at, **more})


def test_one_episode_from_the_first_signal_to_its_end() -> None:
    at = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
    episodes = DeviceEpisodes()
    (lost,) = episodes.of_signal(told("fire"), at, at, "a")
    (first,) = episodes.of_signal(told("fire"), at, at, "a")
    assert (lost.phase, first.phase) == (EventPhase.RAISED, EventPhase.RAISED)  # none was saved
    episodes.saved(first)
    (again,) = DeviceEpisodes([first]).of_signal(told("fire"), at + 5, at, "b")
    assert (first.priority, first.phase) == (1, EventPhase.RAISED)
    assert (again.event_id, again.phase) == (first.event_id, EventPhase.UPDATED)
    assert episodes.of_signal(told("cleared", "panel-18"), at + 9, at, "c") == []
    assert episodes.of_signal(told("heartbeat"), at + 9, at, "c") == []
    (over,) = episodes.of_signal(told("cleared"), at + 9, at, "c")
    assert (over.event_id, over.phase) == (first.event_id, EventPhase.CLEARED)
    assert len(episodes.of_signal(told("cleared"), at + 9, at, "c")) == 1
    episodes.saved(over)
    assert episodes.of_signal(told("cleared"), at + 10, at, "c") == []


def test_a_kind_goes_on_until_its_last_zone_is_restored() -> None:
    at = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
    episodes = DeviceEpisodes()
    for kind, zone in (("fire", "1"), ("fire", "2"), ("fault", "1"), ("tamper", None)):
        for event in episodes.of_signal(told(kind, place=zone), at, at, "a"):
            episodes.saved(event)

    def over(kind: str, **more: Any) -> list[str]:
        events = episodes.of_signal(told(kind, **more), at + 1, at, "b")
        for event in events:
            episodes.saved(event)
        return [event.label for event in events]

    assert over("restored", place="1", restores="fire") == []
    assert over("restored", place="1", restores="fault") == ["fault"]
    assert over("restored", place="2", restores="fire") == ["fire"]
    assert over("cleared") == ["tamper"]


@pytest.mark.parametrize(
    ("kind", "event_kind", "rule", "priority"),
    [
        ("fire", "fire", "device", 1),
        ("smoke", "smoke", "device", 2),
        ("fault", "device_fault", "panel_fault", 3),
        ("supervisory", "device_fault", "panel_supervisory", 3),
        ("tamper", "device_fault", "panel_tamper", 3),
    ],
)
def test_what_is_wrong_with_a_panel_is_a_technician_s(
    kind: str, event_kind: str, rule: str, priority: int
) -> None:
    (event,) = DeviceEpisodes().of_signal(told(kind), 1.0, 1.0, "a")
    assert (event.kind, event.rule_id, event.priority) == (event_kind, rule, priority)


def test_the_reason_is_read_by_people() -> None:
    assert reason_of("Vòng 3", 71.5, 12) == "device signal: Vòng 3 · value 71.5 · 12 more folded"
