"""Waits after failures: they double, end at their limit, and chance only shortens them."""

import pytest

from thapcanh.ingest.backoff import Backoff

BACKOFF = Backoff(first_s=0.5, longest_s=6.0)


@pytest.mark.parametrize(
    ("failures", "whole_s"),
    [(0, 0.5), (1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 6.0), (10_000, 6.0)],
)
def test_waits_double_up_to_the_limit(failures: int, whole_s: float) -> None:
    assert BACKOFF.grown_s(failures) == whole_s
    assert BACKOFF.wait_s(failures, lambda: 1.0) == whole_s
    assert BACKOFF.wait_s(failures, lambda: 0.0) == whole_s / 2
