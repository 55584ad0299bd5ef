"""Each step's time is counted once, where both its ends are known."""

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.queue.self_test_event import self_test_event
from thapcanh.alerts.queue.stage_times import STAGES, StageTimes


def counts(times: StageTimes) -> dict[str, int]:
    return {stage: sum(one["counts"]) for stage, one in times.counted().items()}


def test_a_message_tells_of_every_step_up_to_the_archive() -> None:
    times = StageTimes()
    times.stored(fake_message(), queued_at=FIRST_AT + 0.25, now=FIRST_AT + 0.75)
    times.pushed(FIRST_AT + 0.75, FIRST_AT + 0.76)
    times.rendered(FIRST_AT + 0.76, FIRST_AT + 0.9)
    assert counts(times) == dict.fromkeys(STAGES, 1)
    sums = {stage: round(one["sum"], 2) for stage, one in times.counted().items()}
    assert sums == {
        "captured_inferred": 0.1,
        "inferred_spooled": 0.1,
        "spooled_queued": 0.05,
        "queued_stored": 0.5,
        "stored_pushed": 0.01,
        "pushed_rendered": 0.14,
    }


def test_the_steps_of_looking_are_only_those_of_looks() -> None:
    times = StageTimes()
    test = self_test_event("worker-1", FIRST_AT)
    times.stored(fake_message(1, test), queued_at=FIRST_AT, now=FIRST_AT)
    found = counts(times)
    assert found["captured_inferred"] == found["inferred_spooled"] == 0
    assert found["queued_stored"] == 1


def test_clocks_that_disagree_never_take_time_away() -> None:
    times = StageTimes()
    times.stored(fake_message(), queued_at=FIRST_AT - 60, now=FIRST_AT - 59)
    assert times.counted()["spooled_queued"]["sum"] == 0.0
