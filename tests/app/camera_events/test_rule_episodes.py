"""What cameras tell becomes events of rules: once, with a beginning and an end."""

from itertools import count

import pytest

from thapcanh.app.camera_events.rule_episodes import (
    MOST_SOURCES,
    REPEATS_WITHIN_S,
    STATES_WITHIN_S,
    TOLD_EVERY_S,
    RuleEpisodes,
)
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.camera_event import CameraEventRule
from thapcanh.ingest.onvif.event_topics import OnvifEvent, OnvifEventKind

NOON = 1_790_000_000.0
DOOR = CameraEventRule(id="door", events=(OnvifEventKind.DIGITAL_INPUT,), source="1", priority=1)
ANY_INPUT = CameraEventRule(id="any", events=(OnvifEventKind.DIGITAL_INPUT,))
CROSSED = CameraEventRule(id="gate", events=(OnvifEventKind.LINE_CROSSED,))


def _episodes(*rules: CameraEventRule) -> RuleEpisodes:
    ids = count(1)
    made = RuleEpisodes(lambda: f"id-{next(ids)}")
    made.follow({"cam": rules}, frozenset())
    return made


def _input(
    is_active: bool | None = True,
    source: str = "1",
    told_at: float | None = None,
    **more: bool,
) -> OnvifEvent:
    return OnvifEvent(
        kind=OnvifEventKind.DIGITAL_INPUT,
        source=source,
        is_active=is_active,
        told_at=told_at,
        **more,
    )


def _line(source: str = "west") -> OnvifEvent:
    return OnvifEvent(kind=OnvifEventKind.LINE_CROSSED, source=source, is_active=None)


def _phases(events: list[Event]) -> list[EventPhase]:
    return [one.phase for one in events]


def test_a_contact_raises_once_and_clears_after_a_rest() -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(), NOON)
    (raised,) = episodes.due(NOON)
    assert (raised.phase, raised.kind, raised.rule_id) == (
        EventPhase.RAISED,
        "camera_event",
        "door",
    )
    assert (raised.priority, raised.label, raised.camera_id) == (1, "digital_input", "cam")
    assert raised.reason == "told by the camera: digital_input 1"
    episodes.take("cam", _input(), NOON + 1)  # said again: nothing new
    assert episodes.due(NOON + 500) == []
    episodes.take("cam", _input(is_active=False), NOON + 500)
    assert episodes.due(NOON + 519) == []
    (cleared,) = episodes.due(NOON + 520)
    assert (cleared.phase, cleared.event_id) == (EventPhase.CLEARED, raised.event_id)
    assert episodes.due(NOON + 999) == []


def test_a_contact_that_chatters_raises_once() -> None:
    episodes, told = _episodes(DOOR), []
    for step in range(2000):
        episodes.take("cam", _input(is_active=step % 2 == 0), NOON + step * 0.01)
        told += episodes.due(NOON + step * 0.01)
    assert _phases(told) == [EventPhase.RAISED, EventPhase.UPDATED]
    assert told[1].captured_at - NOON >= TOLD_EVERY_S


def test_a_contact_whose_rest_was_not_heard_raises_again() -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(), NOON)
    assert _phases(episodes.due(NOON)) == [EventPhase.RAISED]
    episodes.restart("cam", NOON + 100)
    episodes.take("cam", _input(is_initial=True), NOON + 101)  # it holds, as the camera says
    assert _phases(episodes.due(NOON + 101)) == [EventPhase.UPDATED]
    assert episodes.due(NOON + 500) == []
    episodes.restart("cam", NOON + 500)  # now of a camera that tells no states
    assert episodes.due(NOON + 500 + STATES_WITHIN_S) == []
    assert _phases(episodes.due(NOON + 520 + STATES_WITHIN_S)) == [EventPhase.CLEARED]
    episodes.take("cam", _input(), NOON + 900)
    assert _phases(episodes.due(NOON + 900)) == [EventPhase.RAISED]


