"""The figures of a period from made rows: table tests, no archive."""

import math
from typing import Any

import pytest

from thapcanh.alerts.reports.counting import count
from thapcanh.alerts.reports.figures import CountedAlert, Figures, FiguresSpan

START = 1_800_000_000.0 - 1_800_000_000.0 % 600
DAY = 86_400.0


def row(at: float = 0.0, **changes: Any) -> CountedAlert:
    facts: dict[str, Any] = {
        "kind": "fire",
        "priority": 1,
        "state": "new",
        "area": "cua-nam",
        "agency": "pc07",
        "camera_id": "gate",
        "camera_name": "Cổng",
        "verdict": None,
        "reject_reason": None,
        "raised_at": START + at,
        "stored_at": START + at,
        "first_acknowledged_at": None,
        "verdict_at": None,
        "closed_at": None,
    }
    return CountedAlert(**{**facts, **changes})


def judged(at: float, verdict: str, after_s: float, **changes: Any) -> CountedAlert:
    when = START + at
    times = {"first_acknowledged_at": when + after_s, "verdict_at": when + 2 * after_s}
    return row(at, verdict=verdict, state=verdict, **times, **changes)


def figures(*rows: CountedAlert, **span: Any) -> Figures:
    facts = {"since": START, "until": START + DAY, "now": START + DAY, "bar_s": 3600.0}
    return count(rows, FiguresSpan(**{**facts, **span}))


def test_nothing_happened_is_said_without_dividing_by_it() -> None:
    found = figures()
    assert found.watch.total == 0
    assert found.watch.false_rate is None
    assert found.acknowledge.within_15_s is None
    assert (found.load.most, found.load.most_at, found.load.mean) == (0, None, 0.0)
    assert len(found.timeline) == 24


def test_the_false_rate_is_of_the_judged_and_by_camera() -> None:
    found = figures(
        judged(0, "rejected", 5, camera_id="a", camera_name="A", reject_reason="steam"),
        judged(60, "rejected", 5, camera_id="a", camera_name="A", reject_reason="fog"),
        judged(120, "confirmed", 5, camera_id="b", camera_name="B"),
        row(180, camera_id="b", camera_name="B"),
    )
    assert found.watch.false_rate == pytest.approx(2 / 3)
    by_camera = {each.name: (each.label, each.false_rate, each.unjudged) for each in found.cameras}
    assert by_camera == {"a": ("A", 1.0, 0), "b": ("B", 0.0, 1)}
    assert found.reject_reasons == {"steam": 1, "fog": 1}
    assert found.unanswered == 1


def test_the_systems_own_troubles_do_not_dress_up_the_rates() -> None:
    found = figures(judged(0, "rejected", 5), row(1, kind="camera_offline", state="closed"))
    assert (found.watch.total, found.system, found.watch.false_rate) == (1, 1, 1.0)
    assert {each.name for each in found.kinds} == {"fire", "camera_offline"}
    assert found.load.heard == 2


@pytest.mark.parametrize(
    ("after_s", "within_15", "within_60"),
    [(15.0, 1.0, 1.0), (15.1, 0.0, 1.0), (60.0, 0.0, 1.0), (60.1, 0.0, 0.0)],
)
def test_the_bounds_of_prompt(after_s: float, within_15: float, within_60: float) -> None:
    found = figures(judged(0, "confirmed", after_s))
    assert found.acknowledge.within_15_s == within_15
    assert found.acknowledge.within_60_s == within_60


def test_median_and_ninety_percent_of_ten() -> None:
    found = figures(*(judged(i, "confirmed", float(i + 1)) for i in range(10)), row(99))
    taken = found.acknowledge
    assert (taken.counted, taken.missing) == (10, 1)
    assert (taken.median_s, taken.p90_s, taken.longest_s) == (5.0, 9.0, 10.0)


def test_a_clock_that_ran_back_gives_no_negative_delay() -> None:
    found = figures(judged(0, "confirmed", -5.0))
    assert found.acknowledge.median_s == 0.0


def test_eleven_in_ten_minutes_is_a_flood_and_ten_is_not() -> None:
    ten = figures(*(row(i * 10.0) for i in range(10)))
    assert (ten.load.flooded, ten.load.most) == (0, 10)
    eleven = figures(*(row(i * 10.0) for i in range(10)), row(590.0))
    assert (eleven.load.flooded, eleven.load.most, eleven.load.most_at) == (1, 11, START)
    assert eleven.load.flood_share == pytest.approx(1 / 144)


def test_what_speaks_again_is_heard_again() -> None:
    found = figures(row(0, spoke_at=(START + 130, START + 260), leases_lost=2))
    assert (found.load.heard, found.leases_lost) == (3, 2)


def test_load_is_shared_by_the_desks_on_duty_then() -> None:
    two, one = (START, START + DAY), (START + 3600, None)
    rows = [row(0), row(1), row(7200), row(7201)]
    found = figures(*rows, shifts=[two, one])
    assert found.load.mean_per_desk == pytest.approx((2 / 1 + 2 / 2) / 144)
    assert figures(*rows).load.mean_per_desk is None


def test_only_the_part_of_the_period_that_passed_counts_as_time() -> None:
    found = figures(row(0), now=START + 3600)
    assert found.load.slices == 6
    assert len(found.timeline) == 24


def test_stale_is_open_for_more_than_a_day_even_if_closed_since() -> None:
    late = row(0, closed_at=START + DAY + 1)
    in_time = row(0, closed_at=START + DAY)
    still_open = row(0)
    assert figures(late, in_time, still_open, now=START + DAY + 2).stale == 2


def test_the_loudest_ten_cameras_are_named_with_their_share() -> None:
    rows = [row(i, camera_id=f"c{i % 12}", camera_name=f"C{i % 12}") for i in range(24)]
    found = figures(*rows, row(30, camera_id="c3", camera_name="C3"))
    assert len(found.sources) == 10
    assert (found.sources[0].camera_id, found.sources[0].heard) == ("c3", 3)
    assert math.isclose(sum(each.share for each in found.sources), 21 / 25)


def test_bars_start_at_the_period() -> None:
    found = figures(judged(3599, "confirmed", 1), judged(3600, "rejected", 1))
    assert [bar.total for _, bar in found.timeline[:3]] == [1, 1, 0]
    assert found.timeline[1][0] == START + 3600
