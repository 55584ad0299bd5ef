"""When a trouble is raised, updated and cleared: tables of verdicts over time."""

from collections.abc import Sequence

import pytest

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import (
    HealthCheck,
    HealthMonitor,
    HealthProblem,
    HealthVerdict,
)
from thapcanh.detection.event import Event, EventPhase

FAULT, FINE, UNSURE = HealthVerdict.FAULT, HealthVerdict.FINE, HealthVerdict.UNSURE
OFFLINE = HealthProblem(
    rule_id="camera_offline",
    kind=SystemKind.CAMERA_OFFLINE,
    raise_after_s=15.0,
    clear_after_s=30.0,
)


def sign(verdict: HealthVerdict, reason: str = "why", subject: str = "gate") -> HealthCheck:
    return HealthCheck(trouble=OFFLINE, subject=subject, verdict=verdict, reason=reason)


def play(watch: HealthMonitor, story: str, every_s: float = 5.0) -> list[tuple[float, EventPhase]]:
    """`x` is a fault, `.` fine, `?` unsure, one every `every_s`; what was told, and when."""
    verdicts = {"x": FAULT, ".": FINE, "?": UNSURE}
    return [
        (number * every_s, event.phase)
        for number, letter in enumerate(story)
        for event in watch.judge([sign(verdicts[letter])], number * every_s)
    ]


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("......", []),
        ("xxx...", []),  # shorter than a fault
        ("xxxx", [(15.0, EventPhase.RAISED)]),
        ("xxxxxxxx", [(15.0, EventPhase.RAISED)]),
        ("xxxx.......", [(15.0, EventPhase.RAISED), (50.0, EventPhase.CLEARED)]),
        ("xxxx......", [(15.0, EventPhase.RAISED)]),  # not well for long enough
        ("x.x.x.x.x.x", [(20.0, EventPhase.RAISED)]),  # flapping is a fault …
        ("xxxx.x.x.x.x.x.x", [(15.0, EventPhase.RAISED)]),  # … and one episode
        ("x...x...x...x", []),  # far apart they are hiccups
        ("xx??xx", [(20.0, EventPhase.RAISED)]),  # what cannot be told changes nothing
        ("xxxx????????????", [(15.0, EventPhase.RAISED)]),
        ("xxxx..?....", [(15.0, EventPhase.RAISED), (50.0, EventPhase.CLEARED)]),
    ],
)
def test_stories(story: str, told: list[tuple[float, EventPhase]]) -> None:
    assert play(HealthMonitor(), story) == told


def through(
    watch: HealthMonitor, findings: Sequence[HealthCheck], start_s: int, end_s: int
) -> list[Event]:
    """What is told while the same signs are seen from one moment to another."""
    return [
        event
        for second in range(start_s, end_s + 1)
        for event in watch.judge(findings, float(second))
    ]


def test_an_episode_keeps_its_event_id_and_each_message_has_its_own() -> None:
    watch = HealthMonitor()
    (raised,) = through(watch, [sign(FAULT)], 0, 15)
    (updated,) = through(watch, [sign(FAULT, "another reason")], 16, 75)
    (cleared,) = through(watch, [sign(FINE, "pictures come")], 80, 110)
    assert [each.phase for each in (raised, updated, cleared)] == list(EventPhase)
    assert raised.event_id == updated.event_id == cleared.event_id
    assert len({raised.id, updated.id, cleared.id}) == 3
    assert (updated.reason, cleared.reason) == ("another reason", "pictures come")
    assert watch.raised == frozenset()


def test_a_reason_that_changes_all_the_time_is_told_once_a_minute() -> None:
    watch = HealthMonitor()
    told = [
        event
        for second in range(200)
        for event in watch.judge([sign(FAULT, f"reason {second}")], float(second))
    ]
    assert [event.captured_at for event in told] == [15.0, 75.0, 135.0, 195.0]


def test_a_subject_that_is_gone_ends_its_episode() -> None:
    watch = HealthMonitor()
    through(watch, [sign(FAULT)], 0, 15)
    (gone,) = watch.judge([], 16.0)
    assert (gone.phase, gone.reason) == (EventPhase.CLEARED, "no_longer_watched")
    assert watch.judge([], 17.0) == []


def test_what_was_raised_before_a_restart_is_told_again_not_raised_again() -> None:
    watch = HealthMonitor()
    (raised,) = through(watch, [sign(FAULT)], 0, 15)
    restarted = HealthMonitor([raised])
    (again,) = restarted.judge([sign(FAULT)], 20.0)
    assert (again.phase, again.event_id) == (EventPhase.UPDATED, raised.event_id)
    assert restarted.judge([sign(FAULT)], 21.0) == []


def test_what_was_raised_before_a_restart_and_is_well_now_is_cleared() -> None:
    watch = HealthMonitor()
    (raised,) = through(watch, [sign(FAULT)], 0, 15)
    restarted = HealthMonitor([raised])
    assert through(restarted, [sign(FINE)], 20, 49) == []
    (cleared,) = restarted.judge([sign(FINE)], 50.0)
    assert (cleared.phase, cleared.event_id) == (EventPhase.CLEARED, raised.event_id)


def test_the_clock_may_be_stepped_back_and_messages_keep_their_order() -> None:
    watch = HealthMonitor()
    (raised,) = through(watch, [sign(FAULT)], 1000, 1015)
    (gone,) = watch.judge([], 10.0)
    assert gone.captured_at >= raised.captured_at


def test_a_clock_that_is_set_neither_raises_nor_holds_back() -> None:
    watch = HealthMonitor()
    through(watch, [sign(FAULT)], 1000, 1002)
    assert watch.judge([sign(FAULT)], 4600.0) == [], "an hour forward"
    (raised,) = through(watch, [sign(FAULT)], 4601, 4610)
    (cleared,) = through(watch, [sign(FINE)], 1010, 1050)  # an hour back
    assert (raised.phase, cleared.phase) == (EventPhase.RAISED, EventPhase.CLEARED)


def test_what_another_raised_is_gone_on_with_and_what_both_raised_is_ended_once() -> None:
    other, watch = HealthMonitor(), HealthMonitor()
    (of_gate,) = through(other, [sign(FAULT)], 0, 15)
    (of_yard,) = through(watch, [sign(FAULT, subject="yard")], 0, 15)
    (also_of_yard,) = through(HealthMonitor(), [sign(FAULT, subject="yard")], 0, 15)
    assert watch.adopt([of_gate, of_yard, also_of_yard]) == [also_of_yard]
    assert watch.adopt([of_gate, of_yard]) == []
    assert watch.raised == {("camera_offline", "gate", ""), ("camera_offline", "yard", "")}
    (gone,) = watch.judge([sign(FAULT, subject="yard")], 16.0)
    assert (gone.phase, gone.event_id) == (EventPhase.CLEARED, of_gate.event_id)


def test_a_camera_that_moved_ends_its_alarm_and_is_told_anew_where_it_is_now() -> None:
    watch, findings = HealthMonitor(), [sign(FAULT), sign(FAULT, subject="yard")]
    raised = {one.camera_id: one for one in through(watch, findings, 0, 20)}
    (ended,) = watch.end({"gate"}, "camera_moved", 21.0)
    assert (ended.event_id, ended.phase) == (raised["gate"].event_id, EventPhase.CLEARED)
    assert watch.end({"gate"}, "camera_moved", 22.0) == []
    (again,) = through(watch, findings, 22, 45)
    assert (again.camera_id, again.phase) == ("gate", EventPhase.RAISED)
    assert again.event_id != ended.event_id
