"""Deadline order on a clock that stands still until moved: nobody goes blind, whatever the load."""

import math
import random
import time

import pytest

from tests.patience import patient
from thapcanh.detection.inference.scheduling import DeadlineScheduler, ScheduledInference


def _schedule(
    *camera_ids: str, interval_s: float = 0.5, deadline_s: float = 5.0
) -> DeadlineScheduler:
    schedule = DeadlineScheduler(interval_s=interval_s, deadline_s=deadline_s)
    for camera_id in camera_ids:
        schedule.add(camera_id, 0.0)
    return schedule


def _next(schedule: DeadlineScheduler, now_s: float) -> str | None:
    turn = schedule.next(now_s)
    return None if turn is None else turn.camera_id


def test_only_a_camera_with_a_new_frame_has_a_turn() -> None:
    schedule = _schedule("a", "b")
    assert schedule.next(1.0) is None
    assert schedule.ready("b", 1.0)
    assert not schedule.ready("b", 1.1)
    assert not schedule.ready("unknown", 1.0)
    assert _next(schedule, 1.1) == "b"
    assert schedule.next(1.2) is None


def test_a_camera_waits_for_its_interval() -> None:
    schedule = _schedule("a")
    schedule.ready("a", 0.0)
    assert _next(schedule, 0.0) == "a"
    schedule.ready("a", 0.1)
    assert schedule.next(0.49) is None
    assert schedule.wait_s(0.1) == pytest.approx(0.4)
    assert _next(schedule, 0.5) == "a"
    assert schedule.wait_s(0.6) == math.inf


def test_longest_unseen_first_and_rank_before_that() -> None:
    schedule = _schedule("a", "b", "c")
    for now_s, camera_id in ((0.0, "a"), (0.1, "b"), (0.2, "c")):
        schedule.ready(camera_id, now_s)
        assert _next(schedule, now_s) == camera_id
    for camera_id in ("c", "b", "a"):
        schedule.ready(camera_id, 1.0)
    schedule.prefer("c", 1)
    assert [_next(schedule, 1.0) for _ in range(4)] == ["c", "a", "b", None]


def test_a_rank_never_makes_another_camera_blind() -> None:
    """One look a second, a camera of rank 1 that is always ready: the other keeps its turn."""
    schedule = _schedule("busy", "calm")
    schedule.prefer("busy", 1)
    seen_at: dict[str, list[float]] = {"busy": [], "calm": []}
    for second in range(60):
        schedule.ready("busy", second)
        schedule.ready("calm", second)
        turn = schedule.next(second)
        assert turn is not None
        seen_at[turn.camera_id].append(second)
    gaps = [b - a for a, b in zip(seen_at["calm"], seen_at["calm"][1:], strict=False)]
    assert max(gaps) <= 5.0
    assert len(seen_at["busy"]) > len(seen_at["calm"])


def test_late_is_only_who_was_kept_waiting() -> None:
    schedule = _schedule("offline", "kept")
    schedule.ready("kept", 0.0)
    schedule.ready("offline", 60.0)
    assert schedule.next(60.0) == ScheduledInference(camera_id="kept", unseen_s=60.5, late=True)
    assert schedule.next(60.0) == ScheduledInference(camera_id="offline", unseen_s=60.5, late=False)


def test_removed_cameras_have_no_turn() -> None:
    schedule = _schedule("a", "b")
    schedule.ready("a", 0.0)
    schedule.ready("b", 0.0)
    schedule.remove("a")
    schedule.remove("never was")
    assert [_next(schedule, 1.0), _next(schedule, 1.0)] == ["b", None]
    assert len(schedule) == 1


def test_a_camera_added_again_starts_anew() -> None:
    schedule = _schedule("a")
    schedule.ready("a", 0.0)
    schedule.remove("a")
    schedule.add("a", 10.0)
    assert schedule.next(10.0) is None
    schedule.ready("a", 10.0)
    assert schedule.next(10.0) == ScheduledInference(camera_id="a", unseen_s=0.5, late=False)