@pytest.mark.parametrize("is_initial", [True, False])
def test_a_contact_that_is_closed_after_a_lost_subscription_is_another_event(
    is_initial: bool,
) -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(told_at=NOON), NOON)
    (first,) = episodes.due(NOON)
    again = NOON + REPEATS_WITHIN_S
    episodes.restart("cam", again - 2)
    episodes.restart("cam", again - 1)  # lost at once, before a word
    episodes.take("cam", _input(told_at=again - 5, is_initial=is_initial), again)
    (ended,) = episodes.due(again)
    assert (ended.phase, ended.event_id) == (EventPhase.CLEARED, first.event_id)
    (second,) = episodes.due(again + 1)
    assert second.phase is EventPhase.RAISED
    assert second.event_id != first.event_id
    assert episodes.due(again + 500) == []


@pytest.mark.parametrize(
    ("told_at", "after_s"),
    [(NOON, 500.0), (None, 500.0), (NOON + 30, REPEATS_WITHIN_S - 1)],
)
def test_a_contact_that_a_new_subscription_finds_as_it_was_is_no_other_event(
    told_at: float | None, after_s: float
) -> None:
    episodes, again = _episodes(DOOR), NOON + after_s
    episodes.take("cam", _input(told_at=NOON), NOON)
    assert len(episodes.due(NOON)) == 1
    episodes.restart("cam", again)
    episodes.take("cam", _input(told_at=told_at, is_initial=True), again)
    assert _phases(episodes.due(again)) == [EventPhase.UPDATED]
    assert episodes.due(again + 500) == []


def test_a_camera_that_names_its_inputs_anew_each_time_fills_no_memory() -> None:
    episodes = _episodes(ANY_INPUT)
    for number in range(20 * MOST_SOURCES):
        episodes.take("cam", _input(source=f"{number}"), NOON + number)
        episodes.due(NOON + number)
        episodes.restart("cam", NOON + number)
    (known,) = episodes._registered.values()
    assert len(known.unsure) == MOST_SOURCES


@pytest.mark.parametrize("later_s", [1.0, -86_400.0])
def test_a_contact_that_closes_again_after_a_lost_end_is_another_event(later_s: float) -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(told_at=NOON), NOON)
    (first,) = episodes.due(NOON)
    again = NOON + REPEATS_WITHIN_S
    episodes.take("cam", _input(told_at=NOON + later_s), again)  # its clock may have been put back
    (ended,) = episodes.due(again)
    assert (ended.phase, ended.event_id) == (EventPhase.CLEARED, first.event_id)
    (second,) = episodes.due(again + 1)
    assert second.phase is EventPhase.RAISED
    assert second.event_id != first.event_id
    assert episodes.due(again + 500) == []


@pytest.mark.parametrize(
    "repeated",
    [
        _input(told_at=NOON),  # the same message twice
        _input(told_at=NOON + 500, is_initial=True),  # a synchronization point
        _input(),  # no moment at all
    ],
)
def test_a_state_that_is_only_told_again_is_no_other_event(repeated: OnvifEvent) -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(told_at=NOON), NOON)
    assert len(episodes.due(NOON)) == 1
    episodes.take("cam", repeated, NOON + 500)
    assert episodes.due(NOON + 500) == []


def test_a_camera_that_repeats_a_state_while_it_holds_raises_once() -> None:
    episodes, told = _episodes(DOOR), []
    for second in range(600):
        episodes.take("cam", _input(told_at=NOON + second), NOON + second)
        told += episodes.due(NOON + second)
    assert _phases(told) == [EventPhase.RAISED]


def test_an_input_that_is_taken_away_ends_an_alert_and_begins_none() -> None:
    gone = _input(is_active=None, is_deleted=True)
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(), NOON)
    assert _phases(episodes.due(NOON)) == [EventPhase.RAISED]
    episodes.take("cam", gone, NOON + 1)
    assert _phases(episodes.due(NOON + 30)) == [EventPhase.CLEARED]
    closed_at_rest = _episodes(DOOR.model_copy(update={"when_inactive": True}))
    closed_at_rest.take("cam", gone, NOON)
    assert closed_at_rest.due(NOON) == []
    closed_at_rest.take("cam", _input(is_active=False), NOON + 1)
    closed_at_rest.take("cam", gone, NOON + 2)
    assert _phases(closed_at_rest.due(NOON + 3)) == [EventPhase.RAISED]
    assert _phases(closed_at_rest.due(NOON + 30)) == [EventPhase.CLEARED]


