"""The measured rate: steady, falling when nothing comes, bounded in memory."""

import pytest

from ingest.rate import Rate


def test_a_steady_stream_has_its_rate() -> None:
    rate = Rate()
    for n in range(100):
        rate.count(n / 15)
    assert rate.per_second(99 / 15) == pytest.approx(15)
    assert rate.per_second(99 / 15 + 1 / 30) == pytest.approx(15)


def test_silence_lowers_it_to_nothing() -> None:
    rate = Rate()
    for n in range(45):
        rate.count(n / 15)
    assert 5 < rate.per_second(44 / 15 + 1.5) < 15
    assert rate.per_second(44 / 15 + 10) == 0.0


@pytest.mark.parametrize("times", [[], [5.0], [5.0, 5.0]])
def test_too_little_is_no_rate(times: list[float]) -> None:
    rate = Rate()
    for at in times:
        rate.count(at)
    assert rate.per_second(5.0) == 0.0
