"""The published form of a signal, its clock, its flood, and the events it becomes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from alerts.signals.device_clock import dated
from alerts.signals.device_events import DeviceEpisodes, reason_of
from alerts.signals.flood_limit import ASKED_PER_S, BURST, DeviceFlow, FloodVerdict
from alerts.signals.signal_schema import SignalBody, SignalKind, schema, schema_text
from detection.event import EventPhase

NOW = 1_795_570_000.0
TOLD = {"device_id": "panel-17", "kind": "fire", "at": "2026-11-25T08:26:40+07:00"}


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
    assert verdicts.count(FloodVerdict.REFUSE) > 1000 - 2 * ASKED_PER_S - 1
    assert flow.folded == 1000 - taken
    assert flow.has_room(110.0)


def test_one_episode_from_the_first_signal_to_its_end() -> None:
    at = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
    episodes = DeviceEpisodes()
    (lost,) = episodes.of_signal("panel-17", SignalKind.FIRE, at, at, "a")
    (first,) = episodes.of_signal("panel-17", SignalKind.FIRE, at, at, "a")
    assert (lost.phase, first.phase) == (EventPhase.RAISED, EventPhase.RAISED)  # none was saved
    episodes.saved(first)
    (again,) = DeviceEpisodes([first]).of_signal("panel-17", SignalKind.FIRE, at + 5, at, "b")
    assert (first.priority, first.phase) == (1, EventPhase.RAISED)
    assert (again.event_id, again.phase) == (first.event_id, EventPhase.UPDATED)
    assert episodes.of_signal("panel-18", SignalKind.CLEARED, at + 9, at, "c") == []
    assert episodes.of_signal("panel-17", SignalKind.HEARTBEAT, at + 9, at, "c") == []
    (over,) = episodes.of_signal("panel-17", SignalKind.CLEARED, at + 9, at, "c")
    assert (over.event_id, over.phase) == (first.event_id, EventPhase.CLEARED)
    assert len(episodes.of_signal("panel-17", SignalKind.CLEARED, at + 9, at, "c")) == 1
    episodes.saved(over)
    assert episodes.of_signal("panel-17", SignalKind.CLEARED, at + 10, at, "c") == []


def test_the_reason_is_read_by_people() -> None:
    assert reason_of("Vòng 3", 71.5, 12) == "device signal · Vòng 3 · value 71.5 · 12 more folded"
