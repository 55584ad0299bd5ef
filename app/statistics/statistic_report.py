"""Makes the statistics of a period: counted once, then shown, printed or exported."""

from dataclasses import dataclass

from thapcanh.alerts.statistics.statistic_counts import counted_months
from thapcanh.alerts.statistics.statistic_period import (
    StatisticPeriod,
    month_at,
    month_of,
    quarter_of,
    year_of,
)
from thapcanh.alerts.statistics.statistic_rows import StatisticRow, statistic_rows
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticReport:
    """All figures; `compared` are the period before and the year before, cut alike."""

    period: StatisticPeriod
    made_at: float
    compared: tuple[StatisticPeriod, ...]
    known: tuple[bool, ...]
    rows: tuple[StatisticRow, ...]


def requested_period(
    state: AppState, month: str | None, quarter: str | None, year: str | None
) -> StatisticPeriod:
    """Return the requested period; by default this month."""
    named = [item for item in (month, quarter, year) if item is not None]
    now = state.services.clock.utc()
    if len(named) > 1:
        raise ApiError(422, "statistic_period", extra={"field": "query.month"})
    if not named:
        return month_at(now)
    period = (
        month_of(month or "")
        or (None if quarter is None else quarter_of(quarter))
        or (None if year is None else year_of(year))
    )
    if period is None or period.since > now:
        raise ApiError(422, "statistic_period", extra={"field": "query.month"})
    return period


def statistic_report(
    caller: CurrentUser, state: AppState, period: StatisticPeriod
) -> StatisticReport:
    """Count a period and those beside it, of what the caller may see."""
    now = state.services.clock.utc()
    compared = (period.before,) if period.months == 12 else (period.before, period.year_before)
    passed_s = now - period.since
    spans = [
        (item.since, min(item.until, item.since + passed_s) if now < period.until else item.until)
        for item in compared
    ]
    counted, before = counted_months(
        state.services.archive.database, (period.since, period.until), spans, caller.scope
    )
    return StatisticReport(
        period=period,
        made_at=now,
        compared=compared,
        known=tuple(item is not None for item in before),
        rows=statistic_rows(counted, before),
    )
