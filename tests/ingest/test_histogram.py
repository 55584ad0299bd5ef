"""Counts of measured times, as they are reported."""

import json

from thapcanh.ingest.histogram import Histogram


def test_a_value_counts_below_the_first_bound_that_it_does_not_exceed() -> None:
    times = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 3.0):
        times.observe(value)
    assert times.counted() == {"bounds": [0.1, 1.0], "counts": [2, 1, 1], "sum": 3.65}


def test_what_is_counted_can_be_sent_and_does_not_change_later() -> None:
    times = Histogram((1.0,))
    before = times.counted()
    times.observe(0.5)
    assert json.loads(json.dumps(before)) == {"bounds": [1.0], "counts": [0, 0], "sum": 0.0}
