"""Folding: which alert a sighting belongs to, and when it is heard again."""

from dataclasses import replace
from typing import Any

import pytest

from tests.alerts.queue.fake_events import FIRST_AT, fake_event
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.deduplication import (
    AlertCondition,
    AlertEpisode,
    DedupDecision,
    DedupReason,
    DedupSettings,
    VerdictExtent,
    dedup_key,
    deduplicate,
)
from thapcanh.alerts.signals.device_events import reason_of, reported_zone
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.registry import class_group

SETTINGS = DedupSettings()
ACTIVE, CLEARED = AlertCondition.ACTIVE, AlertCondition.CLEARED

KNOWN = AlertEpisode(
    state=AlertState.NEW,
    verdict=None,
    verdict_at=None,
    condition=ACTIVE,
    cleared_at=None,
    spoken_priority=2,
    spoken_area=0.01,
    kind="fire",
    event_last_at=FIRST_AT,
    others_active=False,
)
OTHER = replace(KNOWN, event_last_at=None)
SMOKE = replace(KNOWN, kind="smoke")
STEAM = replace(SMOKE, state=AlertState.REJECTED, verdict=AlertState.REJECTED, verdict_at=1.0)
SAME_SIZE = {"priority": 2, "box": (0.4, 0.4, 0.1, 0.1)}
LARGE = {"priority": 2, "box": (0.4, 0.4, 0.2, 0.1)}


def rejected(at: float, *, known: bool, closed: bool = False) -> AlertEpisode:
    state = AlertState.CLOSED if closed else AlertState.REJECTED
    base = KNOWN if known else OTHER
    return replace(base, state=state, verdict=AlertState.REJECTED, verdict_at=at)


@pytest.mark.parametrize(
    ("episode", "changes", "expected"),
    [
        (None, {}, (DedupDecision.OPEN, "first", True)),
        (KNOWN, SAME_SIZE, (DedupDecision.INTO, "folded", False)),
        (OTHER, SAME_SIZE, (DedupDecision.INTO, "folded", False)),
        (KNOWN, {**SAME_SIZE, "priority": 1}, (DedupDecision.INTO, "priority_rose", True)),
        (KNOWN, {**SAME_SIZE, "priority": 3}, (DedupDecision.INTO, "folded", False)),
        (KNOWN, LARGE, (DedupDecision.INTO, "area_doubled", True)),
        # smoke that shows a flame is heard again as a fire
        (SMOKE, SAME_SIZE, (DedupDecision.INTO, "worse_kind", True)),
        (SMOKE, {**SAME_SIZE, "kind": "smoke"}, (DedupDecision.INTO, "folded", False)),
        (KNOWN, {**SAME_SIZE, "kind": "smoke"}, (DedupDecision.INTO, "folded", False)),
        (SMOKE, {**SAME_SIZE, "belief": 0.5}, (DedupDecision.INTO, "worse_kind", True)),
        (STEAM, SAME_SIZE, (DedupDecision.OPEN, "grew_after_rejection", True)),
        (STEAM, {**SAME_SIZE, "belief": 0.5}, (DedupDecision.INTO, "quiet_place", False)),
        (KNOWN, {**SAME_SIZE, "box": (0.4, 0.4, 0.19, 0.1)}, (DedupDecision.INTO, "folded", False)),
        (replace(KNOWN, other_zone=True), SAME_SIZE, (DedupDecision.INTO, "another_zone", True)),
        # acknowledged and confirmed alerts speak for growth too
        (
            replace(KNOWN, state=AlertState.ACKNOWLEDGED),
            LARGE,
            (DedupDecision.INTO, "area_doubled", True),
        ),
        (
            replace(KNOWN, state=AlertState.CONFIRMED),
            LARGE,
            (DedupDecision.INTO, "area_doubled", True),
        ),
        # a rejected place is quiet, counted, and opens a new alert when it grows
        (rejected(FIRST_AT, known=True), SAME_SIZE, (DedupDecision.INTO, "quiet_place", False)),
        (rejected(FIRST_AT, known=False), SAME_SIZE, (DedupDecision.INTO, "quiet_place", False)),
        (rejected(FIRST_AT, known=True), LARGE, (DedupDecision.OPEN, "grew_after_rejection", True)),
        (
            rejected(FIRST_AT - 1e6, known=True),
            SAME_SIZE,
            (DedupDecision.INTO, "quiet_place", False),
        ),
        (rejected(FIRST_AT - 899, known=False), SAME_SIZE, (DedupDecision.OPEN, "recurred", True)),
        # dated by a worker whose clock is an hour behind it was quiet for an hour longer
        (
            replace(rejected(FIRST_AT + 3600, known=False), verdict_ago_s=901.0),
            SAME_SIZE,
            (DedupDecision.OPEN, "recurred", True),
        ),
        # and one whose clock is seconds behind, by those
        (
            replace(rejected(FIRST_AT - 890, known=False), verdict_ago_s=901.0),
            SAME_SIZE,
            (DedupDecision.OPEN, "recurred", True),
        ),
        (
            rejected(FIRST_AT, known=False, closed=True),
            SAME_SIZE,
            (DedupDecision.INTO, "quiet_place", False),
        ),
        # a closed alert: the same event goes on silently, another one is new
        (
            replace(KNOWN, state=AlertState.CLOSED, verdict=AlertState.CONFIRMED),
            SAME_SIZE,
            (DedupDecision.INTO, "quiet_after_closing", False),
        ),
        (
            replace(KNOWN, state=AlertState.CLOSED, verdict=AlertState.CONFIRMED),
            LARGE,
            (DedupDecision.OPEN, "grew_after_closing", True),
        ),
        (
            replace(KNOWN, state=AlertState.CLOSED, other_zone=True),
            SAME_SIZE,
            (DedupDecision.OPEN, "grew_after_closing", True),
        ),
        (
            replace(OTHER, state=AlertState.CLOSED, verdict=AlertState.CONFIRMED),
            SAME_SIZE,
            (DedupDecision.OPEN, "recurred", True),
        ),
    ],
)
def test_table(
    episode: AlertEpisode | None,
    changes: dict[str, object],
    expected: tuple[DedupDecision, str, bool],
) -> None:
    seen = fake_event(2, **changes)
    folding = deduplicate(episode, seen, SETTINGS, cleared_before=False)
    assert (folding.decision, folding.reason, folding.speaks) == expected
    assert folding.condition is ACTIVE
    assert folding.counts
    assert folding.event_active