def test_ten_thousand_cameras_at_the_edge_of_the_load() -> None:
    """Barely enough looks for the promise: every camera is seen, none later than 5 s."""
    cameras = [f"camera-{number}" for number in range(10_000)]
    schedule = _schedule(*cameras)
    last_seen_s = dict.fromkeys(cameras, 0.0)
    worst_s, now_s, late = 0.0, 0.0, 0
    started = time.perf_counter()
    for camera_id in cameras:
        schedule.ready(camera_id, now_s)
    for _ in range(40_000):
        now_s += 1 / 2_010
        turn = schedule.next(now_s)
        assert turn is not None
        worst_s = max(worst_s, now_s - last_seen_s[turn.camera_id])
        late += turn.late
        last_seen_s[turn.camera_id] = now_s
        schedule.ready(turn.camera_id, now_s)
    assert worst_s <= 5.0
    assert late == 0
    assert min(last_seen_s.values()) > now_s - 5.0
    assert time.perf_counter() - started < patient(10)  # 0.3 s; a linear search takes minutes


def test_with_too_many_cameras_the_intervals_grow_evenly() -> None:
    cameras = [f"camera-{number}" for number in range(100)]
    schedule = _schedule(*cameras)
    looks = dict.fromkeys(cameras, 0)
    late = 0
    for camera_id in cameras:
        schedule.ready(camera_id, 0.0)
    for step in range(1, 1001):
        turn = schedule.next(step / 10)  # ten looks a second: every camera each 10 s
        assert turn is not None
        looks[turn.camera_id] += 1
        late += turn.late
        schedule.ready(turn.camera_id, step / 10)
    assert set(looks.values()) == {10}
    assert late > 900


def test_ten_thousand_sleeping_cameras_are_seen_in_time() -> None:
    """Each shows a frame every 4 s, at any moment of them; a tenth is awake and always ready."""
    chance = random.Random(1)
    cameras = [f"camera-{number}" for number in range(10_000)]
    awake = cameras[:1_000]
    schedule = _schedule(*cameras)
    shows: list[list[str]] = [[] for _ in range(40)]
    for camera_id in cameras[1_000:]:
        shows[chance.randrange(40)].append(camera_id)
    last_seen_s: dict[str, float] = {}
    worst_s, late = 0.0, 0
    for tenth in range(300):
        now_s = tenth / 10
        for camera_id in (*shows[tenth % 40], *awake):
            schedule.ready(camera_id, now_s)
        for _ in range(300):  # 3,000 looks a second: the awake ones alone would take 2,000
            turn = schedule.next(now_s)
            if turn is None:
                break
            worst_s = max(worst_s, now_s - last_seen_s.get(turn.camera_id, now_s))
            last_seen_s[turn.camera_id] = now_s
            late += turn.late
    assert len(last_seen_s) == 10_000
    assert worst_s <= 5.0
    assert late == 0
    assert min(last_seen_s.values()) >= 30 - 5.0


@pytest.mark.parametrize(
    ("frame_at_s", "look_at_s", "late"),
    [
        (4.0, 4.9, False),
        (4.0, 5.1, True),  # it had a frame in time: the look came too late
        (9.0, 9.5, False),  # it was offline, and is looked at as soon as it is back
        (9.0, 14.5, True),
    ],
)
def test_late_is_about_the_look_before_where_there_was_a_frame(
    frame_at_s: float, look_at_s: float, late: bool
) -> None:
    schedule = _schedule("a")
    schedule.ready("a", 0.0)
    assert schedule.next(0.0) == ScheduledInference(camera_id="a", unseen_s=0.5, late=False)
    schedule.ready("a", frame_at_s)
    assert schedule.next(look_at_s) == ScheduledInference(
        camera_id="a", unseen_s=look_at_s, late=late
    )
