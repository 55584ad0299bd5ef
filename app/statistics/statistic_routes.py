"""Statistics of a month, a quarter or a year: shown, opened to their incidents, exported."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from thapcanh.alerts.statistics.statistic_period import StatisticPeriod
from thapcanh.alerts.statistics.statistic_rows import Population, StatisticPart
from thapcanh.app.incidents.incident_routes import incidents
from thapcanh.app.incidents.incident_schemas import IncidentResponse, incident_response
from thapcanh.app.registry.wrong_lines import reader_language
from thapcanh.app.reports.spreadsheet import ClockTime, xlsx
from thapcanh.app.reports.table_words import about_sheet, words_for
from thapcanh.app.statistics.statistic_form import (
    FormWrong,
    StatisticForm,
    form_text,
    formed,
    read_form,
)
from thapcanh.app.statistics.statistic_report import StatisticReport, asked_period, statistic_report
from thapcanh.app.statistics.statistic_tables import statistic_paper, statistic_sheets
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, TAKES_AWAY
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.downloads import PDF, XLSX, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, Time

router = APIRouter(prefix=PREFIX, tags=["statistics"])

TOML = "application/toml; charset=utf-8"
_MOST_OPENED = 200
_MOST_PROBLEMS = 5
Part = Annotated[str | None, Query(max_length=10)]


class OpenedFigure(BaseModel):
    """Requested figure, and the incident to start at."""

    part: StatisticPart
    name: str = Field(max_length=64)
    not_said: bool = Field(
        default=False, description="the incidents missing from a sum, instead of those in it"
    )
    offset: int = Field(default=0, ge=0, le=1_000_000)


class StatisticRowResponse(ApiModel):
    """One figure: a count, a sum or seconds; `before` is in the order of `compared`."""

    part: StatisticPart
    name: str
    population: Population = Field(description="the records that the figure counts")
    value: float | None
    before: list[float | None]
    incidents: list[str] = Field(description="ids of those that it is made of")
    not_said: list[str] = Field(
        description="ids of incidents without this value; the sum is null if all lack it"
    )
    before_not_said: list[int | None] = Field(description="how many incidents an earlier sum lacks")


class StatisticsResponse(ApiModel):
    """A period's figures beside the last period's and last year's."""

    period: str
    since: Time
    until: Time
    made_at: Time
    compared: list[str]
    known: list[bool] = Field(description="whether the archive covers all of a compared period")
    rows: list[StatisticRowResponse]


class StatisticIncidentsResponse(ApiModel):
    """Incidents of a figure, in their order; `count` is how many there are."""

    count: int
    items: list[IncidentResponse]


def asked(
    here: AppStateDep, month: Part = None, quarter: Part = None, year: Part = None
) -> StatisticPeriod:
    """Return the requested period: 2026-11, 2026-Q4 or 2026."""
    return asked_period(here, month, quarter, year)


Asked = Annotated[StatisticPeriod, Depends(asked)]


@router.get("/statistics")
@permits(EVERYONE, token=TokenScope.READ)
def statistics(caller: CurrentUserDep, here: AppStateDep, period: Asked) -> StatisticsResponse:
    """Return every figure of a period with its incidents, in the caller's scope."""
    report = statistic_report(caller, here, period)
    return StatisticsResponse(
        period=period.name,
        since=period.since,
        until=period.until,
        made_at=report.made_at,
        compared=[one.name for one in report.compared],
        known=list(report.known),
        rows=[
            StatisticRowResponse(
                part=row.part,
                name=row.name,
                population=row.population,
                value=row.value,
                before=list(row.before),
                incidents=list(row.incidents),
                not_said=list(row.not_said),
                before_not_said=list(row.before_not_said),
            )
            for row in report.rows
        ],
    )


@router.get("/statistics/incidents")
@permits(EVERYONE, token=TokenScope.READ)
def statistic_incidents(
    caller: CurrentUserDep,
    here: AppStateDep,
    period: Asked,
    wanted: Annotated[OpenedFigure, Query()],
) -> StatisticIncidentsResponse:
    """List the incidents of a figure, or those missing from it; 200 at a time."""
    report = statistic_report(caller, here, period)
    row = next(
        (one for one in report.rows if (one.part, one.name) == (wanted.part, wanted.name)), None
    )
    if row is None:
        raise ApiError(404, "statistic_not_found")
    opened = row.not_said if wanted.not_said else row.incidents
    ids = opened[wanted.offset : wanted.offset + _MOST_OPENED]
    found = (incidents(here).one(one, caller.scope) for one in ids)
    items = [incident_response(one, here.people) for one in found if one is not None]
    return StatisticIncidentsResponse(count=len(opened), items=items)


@router.get("/statistics/export.xlsx", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def statistics_xlsx(
    caller: CurrentUserDep, here: AppStateDep, request: Request, period: Asked
) -> StreamingResponse:
    """Export the form as XLSX, with the incident numbers of each figure."""
    form, words = _form(here), words_for(request, here)
    report = _taken_away(caller, here, period, "xlsx")
    numbers = incidents(here).numbers(sorted({one for row in report.rows for one in row.incidents}))
    times = [("since", ClockTime(period.since)), ("until", ClockTime(period.until))]
    parts = formed(form, report.rows, reader_language(request, here))
    sheets = statistic_sheets(report, parts, words, numbers)
    about = about_sheet(caller, here, words, list(times))
    return download(xlsx([*sheets, about]), XLSX, f"thong-ke-{period.name}.xlsx")


@router.get("/statistics/export.pdf", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def statistics_pdf(caller: CurrentUserDep, here: AppStateDep, period: Asked) -> StreamingResponse:
    """Export the form as an official document in PDF."""
    from thapcanh.app.reports.paper.pdf import pdf

    form = _form(here)
    report = _taken_away(caller, here, period, "pdf")
    paper = statistic_paper(report, form, here, caller.session.user.name)
    return download([pdf(paper)], PDF, f"thong-ke-{period.name}.pdf")


@router.get("/statistics/form", response_class=StreamingResponse)
@permits(EVERYONE, token=TokenScope.READ)
def statistics_form(_: CurrentUserDep, here: AppStateDep) -> StreamingResponse:
    """Return the form in force as an editable file."""
    return download([form_text(_form(here)).encode()], TOML, "mau-thong-ke.toml")


def _form(here: AppState) -> StatisticForm:
    """Return the form in force; raise `ApiError` if the site's file is invalid."""
    try:
        return read_form(here.services.site().centre.statistics_form)
    except FormWrong as error:
        told = "; ".join(error.problems[:_MOST_PROBLEMS])
        raise ApiError(409, "statistics_form_wrong", problems=told) from error


def _taken_away(
    caller: CurrentUser, here: AppState, period: StatisticPeriod, form: str
) -> StatisticReport:
    """Return the report, after logging the export."""
    details = {"period": period.name, "form": form}
    log_takeaway(caller, here, action="report_exported", object_id="statistics", details=details)
    return statistic_report(caller, here, period)