def test_a_contact_that_closed_and_opened_between_two_rounds_is_not_missed() -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(), NOON)
    episodes.take("cam", _input(is_active=False), NOON + 0.01)
    assert _phases(episodes.due(NOON + 0.2)) == [EventPhase.RAISED]
    assert _phases(episodes.due(NOON + 20.3)) == [EventPhase.CLEARED]


def test_a_state_that_already_held_when_listening_began_is_raised() -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(is_initial=True), NOON)
    assert _phases(episodes.due(NOON)) == [EventPhase.RAISED]


def test_a_contact_that_is_closed_at_rest_counts_when_it_opens() -> None:
    episodes = _episodes(DOOR.model_copy(update={"when_inactive": True}))
    episodes.take("cam", _input(), NOON)
    assert episodes.due(NOON) == []
    episodes.take("cam", _input(is_active=False), NOON)
    assert _phases(episodes.due(NOON)) == [EventPhase.RAISED]


def test_another_input_another_kind_and_another_camera_are_not_the_rules() -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(source="2"), NOON)
    episodes.take("cam", _line(), NOON)
    episodes.take("other", _input(), NOON)
    assert episodes.due(NOON) == []


def test_a_crossing_has_no_state_and_ends_by_itself() -> None:
    episodes = _episodes(CROSSED)
    episodes.take("cam", _line(), NOON)
    assert _phases(episodes.due(NOON)) == [EventPhase.RAISED]
    episodes.take("cam", _line(), NOON + 15)
    assert _phases(episodes.due(NOON + 15)) == [EventPhase.UPDATED]
    assert episodes.due(NOON + 34) == []
    assert _phases(episodes.due(NOON + 35)) == [EventPhase.CLEARED]


def test_of_two_inputs_the_last_that_rests_ends_it() -> None:
    episodes = _episodes(DOOR.model_copy(update={"source": None}))
    for source in ("1", "2"):
        episodes.take("cam", _input(source=source), NOON)
    assert len(episodes.due(NOON)) == 1
    episodes.take("cam", _input(is_active=False, source="1"), NOON + 1)
    assert episodes.due(NOON + 100) == []
    episodes.take("cam", _input(is_active=False, source="2"), NOON + 100)
    assert _phases(episodes.due(NOON + 120)) == [EventPhase.CLEARED]


def test_what_still_holds_when_the_hours_begin_is_raised_then() -> None:
    night = DOOR.model_copy(update={"hours": ("22:00-05:00",)})
    day = NOON - NOON % 86_400  # 07:00 in Hanoi
    episodes = _episodes(night)
    episodes.take("cam", _input(), day)
    assert episodes.due(day) == []
    (raised,) = episodes.due(day + 15 * 3600)  # 22:00
    assert raised.reason.endswith("digital_input 1")


def test_sources_that_a_camera_invents_are_bounded() -> None:
    episodes = _episodes(DOOR.model_copy(update={"source": None}))
    for number in range(10 * MOST_SOURCES):
        episodes.take("cam", _input(source=f"s{number}"), NOON)
    ((known),) = episodes._registered.values()
    assert len(known.active) == MOST_SOURCES


def test_a_changed_rule_and_a_camera_that_is_listened_to_anew_begin_again() -> None:
    episodes = _episodes(DOOR)
    episodes.take("cam", _input(), NOON)
    assert len(episodes.due(NOON)) == 1
    episodes.follow({"cam": (DOOR,)}, frozenset())
    assert episodes.due(NOON + 1) == []
    episodes.follow({"cam": (DOOR,)}, frozenset({"cam"}))
    episodes.take("cam", _input(is_initial=True), NOON + 2)
    assert _phases(episodes.due(NOON + 2)) == [EventPhase.RAISED]
