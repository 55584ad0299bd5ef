"""The reported periods of Hà Nội's calendar, and what each is compared with."""

from datetime import date, datetime

import pytest

from thapcanh.alerts.reports.report_calendar import (
    Comparison,
    SituationPeriod,
    compared_with,
    day_of,
    span_of,
)
from thapcanh.config.local_time import LOCAL_TZ


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_TZ).timestamp()


@pytest.mark.parametrize(
    ("period", "day", "first", "last", "named"),
    [
        ("day", "2026-11-26", "2026-11-26", "2026-11-26", (2026, None)),
        ("month", "2026-11-14", "2026-10-15", "2026-11-14", (2026, 11)),
        ("month", "2026-11-15", "2026-11-15", "2026-12-14", (2026, 12)),
        ("quarter", "2025-01-01", "2024-12-15", "2025-03-14", (2025, 1)),
        ("half_year", "2026-06-15", "2026-06-15", "2026-12-14", (2026, 2)),
        ("year", "2026-12-15", "2026-12-15", "2027-12-14", (2027, 1)),
    ],
)
def test_periods_are_the_ministrys(
    period: str, day: str, first: str, last: str, named: tuple[int, int | None]
) -> None:
    span = span_of(SituationPeriod(period), date.fromisoformat(day))
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)
    assert (span.year, span.part) == named
    assert span.since == at(first)


def test_a_day_may_begin_in_the_morning() -> None:
    span = span_of(SituationPeriod.DAY, date(2026, 11, 26), 7)
    assert (span.since, span.until) == (at("2026-11-26T07:00"), at("2026-11-27T07:00"))
    assert day_of(at("2026-11-27T06:59:59"), 7) == date(2026, 11, 26)
    assert day_of(at("2026-11-27T07:00"), 7) == date(2026, 11, 27)


def test_a_day_that_is_not_over_is_compared_up_to_the_same_hour() -> None:
    span = span_of(SituationPeriod.DAY, date(2028, 2, 29))
    found = compared_with(span, at("2028-02-29T10:00"))
    assert [(one.comparison, one.since, one.until) for one in found] == [
        (Comparison.DAY_BEFORE, at("2028-02-28"), at("2028-02-28T10:00")),
        (Comparison.WEEK_BEFORE, at("2028-02-22"), at("2028-02-22T10:00")),
        (Comparison.YEAR_BEFORE, at("2027-02-28"), at("2027-02-28T10:00")),
    ]
    over = compared_with(span, at("2028-03-05"))
    assert [one.until - one.since for one in over] == [86_400.0] * 3


def test_longer_periods_are_compared_with_the_one_before_and_last_years() -> None:
    later = at("2027-06-01")
    month = span_of(SituationPeriod.MONTH, date(2026, 12, 1))
    assert [(one.comparison, one.since) for one in compared_with(month, later)] == [
        (Comparison.PERIOD_BEFORE, at("2026-10-15")),
        (Comparison.YEAR_BEFORE, at("2025-11-15")),
    ]
    year = span_of(SituationPeriod.YEAR, date(2026, 12, 1))
    assert [(one.comparison, one.since) for one in compared_with(year, later)] == [
        (Comparison.YEAR_BEFORE, at("2024-12-15"))
    ]
