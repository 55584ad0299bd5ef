"""Reporting periods by Hà Nội's calendar, and their comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from thapcanh.config.local_time import LOCAL_TZ

_FIRST_DAY = 15


class SituationPeriod(StrEnum):
    """Length of a reporting period."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Comparison(StrEnum):
    """Earlier period for comparison."""

    DAY_BEFORE = "day_before"
    WEEK_BEFORE = "week_before"  # the same day of the week
    PERIOD_BEFORE = "period_before"
    YEAR_BEFORE = "year_before"


_MONTHS: Mapping[SituationPeriod, int] = MappingProxyType(
    {
        SituationPeriod.MONTH: 1,
        SituationPeriod.QUARTER: 3,
        SituationPeriod.HALF_YEAR: 6,
        SituationPeriod.YEAR: 12,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSpan:
    """Reporting period: first and last day, and times in UTC unix seconds.

    `part` counts within the ministry's `year`; a day has none.
    """

    period: SituationPeriod
    first: date
    last: date
    since: float
    until: float
    year: int
    part: int | None = None

    @property
    def key(self) -> str:
        """Key under which the period's data are stored."""
        return f"{self.period}:{self.first.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSpan:
    """Earlier period, cut to the elapsed part of an unfinished one."""

    comparison: Comparison
    since: float
    until: float


def span_of(period: SituationPeriod, day: date, hour: int = 0) -> CalendarSpan:
    """Return the period of a day; days start at `hour`."""
    if period is SituationPeriod.DAY:
        since = _timestamp(day, hour)
        until = _timestamp(day + timedelta(days=1), hour)
        return CalendarSpan(
            period=period, first=day, last=day, since=since, until=until, year=day.year
        )
    months = _MONTHS[period]
    month = day.year * 12 + day.month - 1 + (day.day >= _FIRST_DAY)  # counted from the year 0
    first = month // months * months
    start, end = _ministry_start(first), _ministry_start(first + months)
    return CalendarSpan(
        period=period,
        first=start,
        last=end - timedelta(days=1),
        since=_timestamp(start, hour),
        until=_timestamp(end, hour),
        year=first // 12,
        part=first % 12 // months + 1,
    )


def day_of(now: float, hour: int = 0) -> date:
    return (datetime.fromtimestamp(now, LOCAL_TZ) - timedelta(hours=hour)).date()


def compared_with(span: CalendarSpan, now: float, hour: int = 0) -> tuple[ComparedSpan, ...]:
    """Return the periods for comparison, cut to the elapsed part."""
    passed_s = max(0.0, now - span.since)

    def cut(comparison: Comparison, day: date) -> ComparedSpan:
        found = span_of(span.period, day, hour)
        until = min(found.until, found.since + passed_s) if now < span.until else found.until
        return ComparedSpan(comparison=comparison, since=found.since, until=until)

    last_year = cut(Comparison.YEAR_BEFORE, _year_before(span.first))
    if span.period is SituationPeriod.DAY:
        return (
            cut(Comparison.DAY_BEFORE, span.first - timedelta(days=1)),
            cut(Comparison.WEEK_BEFORE, span.first - timedelta(days=7)),
            last_year,
        )
    if span.period is SituationPeriod.YEAR:
        return (last_year,)
    return cut(Comparison.PERIOD_BEFORE, span.first - timedelta(days=1)), last_year


def _year_before(day: date) -> date:
    """Return the same day a year ago; the 28th for the 29th of February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _ministry_start(month: int) -> date:
    """Return the start of the ministry's month: the 15th of the month before."""
    before = month - 1
    return date(before // 12, before % 12 + 1, _FIRST_DAY)


def _timestamp(day: date, hour: int) -> float:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL_TZ).timestamp()
