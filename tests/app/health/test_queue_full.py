"""A queue that is full is one trouble, and not the death of every worker."""

from tests.app.health.test_health_rounds import Round, centre
from thapcanh.detection.event import EventPhase

__all__ = ["centre"]  # a fixture of that module


def test_a_full_queue_is_named_and_the_silence_of_its_workers_is_not(centre: Round) -> None:
    centre.go(20)
    centre.queue.full = "the queue's memory is full, it takes no event: 64 of 64 MB"
    centre.queue.silent_since = centre.clock.at  # a full server takes no reports either
    centre.go(60)
    assert centre.told() == [("queue_full", EventPhase.RAISED)]
    centre.queue.full = centre.queue.silent_since = None
    centre.go(60)
    assert centre.told()[1:] == [("queue_full", EventPhase.CLEARED)]
