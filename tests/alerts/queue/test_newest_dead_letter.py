"""How old the newest dead letter is: by a clock that nobody sets."""

import pytest

from thapcanh.alerts.queue.event_stream import NewestDeadLetter, StreamEntry


def _letter(at: float) -> StreamEntry:
    return StreamEntry(stream_id=f"{int(at * 1000)}-0", fields={})


def test_a_dead_letter_is_not_told_anew_when_a_clock_goes_back() -> None:
    newest, letter = NewestDeadLetter(), _letter(5000.0)
    assert newest.age_s(None, 5000.0, 10.0) is None
    assert newest.age_s(letter, 5000.5, 11.0) == 0.0
    assert newest.age_s(letter, 5900.5, 911.0) == 900.0
    assert newest.age_s(letter, 2300.5, 912.0) == 901.0, "the queue's clock went back an hour"
    assert newest.age_s(letter, 5000.5, 3612.0) == 3601.0, "and comes to that time again"


def test_the_next_one_is_new_whatever_the_clock_says() -> None:
    newest = NewestDeadLetter()
    newest.age_s(_letter(5000.0), 9000.0, 10.0)
    assert newest.age_s(_letter(5000.001), 1000.0, 20.0) == 0.0
    assert newest.age_s(_letter(5000.0), 1000.0, 30.0) == 10.0, "one that was removed is no news"


@pytest.mark.parametrize(
    ("server", "age_s"), [(5060.0, 60.0), (4999.5, 0.0), (1000.0, float("inf"))]
)
def test_one_that_lay_there_before_is_as_old_as_its_id(server: float, age_s: float) -> None:
    assert NewestDeadLetter().age_s(_letter(5000.0), server, 10.0) == age_s
