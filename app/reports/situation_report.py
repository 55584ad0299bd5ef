"""Makes the situation report of a period: counted once, then shown, printed or exported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alerts.reports.report_calendar import (
    CalendarSpan,
    ComparedSpan,
    SituationPeriod,
    compared_with,
    day_of,
    span_of,
)
from alerts.reports.situation import SituationLine, situation_lines
from alerts.reports.situation_counts import situation_of
from alerts.reports.situation_texts import SituationText, SituationTextRepository
from app.web_api.access.access import CurrentUser
from app.web_api.app_state import AppState
from app.web_api.errors import ApiError

_EARLIEST_YEAR = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationReport:
    """Everything that the report says. `known`: whether the archive recorded a compared period."""

    span: CalendarSpan
    made_at: float
    compared: Sequence[ComparedSpan]
    known: Sequence[bool]
    lines: Sequence[SituationLine]
    text: SituationText | None


def asked_span(here: AppState, period: SituationPeriod, day: date | None) -> CalendarSpan:
    """The period that is asked for, today's where no day is named."""
    hour = here.services.site().centre.report_hour
    today = day_of(here.services.clock.utc(), hour)
    wanted = today if day is None else day
    if wanted > today:
        raise ApiError(422, "situation_ahead")
    if wanted.year < _EARLIEST_YEAR:
        raise ApiError(422, "situation_too_early", year=_EARLIEST_YEAR)
    return span_of(period, wanted, hour)


def situation_report(caller: CurrentUser, here: AppState, span: CalendarSpan) -> SituationReport:
    """Count a period, of what the caller may see."""
    now, database = here.services.clock.utc(), here.services.archive.database
    compared = compared_with(span, now, here.services.site().centre.report_hour)
    spans = [(one.since, one.until) for one in compared]
    counted, before = situation_of(database, (span.since, span.until), spans, caller.scope)
    versions = SituationTextRepository(database).versions(span.key, caller.scope)
    return SituationReport(
        span=span,
        made_at=now,
        compared=compared,
        known=[one is not None for one in before],
        lines=situation_lines(counted, before),
        text=versions[0] if versions and versions[0].text else None,
    )
