"""What a worker raises of itself, and how soon."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from thapcanh.app.health.health_monitor import HealthMonitor
from thapcanh.app.worker.health_checks import WorkerCondition, WorkerHealthChecks, evidence_trouble
from thapcanh.detection.event import Event, EventPhase


def camera(name: str, now: float, **changes: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "state": "online",
        "reason": "pictures",
        "detail": "pictures come",
        "picture": "ok",
        "last_frame_at": now,
    }
    return {**base, **changes}


def silent(name: str) -> dict[str, Any]:
    return camera(name, 0.0, state="backoff", reason="unreachable", detail="no answer")


def run(
    report: Callable[[float], WorkerCondition], seconds: int, watch: HealthMonitor | None = None
) -> list[Event]:
    """Judge every 2 s, as the worker does."""
    watch, findings, told = watch or HealthMonitor(), WorkerHealthChecks(), []
    for now in range(1000, 1000 + seconds, 2):
        raised = findings.read(report(float(now)), float(now), watch.raised)
        told += watch.judge(raised, float(now))
    return told


def working(now: float, *cameras: dict[str, Any], **changes: Any) -> WorkerCondition:
    looks = {"state": "looking", "reason": "started", "looks": int(now * 2)}
    return WorkerCondition(worker_id="worker-0", looks={**looks, **changes}, cameras=cameras)


def told_at(events: list[Event]) -> list[tuple[str, str, EventPhase, float]]:
    return [(e.rule_id, e.camera_id, e.phase, e.captured_at - 1000.0) for e in events]


def test_all_is_well_and_nothing_is_said() -> None:
    assert run(lambda now: working(now, camera("a", now), camera("b", now)), 120) == []


def test_a_dead_camera_is_known_within_30_s() -> None:
    events = run(lambda now: working(now, silent("a"), camera("b", now)), 40)
    assert told_at(events) == [("camera_offline", "a", EventPhase.RAISED, 16.0)]
    assert events[0].kind == "camera_offline"
    assert events[0].reason == "unreachable: no answer"


@pytest.mark.parametrize(
    ("picture", "rule"),
    [
        ("frozen", "camera_frozen"),
        ("dark", "camera_tampered"),
        ("moved", "camera_tampered"),
        ("damaged", "picture_damaged"),
    ],
)
def test_a_picture_that_shows_nothing_is_known_within_60_s(picture: str, rule: str) -> None:
    def report(now: float) -> WorkerCondition:
        # the picture's watch itself needs 20 s to call it so
        shown = picture if now >= 1020 else "ok"
        return working(now, camera("a", now, picture=shown))

    ((found, subject, phase, at),) = told_at(run(report, 70))
    assert (found, subject, phase) == (rule, "a", EventPhase.RAISED)
    assert at <= 60.0


def test_torn_pictures_do_not_end_the_alarm_of_a_camera_that_was_moved() -> None:
    """Where it looks cannot be told while they come."""

    def report(now: float) -> WorkerCondition:
        shown = "moved" if now < 1020 else "damaged" if now < 1100 else "ok"
        return working(now, camera("a", now, picture=shown))

    told = [(rule, phase) for rule, _, phase, at in told_at(run(report, 180)) if at < 100]
    assert told == [
        ("camera_tampered", EventPhase.RAISED),
        ("picture_damaged", EventPhase.RAISED),
    ]
    ended = [rule for rule, _, phase, at in told_at(run(report, 180)) if at >= 100]
    assert ended == ["camera_tampered", "picture_damaged"]


def test_a_camera_of_which_every_look_fails_is_told_of_though_others_are_looked_at() -> None:
    """Its pictures came, the worker looked on at the others, and nobody learned of it."""

    def report(now: float) -> WorkerCondition:
        failing = 7 if 1010 <= now < 1060 else int(now)
        set_back = 3600.0 if now >= 1020 else 0.0  # a clock that is put right makes none of it wait
        return working(
            now,
            camera("a", now - set_back, looks=failing),
            camera("b", now, looks=int(now)),
            camera("c", now - now % 4, looks=int(now // 4)),  # it sleeps
        )

    told = told_at(run(report, 90))
    assert [(rule, subject, phase) for rule, subject, phase, _ in told] == [
        ("camera_not_looked_at", "a", EventPhase.RAISED),
        ("camera_not_looked_at", "a", EventPhase.CLEARED),
    ]
    assert 40.0 <= told[0][3] <= 52.0


def test_a_restart_does_not_end_the_alarm_of_a_camera_at_which_no_look_ends_well() -> None:
    """It was cleared with "looks again" before any look, and raised anew half a minute later."""

    def failing(now: float) -> WorkerCondition:
        return working(now, camera("a", now, looks=0), camera("b", now, looks=int(now)))

    def looked_at(now: float) -> WorkerCondition:
        return working(now, camera("a", now, looks=int(now)), camera("b", now, looks=int(now)))

    (raised,) = run(failing, 60)
    assert (raised.rule_id, raised.phase) == ("camera_not_looked_at", EventPhase.RAISED)
    (again,) = run(failing, 60, HealthMonitor([raised]))
    assert (again.event_id, again.phase) == (raised.event_id, EventPhase.UPDATED)
    (over,) = run(looked_at, 60, HealthMonitor([raised]))
    assert (over.event_id, over.phase) == (raised.event_id, EventPhase.CLEARED)


def test_a_detector_that_stands_still_speaks_for_its_cameras() -> None:
    def report(now: float) -> WorkerCondition:
        return working(now, camera("a", now, looks=7), camera("b", now, looks=7), looks=7)

    assert {event.rule_id for event in run(report, 60)} == {"detector_stalled"}


def test_the_picture_of_a_camera_that_is_offline_is_not_judged() -> None:
    def report(now: float) -> WorkerCondition:
        return working(now, {**silent("a"), "picture": "frozen"}, camera("b", now))

    assert {event.rule_id for event in run(report, 60)} == {"camera_offline"}


def test_when_most_cameras_fall_together_one_alarm_speaks_for_all() -> None:
    fallen = [silent(name) for name in "abcd"]
    events = run(lambda now: working(now, *fallen, camera("e", now)), 120)
    assert told_at(events) == [("most_cameras_offline", "worker-0", EventPhase.RAISED, 10.0)]
    assert "4 of 5 cameras" in events[0].reason


def test_after_the_parent_the_cameras_that_stay_dark_speak_for_themselves() -> None:
    def report(now: float) -> WorkerCondition:
        names = "abcd" if now < 1060 else "a"
        up = [camera(name, now) for name in "abcde" if name not in names]
        return working(now, *(silent(name) for name in names), *up)

    assert told_at(run(report, 130)) == [
        ("most_cameras_offline", "worker-0", EventPhase.RAISED, 10.0),
        ("most_cameras_offline", "worker-0", EventPhase.CLEARED, 90.0),
        ("camera_offline", "a", EventPhase.RAISED, 108.0),
    ]


def test_two_cameras_have_no_parent() -> None:
    events = run(lambda now: working(now, silent("a"), silent("b")), 40)
    assert {event.camera_id for event in events} == {"a", "b"}


def test_a_detector_that_stops_is_known_within_15_s() -> None:
    events = run(lambda now: working(now, camera("a", now), looks=7), 40)
    ((rule, subject, phase, at),) = told_at(events)
    assert (rule, subject, phase) == ("detector_stalled", "worker-0", EventPhase.RAISED)
    assert at <= 15.0


def test_a_detector_that_fails_says_so_at_once() -> None:
    events = run(
        lambda now: working(now, camera("a", now), state="stalled", reason="no memory"), 10
    )
    assert [(event.rule_id, event.reason) for event in events] == [
        ("detector_stalled", "no memory")
    ]


def test_a_model_that_answers_and_sees_nothing_is_told_until_it_sees() -> None:
    def report(now: float) -> WorkerCondition:
        return replace(working(now, camera("a", now)), is_blind=1010 <= now < 1060)

    events = run(report, 100)
    assert [(e.rule_id, e.phase) for e in events] == [
        ("detector_stalled", EventPhase.RAISED),
        ("detector_stalled", EventPhase.CLEARED),
    ]
    assert events[0].reason == "the model does not see the known fire"


def test_a_worker_that_stood_still_for_a_while_has_no_detector_that_hangs() -> None:
    def report(now: float) -> WorkerCondition:
        state = "stalled" if now == 1020 else "looking"
        return working(now, camera("a", now), state=state)

    assert run(report, 60) == []


def test_a_detector_with_nothing_to_see_is_not_stalled() -> None:
    assert run(lambda now: working(now, looks=7), 60) == []
    events = run(lambda now: working(now, silent("a"), looks=7), 60)
    assert {event.rule_id for event in events} == {"camera_offline"}


def test_a_detector_that_looks_again_is_cleared() -> None:
    def report(now: float) -> WorkerCondition:
        return working(now, camera("a", now), looks=7 if now < 1030 else int(now))

    assert [event.phase for event in run(report, 60)] == [EventPhase.RAISED, EventPhase.CLEARED]


def test_events_that_found_no_room_are_told() -> None:
    def report(now: float) -> WorkerCondition:
        looks = {"state": "looking", "reason": "started", "looks": int(now)}
        return WorkerCondition(
            worker_id="worker-0", looks=looks, cameras=(), events_lost=3 if now > 1010 else 0
        )

    (event,) = run(report, 60)
    assert (event.rule_id, event.kind) == ("events_lost", "event_gap")


def test_evidence_that_does_not_reach_its_store_is_told_within_10_s() -> None:
    """From the last good answer: a check that hangs is an answer after 4 s, evidence after 6 s."""
    hung = {"error": "the evidence store does not answer", "oldest_at": None}
    late = {"error": None, "oldest_at": 1000.0}
    assert evidence_trouble({"error": None, "oldest_at": None}, 1000.0) is None
    assert evidence_trouble(late, 1005.0) is None
    assert evidence_trouble(late, 1007.0) is not None

    def report(now: float) -> WorkerCondition:
        error = evidence_trouble(hung, now)
        return replace(working(now, camera("a", now)), evidence_error=error)

    (event,) = run(report, 60)
    assert (event.rule_id, event.kind, event.captured_at) == (
        "evidence_late", "evidence_lag", 1000.0,
    )  # fmt: skip
    assert event.reason == "evidence store: the evidence store does not answer"


def test_pictures_that_failed_are_told_once_for_all() -> None:
    def report(now: float) -> WorkerCondition:
        return replace(working(now, camera("a", now)), evidence_failures=int(now > 1004) * 2)

    events = run(report, 700)
    assert [(each.rule_id, each.phase) for each in events] == [
        ("evidence_failed", EventPhase.RAISED),
        ("evidence_failed", EventPhase.CLEARED),
    ]
    assert events[0].reason == "2 events lack pictures or film"


def test_a_rule_that_waits_for_events_that_do_not_come_is_told() -> None:
    def report(now: float) -> WorkerCondition:
        ruled = {"events_ruled": True}
        return working(
            now,
            camera("on", now, **ruled, events=True, events_detail="events come"),
            camera("lost", now, **ruled, events=False, events_detail="user or password refused"),
            camera("off", now, **ruled, events=None, events_detail=None),
            camera("unruled", now, events_ruled=False, events=False, events_detail="off"),
        )

    raised = [one for one in run(report, 90) if one.rule_id == "camera_events_lost"]
    assert {one.camera_id for one in raised} == {"lost", "off"}
    assert any("user or password refused" in one.reason for one in raised)
    assert any("not switched on" in one.reason for one in raised)
