"""The judge of the soak tells a leak from a warm start."""

from collections.abc import Iterable

import pytest

from tests.chaos.soak import Sample, judge


def grew(mb: Iterable[float], threads: int = 0, files: int = 0, pid: int = 0) -> bool:
    """Whether a run is condemned whose memory was `mb`, with more of the rest at its end."""
    samples = [Sample(pid=1, own_mb=one, threads=30, files=40) for one in mb]
    last = samples[-1]
    late = Sample(
        pid=last.pid + pid,
        own_mb=last.own_mb,
        threads=last.threads + threads,
        files=last.files + files,
    )
    samples = [*samples[:-10], *[late] * 10]
    return judge(samples, seconds=3600.0, faults=900, reconnects=800).grew


@pytest.mark.parametrize(
    ("mb", "is_leak"),
    [
        ([100.0] * 10 + [220.0] * 30, False),
        ([200.0 + number % 7 * 5 for number in range(40)], False),
        ([200.0 + number for number in range(40)], True),
        ([200.0] * 30 + [230.0] * 10, True),
    ],
    ids=["warms up", "breathes", "grows steadily", "grew once"],
)
def test_memory(mb: list[float], is_leak: bool) -> None:
    assert grew(mb) is is_leak


def test_what_is_hoarded_and_who_was_restarted() -> None:
    flat = [200.0] * 40
    assert not grew(flat, threads=2, files=4)
    assert grew(flat, threads=10)
    assert grew(flat, files=20)
    assert grew(flat, pid=1)
