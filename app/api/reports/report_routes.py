"""Reports of any period, on the screen and as a workbook; and the figures at a desk's foot.

A report reads its period and nothing else, the foot's figures the last seven days: through the
index on time, however old the archive is.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from alerts.archive.repositories.history import DayBounds, desk_figures
from alerts.archive.repositories.reports import ReportPeriod, counted
from alerts.archive.repositories.shifts import ShiftRepository
from alerts.reporting.counting import count
from alerts.reporting.figures import PROMPT_S, Figures, FiguresSpan
from app.api.app_state import AppState, AppStateDep
from app.api.auth.access import CurrentUser, CurrentUserDep
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import EVERYONE, TAKES_AWAY
from app.api.auth.token_scopes import TokenScope
from app.api.downloads import XLSX, download, log_takeaway
from app.api.prefix import PREFIX
from app.api.reports.coverage_routes import coverage_of
from app.api.reports.period import DAY_S, LOCAL_OFFSET_S, bar_of, midnight, period
from app.api.reports.report_schemas import DeskFootResponse, ReportResponse, report_response
from app.api.reports.report_table import sheets
from app.api.reports.site_names import SiteNames
from app.api.reports.spreadsheet import ClockTime, xlsx
from app.api.reports.table_words import about_sheet, words_for

router = APIRouter(prefix=PREFIX, tags=["report"])

_WEEK_DAYS = 7
Wanted = Annotated[tuple[float, float], Depends(period)]


@router.get("/report")
@permits(EVERYONE, token=TokenScope.READ)
def report(caller: CurrentUserDep, here: AppStateDep, wanted: Wanted) -> ReportResponse:
    """The period in figures, of what the caller may see."""
    figures, span = _figures(caller, here, wanted)
    return report_response(figures, span, coverage_of(caller, here, *wanted))


@router.get("/report/desk")
@permits(EVERYONE, token=TokenScope.READ)
def desk_foot(caller: CurrentUserDep, here: AppStateDep) -> DeskFootResponse:
    """How fast today's alerts were taken, and how many verdicts of seven days were "false"."""
    now = here.services.clock.utc()
    today = midnight(now)
    days = DayBounds(today_from=today, week_from=today - _WEEK_DAYS * DAY_S, prompt_s=PROMPT_S)
    found = desk_figures(here.services.archive.database, days, caller.scope)
    return DeskFootResponse(
        acknowledged_today=found.acknowledged,
        within_15_s_today=_share(found.within_15_s, found.acknowledged),
        judged_7_days=found.judged,
        false_rate_7_days=_share(found.rejected, found.judged),
    )


@router.get("/report/export.xlsx", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def export_xlsx(
    caller: CurrentUserDep, here: AppStateDep, request: Request, wanted: Wanted
) -> StreamingResponse:
    """The report as a workbook."""
    since, until = wanted
    words = words_for(request, here)
    figures, _ = _figures(caller, here, wanted)
    log_takeaway(
        caller,
        here,
        action="report_exported",
        object_id="report",
        details={"since": since, "until": until},
    )
    about = about_sheet(
        caller, here, words, [("since", ClockTime(since)), ("until", ClockTime(until))]
    )
    covered = coverage_of(caller, here, since, until)
    namer = SiteNames.of(words, here.people, here.services.site())
    tables = [*sheets(figures, namer, covered), about]
    first, last = _day(since), _day(until - 1)
    return download(xlsx(tables), XLSX, f"bao-cao-{first}-{last}.xlsx")


def _figures(
    caller: CurrentUser, here: AppState, wanted: tuple[float, float]
) -> tuple[Figures, FiguresSpan]:
    since, until = wanted
    database = here.services.archive.database
    shifts = ShiftRepository(database).between(since, until)
    span = FiguresSpan(
        since=since,
        until=until,
        now=here.services.clock.utc(),
        bar_s=bar_of(since, until),
        shifts=[(shift.taken_at, shift.ended_at) for shift in shifts],
    )
    rows = counted(database, ReportPeriod(since=since, until=until, scope=caller.scope))
    figures = count(rows, span)
    return figures, span


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at + LOCAL_OFFSET_S, UTC):%Y%m%d}"
