"""What the centre raises of the watch, and how soon."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tests.app.web_api.made_reports import reports_of
from thapcanh.alerts.alert.records import SequenceGap
from thapcanh.alerts.evidence.store_monitor import StoreCondition, StoreState
from thapcanh.alerts.evidence.stores.store import StoreRoom
from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.app.health.centre_health_checks import CentreReport, centre_health_checks, lost_for
from thapcanh.app.health.health_monitor import HealthMonitor
from thapcanh.app.health.store_checks import StoreReport, store_room
from thapcanh.detection.event import EventPhase

START = 100_000.0
GAP = SequenceGap(
    source="worker-0", producer_epoch=1, first_seq=3, last_seq=5, noticed_at=START - 70
)


def worker(now: float, name: str = "worker-0", *cameras: str, **changes: Any) -> dict[str, Any]:
    base = {
        "worker": name,
        "lost": False,
        "started_at": START,
        "reported_at": now,
        "spool": {"waiting": 0, "oldest_at": None},
        "cameras": [{"id": each} for each in cameras or ("gate",)],
    }
    return {**base, **changes}


def lost(name: str = "worker-0", *watched: str) -> dict[str, Any]:
    watched = watched or ("gate",)
    return {"worker": name, "lost": True, "reported_at": START - 8, "watched": list(watched)}


def store(store_id: str = "share", error: str | None = None) -> StoreReport:
    room = StoreRoom(free_bytes=10**9, total_bytes=10**11, device=7)
    condition = StoreCondition(store_id=store_id, room=room)
    state = StoreState(condition=None if error else condition, error=error)
    return StoreReport(state=state, own_disk=True)


def well(now: float, **changes: Any) -> CentreReport:
    if changes.get("workers") is not None:
        changes["workers"] = reports_of(changes["workers"])
    base = CentreReport(
        workers=reports_of([worker(now)]),
        cameras=["gate"],
        depth=QueueDepth(length=100, unread=0, pending=3),
        dead_for_s=None,
        gaps=[],
        proven={"worker-0": now - 200},
        disks={"centre": (50_000_000_000, 100_000_000_000)},
    )
    return dataclasses.replace(base, **changes)


def run(
    report: Callable[[float], CentreReport], seconds: int
) -> list[tuple[str, str, EventPhase, float]]:
    watch, told = HealthMonitor(), []
    for step in range(0, seconds, 2):
        now = START + step
        told += watch.judge(centre_health_checks(report(now), now, watch.raised), now)
    return [(e.rule_id, e.camera_id, e.phase, e.captured_at - START) for e in told]


def test_all_is_well_and_nothing_is_said() -> None:
    assert run(well, 1000) == []


@pytest.mark.parametrize(
    ("changes", "rule", "subject", "at_most_s"),
    [
        ({"workers": [lost()]}, "worker_lost", "worker-0", 2.0),
        ({"workers": []}, "cameras_unwatched", "centre", 46.0),
        ({"cameras": ["gate", "roof"]}, "cameras_unwatched", "centre", 46.0),
        ({"workers": [worker(0.0, "worker-0", "gate", "roof")]}, "cameras_unnamed", "centre", 60.0),
        ({"workers": None, "depth": None, "queue_error": "refused"}, "queue_down", "queue", 10.0),
        ({"depth": QueueDepth(length=1000, unread=501, pending=0)}, "queue_lag", "queue", 10.0),
        ({"dead_for_s": 5.0}, "dead_letters", "queue", 0.0),
        ({"memory_trouble": "the queue's memory is full"}, "queue_full", "queue", 0.0),
        ({"gaps": [GAP]}, "event_gap", "worker-0", 0.0),
        (
            {"clocks": {"centre": (0.0, 0.0), "worker-0": (-7.0, 0.1)}},
            "clock_skew",
            "worker-0",
            6.0,
        ),
        ({"clocks": {"centre": (9.0, 0.0), "worker-0": (0.3, 0.1)}}, "clock_skew", "centre", 6.0),
        ({"disks": {"centre": (10**9, 10**11)}}, "disk_low", "centre", 6.0),
        ({"problems": ["thapcanh.toml cameras[2].source"]}, "config_problem", "centre", 6.0),
        ({"disks": {"centre": (40_000_000, 500_000_000)}}, "disk_low", "centre", 6.0),
    ],
)
def test_each_trouble_is_raised_once_and_in_time(
    changes: dict[str, Any], rule: str, subject: str, at_most_s: float
) -> None:
    ((found, whom, phase, at),) = run(lambda now: well(now, **changes), 120)
    assert (found, whom, phase) == (rule, subject, EventPhase.RAISED)
    assert at <= at_most_s


def test_a_clock_that_all_others_speak_against_is_named_alone() -> None:
    clocks = {"centre": (60.2, 0.1), "worker-0": (59.9, 0.1), "worker-1": (60.0, 0.1)}
    said = run(lambda now: well(now, clocks=clocks), 60)
    assert said == [("clock_skew", "queue", EventPhase.RAISED, 6.0)]


def test_a_clock_that_is_read_over_a_slow_line_is_not_judged() -> None:
    clocks = {"centre": (0.0, 0.0), "worker-0": (3.0, 2.9)}
    assert run(lambda now: well(now, clocks=clocks), 60) == []


def test_a_clock_that_was_set_is_cleared() -> None:
    def report(now: float) -> CentreReport:
        ahead_s = 30.0 if now < START + 20 else 0.0
        return well(now, clocks={"centre": (0.0, 0.0), "worker-0": (ahead_s, 0.0)})

    assert [phase for _, _, phase, _ in run(report, 90)] == [EventPhase.RAISED, EventPhase.CLEARED]


def test_a_spool_that_does_not_drain_is_told() -> None:
    def report(now: float) -> CentreReport:
        spool = {"waiting": 9, "oldest_at": START}
        return well(now, workers=[worker(now, spool=spool)])

    assert run(report, 120) == [("spool_stuck", "worker-0", EventPhase.RAISED, 72.0)]


def test_a_worker_whose_tests_do_not_come_through_is_told() -> None:
    said = run(lambda now: well(now, proven={}), 900)
    assert said == [("self_test_missed", "worker-0", EventPhase.RAISED, 662.0)]
    assert run(lambda now: well(now, proven={"worker-0": now}), 900) == []


def test_a_worker_that_reports_again_is_found_again() -> None:
    def report(now: float) -> CentreReport:
        return well(now, workers=[lost() if now < START + 20 else worker(now)])

    assert [(rule, phase) for rule, _, phase, _ in run(report, 60)] == [
        ("worker_lost", EventPhase.RAISED),
        ("worker_lost", EventPhase.CLEARED),
    ]


def test_a_queue_that_is_down_does_not_declare_workers_lost_or_found() -> None:
    def report(now: float) -> CentreReport:
        if now < START + 10:
            return well(now, workers=[lost()])
        return well(now, workers=None, depth=None, queue_error="refused")

    rules = [(rule, phase) for rule, _, phase, _ in run(report, 60)]
    assert rules == [("worker_lost", EventPhase.RAISED), ("queue_down", EventPhase.RAISED)]


def test_cameras_of_a_lost_worker_are_not_named_twice() -> None:
    workers = [lost("worker-0", "gate", "roof")]
    said = run(lambda now: well(now, workers=workers, cameras=["gate", "roof"]), 120)
    assert [rule for rule, *_ in said] == ["worker_lost"]


def test_a_camera_without_a_worker_is_told_also_while_a_worker_is_lost() -> None:
    """The alarm was muted for 63 s by the loss of a worker that never had that camera."""
    said = run(lambda now: well(now, workers=[lost()], cameras=["gate", "roof"]), 120)
    assert [(rule, at) for rule, _, _, at in said] == [
        ("worker_lost", 0.0),
        ("cameras_unwatched", 46.0),
    ]


def test_a_lost_workers_camera_that_another_took_over_is_watched() -> None:
    def report(now: float) -> CentreReport:
        return well(now, workers=[lost(), worker(now, "worker-1", "gate")])

    assert [rule for rule, *_ in run(report, 120)] == ["worker_lost"]


@pytest.mark.parametrize(
    ("free", "total", "told"),
    [
        (10**9, 10**11, "less than 2.0 GB free"),
        (40_000_000, 500_000_000, "less than 50 MB free"),
        (4_000_000, 60_000_000, "less than 6 MB free"),
        (0, 10**11, "the disk is full"),
        (900_000, 60_000_000, "the disk is full"),
    ],
)
def test_how_little_room_is_left_is_told_also_of_a_small_disk(
    free: int, total: int, told: str
) -> None:
    """A disk of 60 MB had "less than 0.0 GB free"."""
    report = well(START, disks={"centre": (free, total)})
    (sign,) = (
        one
        for one in centre_health_checks(report, START, frozenset())
        if one.trouble.rule_id == "disk_low"
    )
    assert sign.reason == told


def test_a_full_evidence_disk_is_told_by_its_own_name() -> None:
    assert store_room(store()) == (10**9, 10**11)
    said = run(lambda now: well(now, disks={"evidence": store_room(store())}), 60)
    assert [(rule, subject) for rule, subject, *_ in said] == [("disk_low", "evidence")]
    assert store_room(StoreReport(state=store().state)) is None  # on the disk that is told anyway


def test_a_store_that_does_not_answer_is_told_within_10_s() -> None:
    said = run(lambda now: well(now, store=store(error="does not answer")), 20)
    assert said == [("evidence_unreadable", "centre", EventPhase.RAISED, 0.0)]


@pytest.mark.parametrize(("used", "rules"), [("share", []), ("other", ["evidence_store_differs"])])
def test_a_worker_that_writes_to_another_share_is_told(used: str, rules: list[str]) -> None:
    def report(now: float) -> CentreReport:
        return well(now, store=store(), workers=[worker(now, evidence={"store": {"id": used}})])

    said = run(report, 10)
    assert [rule for rule, *_ in said] == rules
    assert all(at <= 10.0 for *_, at in said)


@pytest.mark.parametrize(
    "told", [{"store": {"share": 1}}, {"store": "x"}, {"store": 7}, "full", []]
)
def test_a_word_on_the_store_that_is_none_stops_no_other_check(told: object) -> None:
    """A report of another form silenced the whole watch of the system."""
    said = run(
        lambda now: well(now, store=store(error="gone"), workers=[worker(now, evidence=told)]), 20
    )
    assert [rule for rule, *_ in said] == ["evidence_unreadable"]


def test_a_queue_begun_anew_without_its_workers_leaves_cameras_unwatched() -> None:
    """The list of lost workers went with the queue's data; the cameras are still blind."""

    def report(now: float) -> CentreReport:
        return well(now, workers=[lost()] if now < START + 10 else [])

    assert [(rule, phase) for rule, _, phase, _ in run(report, 90)] == [
        ("worker_lost", EventPhase.RAISED),
        ("worker_lost", EventPhase.CLEARED),
        ("cameras_unwatched", EventPhase.RAISED),
    ]