JUDGED = VerdictExtent(box=(0.4, 0.4, 0.1, 0.1), confidence=0.6)
TAUGHT = replace(rejected(FIRST_AT, known=True), judged=JUDGED)


@pytest.mark.parametrize(
    ("episode", "changes", "reason"),
    [
        (TAUGHT, {"confidence": 0.6}, "quiet_place"),
        (TAUGHT, {"confidence": 0.74}, "quiet_place"),
        (TAUGHT, {"confidence": 0.75}, "surer_after_rejection"),
        (TAUGHT, {"confidence": 0.6, "box": (0.4, 0.4, 0.2, 0.1)}, "grew_after_rejection"),
        (TAUGHT, {"confidence": 0.6, "priority": 1}, "grew_after_rejection"),
        # the same place: it touches what was judged, or nearly so
        (TAUGHT, {"confidence": 0.6, "box": (0.51, 0.4, 0.1, 0.1)}, "quiet_place"),
        (TAUGHT, {"confidence": 0.6, "box": (0.6, 0.4, 0.1, 0.1)}, "elsewhere_after_rejection"),
        (TAUGHT, {"confidence": 0.6, "box": (0.4, 0.8, 0.1, 0.1)}, "elsewhere_after_rejection"),
        # smoke is of the same class as fire, and walkers have no place
        (TAUGHT, {"confidence": 0.6, "kind": "smoke"}, "quiet_place"),
        (
            TAUGHT,
            {"confidence": 0.6, "kind": "intrusion", "box": (0.8, 0.8, 0.1, 0.1)},
            "quiet_place",
        ),
        (replace(TAUGHT, agreed=True), {"confidence": 0.6}, "agreed_after_rejection"),
        (replace(TAUGHT, other_zone=True), {"confidence": 0.6}, "elsewhere_after_rejection"),
        # nothing is known of what was judged: quiet all the same, as before
        (replace(TAUGHT, judged=None), {"confidence": 0.99}, "quiet_place"),
        (replace(TAUGHT, event_last_at=None), {"confidence": 0.6}, "quiet_place"),
        (
            replace(TAUGHT, event_last_at=None, verdict_at=FIRST_AT - 899),
            {"confidence": 0.6},
            "recurred",
        ),
    ],
)
def test_what_officers_rejected_is_quiet_until_it_is_another_thing(
    episode: AlertEpisode, changes: dict[str, object], reason: str
) -> None:
    seen = fake_event(2, **{**SAME_SIZE, **changes})
    folding = deduplicate(episode, seen, SETTINGS, cleared_before=False)
    assert folding.reason == reason
    assert folding.decision is (
        DedupDecision.INTO if reason == "quiet_place" else DedupDecision.OPEN
    )
    assert folding.speaks is (reason != "quiet_place")
    assert folding.counts


