"""Reports of any period, on the screen and as a workbook; and the figures at a desk's foot.

A report reads its period and nothing else, the foot's figures the last seven days: through the
index on time, however old the archive is.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from alerts.archive.history_rows import Days, desk_figures
from alerts.archive.report_rows import Period, counted
from alerts.archive.shift_book import ShiftBook
from alerts.counting import count
from alerts.figures import PROMPT_S, Figures, Span
from app.api.access import Asking, Caller
from app.api.coverage_routes import coverage_of
from app.api.history_routes import about_sheet, words_for
from app.api.history_table import Namer
from app.api.parts import Here, Parts
from app.api.period import DAY_S, LOCAL_OFFSET_S, bar_of, midnight, period
from app.api.permissions import PREFIX
from app.api.report_forms import DeskFoot, Report, shown_report
from app.api.report_table import sheets
from app.api.takeaway import XLSX, download, log_takeaway
from app.spreadsheet import Moment, xlsx

router = APIRouter(prefix=PREFIX, tags=["report"])

_WEEK_DAYS = 7
Wanted = Annotated[tuple[float, float], Depends(period)]


@router.get("/report")
def report(caller: Asking, here: Here, wanted: Wanted) -> Report:
    """The period in figures, of what the caller may see."""
    figures, span = _figures(caller, here, wanted)
    return shown_report(figures, span, coverage_of(caller, here, *wanted))


@router.get("/report/desk")
def desk_foot(caller: Asking, here: Here) -> DeskFoot:
    """How fast today's alerts were taken, and how many verdicts of seven days were "false"."""
    now = here.services.clock.utc()
    today = midnight(now)
    days = Days(today_from=today, week_from=today - _WEEK_DAYS * DAY_S, prompt_s=PROMPT_S)
    found = desk_figures(here.services.archive.database, days, caller.scope)
    return DeskFoot(
        acknowledged_today=found.acknowledged,
        within_15_s_today=_share(found.within_15_s, found.acknowledged),
        judged_7_days=found.judged,
        false_rate_7_days=_share(found.rejected, found.judged),
    )


@router.get("/report/export.xlsx", response_class=StreamingResponse)
def export_xlsx(caller: Asking, here: Here, request: Request, wanted: Wanted) -> StreamingResponse:
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
    about = about_sheet(caller, here, words, [("since", Moment(since)), ("until", Moment(until))])
    covered = coverage_of(caller, here, since, until)
    namer = Namer.of(words, here.people, here.services.site())
    tables = [*sheets(figures, namer, covered), about]
    first, last = _day(since), _day(until - 1)
    return download(xlsx(tables), XLSX, f"bao-cao-{first}-{last}.xlsx")


def _figures(caller: Caller, here: Parts, wanted: tuple[float, float]) -> tuple[Figures, Span]:
    since, until = wanted
    database = here.services.archive.database
    shifts = ShiftBook(database).between(since, until)
    span = Span(
        since=since,
        until=until,
        now=here.services.clock.utc(),
        bar_s=bar_of(since, until),
        shifts=[(shift.taken_at, shift.ended_at) for shift in shifts],
    )
    rows = counted(database, Period(since=since, until=until, scope=caller.scope))
    figures = count(rows, span)
    return figures, span


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at + LOCAL_OFFSET_S, UTC):%Y%m%d}"
