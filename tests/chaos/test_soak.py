"""The judge of the soak tells a leak from a warm start; it knows each process of the site."""

import random
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos.soak import role_of
from tests.chaos.soak_trend import Sample, SampleFile, read_samples, trends


def grew(mb: Iterable[float], threads: int = 0, files: int = 0, pid: int = 0) -> bool:
    """Whether two hours are condemned whose memory was `mb`, with more of the rest at their end."""
    held = list(mb)
    late = len(held) - 10
    samples = [
        Sample(
            at_s=number * 7200.0 / len(held),
            role="worker",
            pid=1 + (pid if number >= late else 0),
            own_mb=one,
            threads=30 + (threads if number >= late else 0),
            files=40 + (files if number >= late else 0),
            cpu_s=number * 2.0,
        )
        for number, one in enumerate(held)
    ]
    (found,) = trends(samples)
    return found.grew


@pytest.mark.parametrize(
    ("mb", "is_leak"),
    [
        ([100.0] * 10 + [220.0] * 30, False),
        ([200.0 + number % 7 * 5 for number in range(40)], False),
        ([200.0 + number for number in range(40)], True),
        ([200.0 + number * 0.2 for number in range(40)], True),
        ([200.0 + number * 0.02 for number in range(40)], False),
        ([200.0] * 30 + [230.0] * 10, True),
    ],
    ids=["warms up", "breathes", "grows", "grows 4 MB an hour", "under the limit", "grew once"],
)
def test_memory(mb: list[float], is_leak: bool) -> None:
    assert grew(mb) is is_leak


@pytest.mark.parametrize("leak_mb_per_h", [0.0, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_small_leak_is_found_under_films_that_come_and_go(
    leak_mb_per_h: float, seed: int
) -> None:
    chance = random.Random(seed)
    mb, film_mb = list[float](), 0.0
    for number in range(1440):  # two hours
        if chance.random() < 0.05:
            film_mb = chance.choice([0.0, 0.0, chance.uniform(10.0, 100.0)])
        breath = chance.uniform(0.0, 4.0)
        mb.append(300.0 + film_mb + breath + leak_mb_per_h * number / 720.0)
    assert grew(mb) is (leak_mb_per_h > 0.0)


def test_what_is_hoarded_and_who_was_restarted() -> None:
    flat = [200.0] * 40
    assert not grew(flat, threads=2, files=4)
    assert grew(flat, threads=10)
    assert grew(flat, files=20)
    assert grew(flat, pid=1)


def test_a_process_is_known_by_what_it_does() -> None:
    python = ["/v/bin/python", "-P", "-m"]
    assert role_of([*python, "thapcanh", "worker", "-c", "x"]) == "worker"
    assert role_of([*python, "thapcanh.app.live.process.child", "5"]) == "live.process.child"
    assert role_of(["/usr/bin/valkey-server 127.0.0.1:7000"]) == "valkey-server"


def test_a_run_that_was_cut_short_can_be_judged(tmp_path: Path) -> None:
    with closing(SampleFile(tmp_path)) as kept:
        for at_s in range(3):
            kept.add(
                [Sample(at_s=at_s, role="worker", pid=1, own_mb=2.5, threads=3, files=4, cpu_s=5)]
            )
        assert read_samples(tmp_path) == kept.samples
        whole = (tmp_path / SampleFile.NAME).read_text(encoding="utf-8")
    (tmp_path / SampleFile.NAME).write_text(whole[:-5], encoding="utf-8")
    assert read_samples(tmp_path) == kept.samples[:2]