@pytest.mark.parametrize(
    ("state", "clear_s", "expected"),
    [
        (AlertState.NEW, 119.0, (DedupDecision.INTO, DedupReason.FOLDED)),
        (AlertState.NEW, 120.0, (DedupDecision.INTO, DedupReason.RETURNED)),
        (AlertState.NEW, 6000.0, (DedupDecision.INTO, DedupReason.RETURNED)),
        (AlertState.CONFIRMED, 599.0, (DedupDecision.INTO, DedupReason.RETURNED)),
        (AlertState.CONFIRMED, 600.0, (DedupDecision.OPEN, DedupReason.RECURRED)),
    ],
)
def test_what_returns_speaks_after_two_minutes_clear(
    state: AlertState, clear_s: float, expected: tuple[DedupDecision, DedupReason]
) -> None:
    episode = replace(OTHER, state=state, condition=CLEARED, cleared_at=FIRST_AT)
    seen = fake_event(1, **SAME_SIZE, captured_at=FIRST_AT + clear_s)
    folding = deduplicate(episode, seen, SETTINGS, cleared_before=False)
    assert (folding.decision, folding.reason) == expected
    assert folding.speaks is (folding.reason is not DedupReason.FOLDED)


@pytest.mark.parametrize(
    ("episode", "fold_", "reason", "condition"),
    [
        (KNOWN, DedupDecision.INTO, DedupReason.CLEARED, CLEARED),
        (
            replace(KNOWN, others_active=True),
            DedupDecision.INTO,
            DedupReason.CLEARED_IN_PART,
            ACTIVE,
        ),
        (OTHER, DedupDecision.NOTHING, DedupReason.NOTHING_TO_CLEAR, CLEARED),
        (None, DedupDecision.NOTHING, DedupReason.NOTHING_TO_CLEAR, CLEARED),
    ],
)
def test_clearing(
    episode: AlertEpisode | None,
    fold_: DedupDecision,
    reason: DedupReason,
    condition: AlertCondition,
) -> None:
    cleared = fake_event(2, phase=EventPhase.CLEARED)
    folding = deduplicate(episode, cleared, SETTINGS, cleared_before=False)
    assert (folding.decision, folding.reason, folding.condition) == (fold_, reason, condition)
    assert not folding.counts
    assert folding.event_active is False


def test_a_late_message_changes_neither_condition_nor_voice() -> None:
    episode = replace(KNOWN, condition=CLEARED, cleared_at=FIRST_AT, event_last_at=FIRST_AT + 60)
    folding = deduplicate(episode, fake_event(2, priority=1), SETTINGS, cleared_before=False)
    assert (folding.reason, folding.condition, folding.speaks) == (DedupReason.LATE, CLEARED, False)
    assert folding.event_active is None


@pytest.mark.parametrize("is_closed", [False, True])
def test_news_is_heard_though_a_clock_was_put_back(is_closed: bool) -> None:
    """It was late, and silent, until the clock was there again; so was a second zone's fire."""
    state = AlertState.CLOSED if is_closed else AlertState.NEW
    episode = replace(KNOWN, state=state, event_last_at=FIRST_AT + 3600)
    risen = fake_event(2, **{**SAME_SIZE, "priority": 1})
    assert deduplicate(episode, risen, SETTINGS, cleared_before=False).speaks
    same = fake_event(2, **SAME_SIZE)
    assert deduplicate(episode, same, SETTINGS, cleared_before=False).reason is DedupReason.LATE
    zone = replace(episode, other_zone=is_closed)
    assert deduplicate(zone, same, SETTINGS, cleared_before=False).speaks is is_closed


def test_raised_after_its_own_clearing_opens_an_alert_that_is_cleared() -> None:
    folding = deduplicate(None, fake_event(1), SETTINGS, cleared_before=True)
    assert (folding.decision, folding.condition, folding.speaks) == (
        DedupDecision.OPEN,
        CLEARED,
        True,
    )
    assert folding.event_active is False


def test_fire_and_smoke_at_one_place_are_one_condition() -> None:
    fire = fake_event(kind="fire", rule_id="fire")
    smoke = fake_event(kind="smoke", rule_id="smoke")
    assert class_group("smoke") == class_group("fire")
    assert dedup_key(fire) == dedup_key(smoke)


@pytest.mark.parametrize(
    "changes",
    [
        {"camera_id": "yard"},
        {"zone_id": "roof"},
        {"kind": "intrusion"},
        {"kind": "intrusion", "rule_id": "night"},
    ],
)
def test_another_camera_zone_rule_or_group_is_another_condition(changes: dict[str, Any]) -> None:
    assert dedup_key(fake_event(**changes)) != dedup_key(fake_event())


def test_two_rules_outside_a_group_are_two_conditions() -> None:
    day = fake_event(kind="intrusion", rule_id="day")
    night = fake_event(kind="intrusion", rule_id="night")
    assert dedup_key(day) != dedup_key(night)


@pytest.mark.parametrize(
    ("reason", "zone"),
    [
        (reason_of("tầng 2 · kho", 71.5, 3), "device signal: tầng 2, kho"),
        (reason_of(None, 71.5, 0), None),
        ("told by the camera: digital_input 2", "told by the camera: digital_input 2"),
        ("told by the camera: motion 2", None),
        ("3 of 5 looks · grows", None),
    ],
)
def test_which_zone_an_event_names(reason: str, zone: str | None) -> None:
    assert reported_zone(reason) == zone
