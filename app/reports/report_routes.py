"""Reports of any period, on the screen and as a workbook; and the figures at a desk's foot."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from thapcanh.alerts.reports.counting import count
from thapcanh.alerts.reports.figures import PROMPT_S, Figures, FiguresSpan
from thapcanh.alerts.reports.reports import DayBounds, ReportPeriod, counted, deeds_of, desk_figures
from thapcanh.alerts.shifts.shift_account import ShiftAccount, account
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.app.coverage.coverage_routes import coverage_of
from thapcanh.app.reports.report_schemas import (
    DeskFootResponse,
    ReportParts,
    ReportResponse,
    report_response,
)
from thapcanh.app.reports.report_table import period_report, sheets, summary
from thapcanh.app.reports.spreadsheet import ClockTime, csv_text, xlsx
from thapcanh.app.reports.table_words import SiteNames, metadata_table, words_for
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, EXPORTS
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.downloads import CSV, PDF, XLSX, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import DAY_S, LOCAL_OFFSET_S, bar_of, midnight, period

router = APIRouter(prefix=PREFIX, tags=["report"])

_WEEK_DAYS = 7
RequestedFilter = Annotated[tuple[float, float], Depends(period)]
ShiftId = Annotated[str | None, Query(max_length=64, pattern=r"^[\w-]+$")]


@router.get("/report")
@permits(EVERYONE, token=TokenScope.READ)
def report(
    caller: CurrentUserDep, state: AppStateDep, period: RequestedFilter, shift: ShiftId = None
) -> ReportResponse:
    """Return the figures of a period in the caller's scope; with a shift, its officer's work."""
    return report_response(_parts(caller, state, period, shift))


@router.get("/report/desk")
@permits(EVERYONE, token=TokenScope.READ)
def desk_foot(caller: CurrentUserDep, state: AppStateDep) -> DeskFootResponse:
    """Return today's acknowledgement times, and the share of false alerts in seven days."""
    now = state.services.clock.utc()
    today = midnight(now)
    days = DayBounds(today_from=today, week_from=today - _WEEK_DAYS * DAY_S, prompt_s=PROMPT_S)
    found = desk_figures(state.services.archive.database, days, caller.scope)
    return DeskFootResponse(
        acknowledged_today=found.acknowledged,
        within_15_s_today=_share(found.within_15_s, found.acknowledged),
        judged_7_days=found.judged,
        false_rate_7_days=_share(found.rejected, found.judged),
    )


@router.get("/report/export.xlsx", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def export_report_xlsx(
    caller: CurrentUserDep,
    state: AppStateDep,
    request: Request,
    period: RequestedFilter,
    shift: ShiftId = None,
) -> StreamingResponse:
    """Export the report as XLSX."""
    since, until = period
    words = words_for(request, state)
    parts = _parts(caller, state, period, shift)
    _log_export(caller, state, period, "xlsx")
    about = metadata_table(
        caller, state, words, [("since", ClockTime(since)), ("until", ClockTime(until))]
    )
    tables = [*sheets(parts, SiteNames.of(words, state.people, state.services.site())), about]
    return download(xlsx(tables), XLSX, f"{_name(period)}.xlsx")


@router.get("/report/export.csv", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def export_report_csv(
    caller: CurrentUserDep,
    state: AppStateDep,
    request: Request,
    period: RequestedFilter,
    shift: ShiftId = None,
) -> StreamingResponse:
    """Export the report's main figures as CSV, one per row."""
    table = summary(_parts(caller, state, period, shift), words_for(request, state))
    _log_export(caller, state, period, "csv")
    return download(csv_text(table.heads, table.rows), CSV, f"{_name(period)}.csv")


@router.get("/report/export.pdf", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def export_pdf(
    caller: CurrentUserDep, state: AppStateDep, period: RequestedFilter, shift: ShiftId = None
) -> StreamingResponse:
    """Export the report as an official document in PDF."""
    from thapcanh.app.reports.paper.pdf import pdf

    parts = _parts(caller, state, period, shift)
    _log_export(caller, state, period, "pdf")
    paper = period_report(parts, state, caller.session.user.name)
    return download([pdf(paper)], PDF, f"{_name(period)}.pdf")


def _log_export(
    caller: CurrentUser, state: AppState, period: tuple[float, float], form: str
) -> None:
    since, until = period
    details = {"since": since, "until": until, "form": form}
    log_takeaway(caller, state, action="report_exported", object_id="report", details=details)


def _parts(
    caller: CurrentUser, state: AppState, period: tuple[float, float], shift_id: str | None
) -> ReportParts:
    """Return all data of the report, counted once."""
    figures, span = _figures(caller, state, period)
    return ReportParts(
        figures=figures,
        span=span,
        coverage=coverage_of(caller, state, *period),
        account=None if shift_id is None else _account(caller, state, shift_id),
    )


def _account(caller: CurrentUser, state: AppState, shift_id: str) -> ShiftAccount:
    database = state.services.archive.database
    shift = ShiftRepository(database).one(shift_id)
    if shift is None:
        raise ApiError(404, "no_such_shift")
    deeds = deeds_of(database, shift, state.services.clock.utc(), caller.scope)
    return account(deeds, shift.username, shift.taken_at)


def _figures(
    caller: CurrentUser, state: AppState, period: tuple[float, float]
) -> tuple[Figures, FiguresSpan]:
    since, until = period
    database = state.services.archive.database
    shifts = ShiftRepository(database).between(since, until)
    span = FiguresSpan(
        since=since,
        until=until,
        now=state.services.clock.utc(),
        bar_s=bar_of(since, until),
        shifts=[(shift.taken_at, shift.ended_at) for shift in shifts],
    )
    rows = counted(database, ReportPeriod(since=since, until=until, scope=caller.scope))
    figures = count(rows, span)
    return figures, span


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _name(period: tuple[float, float]) -> str:
    since, until = period
    return f"bao-cao-{_day(since)}-{_day(until - 1)}"


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at + LOCAL_OFFSET_S, UTC):%Y%m%d}"
