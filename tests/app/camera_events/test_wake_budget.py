"""A camera that floods wakes itself now and then, and the others not at all."""

from thapcanh.app.camera_events.camera_events import (
    EACH_EVERY_S,
    LEAST,
    SHARE,
    SPAN_S,
    Wake,
    WakeBudget,
)
from thapcanh.ingest.onvif.event_topics import OnvifEventKind

MOTION, INPUT = OnvifEventKind.MOTION, OnvifEventKind.DIGITAL_INPUT


def test_motion_wakes_perhaps_and_what_the_camera_judged_surely() -> None:
    budget = WakeBudget()
    assert budget.judge("a", MOTION, 0.0, 10) is Wake.PERHAPS
    assert budget.judge("b", INPUT, 0.0, 10) is Wake.SURELY


def test_one_camera_that_floods_wakes_once_a_span() -> None:
    budget = WakeBudget()
    woken = [budget.judge("a", INPUT, at / 100, 50) for at in range(6000)]
    assert sum(one is not Wake.NO for one in woken) == 60 / EACH_EVERY_S


def test_many_that_flood_together_are_woken_a_few_at_a_time_and_others_in_their_turn() -> None:
    budget, cameras = WakeBudget(), 160
    spans, woken = 12, set()
    taken = 0
    for step in range(int(spans * SPAN_S * 10)):
        for camera in range(cameras):
            # not always the same first: cameras do not tell in order
            name = f"c{(camera + 37 * step) % cameras}"
            if budget.judge(name, MOTION, step / 10, cameras) is not Wake.NO:
                taken += 1
                woken.add(name)
    assert taken <= LEAST + spans * cameras / SHARE
    assert len(woken) > cameras / 4


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    budget = WakeBudget()
    woken = [budget.judge(f"c{one}", MOTION, -float(one), 8) for one in range(50)]
    assert sum(one is not Wake.NO for one in woken) == LEAST


def test_cameras_that_are_gone_are_forgotten() -> None:
    budget = WakeBudget()
    budget.judge("a", INPUT, 0.0, 1)
    budget.keep(frozenset())
    assert budget.judge("a", INPUT, 0.1, 1) is Wake.SURELY
