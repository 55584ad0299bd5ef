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
from thapcanh.app.reports.table_words import metadata_table, words_for
from thapcanh.app.statistics.statistic_form import (
    FormWrong,
    StatisticForm,
    form_text,
    formed,
    read_form,
)
from thapcanh.app.statistics.statistic_report import (
    StatisticReport,
    requested_period,
    statistic_paper,
    statistic_report,
    statistic_sheets,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, EXPORTS
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
    state: AppStateDep, month: Part = None, quarter: Part = None, year: Part = None
) -> StatisticPeriod:
    """Return the requested period: 2026-11, 2026-Q4 or 2026."""
    return requested_period(state, month, quarter, year)


Asked = Annotated[StatisticPeriod, Depends(asked)]


@router.get("/statistics")
@permits(EVERYONE, token=TokenScope.READ)
def statistics(caller: CurrentUserDep, state: AppStateDep, period: Asked) -> StatisticsResponse:
    """Return every figure of a period with its incidents, in the caller's scope."""
    report = statistic_report(caller, state, period)
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
    state: AppStateDep,
    period: Asked,
    query: Annotated[OpenedFigure, Query()],
) -> StatisticIncidentsResponse:
    """List the incidents of a figure, or those missing from it; 200 at a time."""
    report = statistic_report(caller, state, period)
    row = next(
        (one for one in report.rows if (one.part, one.name) == (query.part, query.name)), None
    )
    if row is None:
        raise ApiError(404, "statistic_not_found")
    opened = row.not_said if query.not_said else row.incidents
    ids = opened[query.offset : query.offset + _MOST_OPENED]
    found = (incidents(state).one(one, caller.scope) for one in ids)
    items = [incident_response(one, state.people) for one in found if one is not None]
    return StatisticIncidentsResponse(count=len(opened), items=items)


@router.get("/statistics/export.xlsx", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def statistics_xlsx(
    caller: CurrentUserDep, state: AppStateDep, request: Request, period: Asked
) -> StreamingResponse:
    """Export the form as XLSX, with the incident numbers of each figure."""
    form, words = _form(state), words_for(request, state)
    report = _exported(caller, state, period, "xlsx")
    numbers = incidents(state).numbers(
        sorted({one for row in report.rows for one in row.incidents})
    )
    times = [("since", ClockTime(period.since)), ("until", ClockTime(period.until))]
    parts = formed(form, report.rows, reader_language(request, state))
    sheets = statistic_sheets(report, parts, words, numbers)
    about = metadata_table(caller, state, words, list(times))
    return download(xlsx([*sheets, about]), XLSX, f"thong-ke-{period.name}.xlsx")


@router.get("/statistics/export.pdf", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def statistics_pdf(caller: CurrentUserDep, state: AppStateDep, period: Asked) -> StreamingResponse:
    """Export the form as an official document in PDF."""
    from thapcanh.app.reports.paper.pdf import pdf

    form = _form(state)
    report = _exported(caller, state, period, "pdf")
    paper = statistic_paper(report, form, state, caller.session.user.name)
    return download([pdf(paper)], PDF, f"thong-ke-{period.name}.pdf")


@router.get("/statistics/form", response_class=StreamingResponse)
@permits(EVERYONE, token=TokenScope.READ)
def statistics_form(_: CurrentUserDep, state: AppStateDep) -> StreamingResponse:
    """Return the form in force as an editable file."""
    return download([form_text(_form(state)).encode()], TOML, "mau-thong-ke.toml")


def _form(state: AppState) -> StatisticForm:
    """Return the form in force; raise `ApiError` if the site's file is invalid."""
    try:
        return read_form(state.services.site().centre.statistics_form)
    except FormWrong as error:
        text = "; ".join(error.problems[:_MOST_PROBLEMS])
        raise ApiError(409, "statistics_form_wrong", problems=text) from error


def _exported(
    caller: CurrentUser, state: AppState, period: StatisticPeriod, form: str
) -> StatisticReport:
    """Return the report, after logging the export."""
    details = {"period": period.name, "form": form}
    log_takeaway(caller, state, action="report_exported", object_id="statistics", details=details)
    return statistic_report(caller, state, period)