def test_a_second_hole_is_heard_after_the_first_was_answered() -> None:
    second = dataclasses.replace(GAP, first_seq=9, last_seq=9)

    def report(now: float) -> CentreReport:
        return well(now, gaps=[GAP] if now < START + 10 else [GAP, second])

    assert [(rule, phase) for rule, _, phase, _ in run(report, 30)] == [
        ("event_gap", EventPhase.RAISED),
        ("event_gap", EventPhase.RAISED),
        ("event_gap", EventPhase.CLEARED),
    ]


def test_a_hole_that_is_filled_is_cleared() -> None:
    said = run(lambda now: well(now, gaps=[GAP] if now < START + 10 else []), 30)
    assert [phase for *_, phase, _ in said] == [EventPhase.RAISED, EventPhase.CLEARED]


def test_what_cannot_be_read_of_the_archive_changes_nothing() -> None:
    def report(now: float) -> CentreReport:
        return well(now, gaps=[GAP] if now < START + 10 else None, proven=None)

    assert [rule for rule, *_ in run(report, 900)] == ["event_gap"]


def test_workers_that_are_silent_for_minutes_are_given_up() -> None:
    workers = [lost("a"), {**lost("b"), "reported_at": START - 400}, worker(START, "c")]
    assert lost_for(reports_of(workers), START, 300.0) == ["b"]


def test_a_worker_that_runs_by_its_last_good_configuration_is_told_unless_the_centre_is() -> None:
    def refused(now: float) -> CentreReport:
        return well(now, workers=[{**worker(now), "configuration_refused_at": START}])

    assert [one[:2] for one in run(refused, 20)] == [("config_problem", "worker-0")]
    both = run(lambda now: dataclasses.replace(refused(now), is_earlier=True, problems=["a"]), 20)
    assert [one[:2] for one in both] == [("config_problem", "centre")]
