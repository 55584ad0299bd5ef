"""Camera time: one line over reconnects, clock jumps, drift, bursts and backlogs."""

from itertools import pairwise

import pytest

from thapcanh.ingest.camera.read_loop import CameraTime


def _live(time: CameraTime, stream_from: float, wall_from: float, seconds: int) -> list[float]:
    return [
        time.stamp(stream_from + n / 10, now=wall_from + n / 10, waited_s=0.09)
        for n in range(seconds * 10)
    ]


def test_it_follows_the_stream_and_begins_when_the_camera_began() -> None:
    stamps = _live(CameraTime(1000.0), 77.0, 1002.0, 2)
    assert stamps[0] == pytest.approx(2.0)
    assert stamps[-1] == pytest.approx(3.9)


def test_a_reconnect_continues_by_the_wall_whatever_the_stream_says() -> None:
    time = CameraTime(0.0)
    before = _live(time, 500.0, 0.0, 1)
    time.new_connection()
    after = _live(time, 3.0, 20.0, 1)
    assert after[0] == pytest.approx(20.0)
    assert after[0] > before[-1]


def test_network_jitter_does_not_reach_camera_time() -> None:
    time = CameraTime(0.0)
    stamps = [
        time.stamp(n / 10, now=n / 10 + (0.2 if n % 3 else 0.0), waited_s=0.02) for n in range(50)
    ]
    steps = [after - before for before, after in pairwise(stamps)]
    assert max(steps) == pytest.approx(0.1, abs=0.001)
    assert min(steps) == pytest.approx(0.1, abs=0.001)


def test_it_never_runs_ahead_of_the_wall() -> None:
    """A burst at the start (a camera that first sends the held GOP) is not in the future."""
    time = CameraTime(0.0)
    assert [time.stamp(s, now=5.0, waited_s=0.0) for s in (0.0, 0.5, 1.0)] == [5.0, 5.0, 5.0]
    assert time.stamp(1.5, now=5.5, waited_s=0.4) == pytest.approx(5.5)


@pytest.mark.parametrize("jump_s", [-4000.0, 4000.0, 3.0])
def test_a_jump_of_the_cameras_clock_is_taken_up(jump_s: float) -> None:
    time = CameraTime(0.0)
    _live(time, 5000.0, 0.0, 2)
    after = _live(time, 5002.0 + jump_s, 2.0, 2)
    assert after[-1] == pytest.approx(3.9, abs=0.01)
    assert time.lag_s < 0.01


def test_a_pause_of_the_cameras_clock_is_no_lag() -> None:
    """A camera that stops its clock for 3 s goes on 3 s late, but nothing is queued."""
    time = CameraTime(0.0)
    _live(time, 0.0, 0.0, 2)
    assert time.stamp(2.0, now=5.0, waited_s=3.0) == pytest.approx(5.0)
    assert time.lag_s == 0.0


def test_a_backlog_is_lag_and_keeps_the_time_at_which_it_was_filmed() -> None:
    time = CameraTime(0.0)
    _live(time, 0.0, 0.0, 2)
    assert time.stamp(2.0, now=5.0, waited_s=0.0) == pytest.approx(2.0, abs=0.01)
    assert time.lag_s == pytest.approx(3.0, abs=0.01)
    assert time.stamp(5.0, now=5.01, waited_s=0.0) == pytest.approx(5.0, abs=0.02)
    assert time.lag_s < 0.05


@pytest.mark.parametrize("every_s", [0.0, 1 / 15])
def test_pictures_that_are_sent_out_of_order_keep_their_order_from_the_first_on(
    every_s: float,
) -> None:
    """I0 P3 B1 B2 P6 B4 B5 …: the first P comes early, and the line was moved back under the Bs."""
    time, order = CameraTime(0.0), [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    stamps = {
        shown: time.stamp(shown / 15, now=5.0 + sent * every_s, waited_s=every_s)
        for sent, shown in enumerate(order)
    }
    in_order = [stamps[shown] for shown in sorted(order)]
    assert in_order == sorted(in_order)
    assert in_order[0] == pytest.approx(5.0)


def test_a_clock_that_jumps_back_among_reordered_pictures_goes_on() -> None:
    time = CameraTime(0.0)
    for number, shown in enumerate([0, 3, 1, 2]):
        time.stamp(1000 + shown / 15, now=number / 15, waited_s=0.06)
    after = [time.stamp(n / 15, now=1 + n / 15, waited_s=0.06) for n in range(4)]
    assert after == pytest.approx([1 + n / 15 for n in range(4)])


@pytest.mark.parametrize("drift", [-100e-6, 100e-6])
def test_a_bad_quartz_is_followed_over_a_day(drift: float) -> None:
    time = CameraTime(0.0)
    for second in range(0, 86_400, 2):
        at_s = time.stamp(second * (1 + drift), now=float(second), waited_s=0.05)
        assert abs(at_s - second) < 0.5
