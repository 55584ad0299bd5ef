"""The situation report: shown, written beside by a leader, printed and exported."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from thapcanh.alerts.reports.report_calendar import CalendarSpan, Comparison, SituationPeriod
from thapcanh.alerts.reports.situation import (
    SituationFigure,
    SituationPart,
    SituationText,
    SituationTextRepository,
)
from thapcanh.alerts.store.roles import Role
from thapcanh.app.reports.situation_report import (
    SituationReport,
    requested_span,
    situation_paper,
    situation_report,
    situation_sheets,
)
from thapcanh.app.reports.spreadsheet import ClockTime, xlsx
from thapcanh.app.reports.table_words import metadata_table, words_for
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, EXPORTS
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.downloads import PDF, XLSX, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, SpokenModel, Time

router = APIRouter(prefix=PREFIX, tags=["report"])


_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
LONGEST_TEXT = 8000


class SituationTextRequest(SpokenModel):
    """A leader's words for a period, written after having read `version` (0: there were none)."""

    model_config = ConfigDict(extra="forbid")

    period: SituationPeriod = SituationPeriod.DAY
    day: date
    text: str = Field(max_length=LONGEST_TEXT, pattern=_PRINTABLE)
    version: int = Field(ge=0)


class SituationTextResponse(ApiModel):
    """One version of a leader's text."""

    version: int
    text: str
    by: PersonResponse | None
    at: Time


class SituationTextListResponse(ApiModel):
    """Every version, the newest first."""

    items: list[SituationTextResponse]


class VerdictsResponse(ApiModel):
    """Confirmed, rejected and undecided numbers."""

    confirmed: int
    rejected: int
    unjudged: int


class SituationLineResponse(ApiModel):
    """One figure: a count, or seconds in the part `response`; `before` is in `compared`'s order.

    Alerts also have verdicts, which add up to the count.
    """

    part: SituationPart
    name: str
    value: float | None
    verdicts: VerdictsResponse | None
    before: list[float | None]
    verdicts_before: list[VerdictsResponse | None]


class ComparedResponse(ApiModel):
    """An earlier period, cut at the same time if the reported one is not over."""

    comparison: Comparison
    since: Time
    until: Time
    known: bool


class SituationResponse(ApiModel):
    """A period's incidents, calls and alerts beside earlier periods, and the leader's words."""

    period: SituationPeriod
    first: date
    last: date
    year: int
    part: int | None
    since: Time
    until: Time
    made_at: Time
    compared: list[ComparedResponse]
    lines: list[SituationLineResponse]
    text: SituationTextResponse | None


def situation_response(report: SituationReport, people: People) -> SituationResponse:
    span = report.span
    return SituationResponse(
        period=span.period,
        first=span.first,
        last=span.last,
        year=span.year,
        part=span.part,
        since=span.since,
        until=span.until,
        made_at=report.made_at,
        compared=[
            ComparedResponse(
                comparison=item.comparison, since=item.since, until=item.until, known=known
            )
            for item, known in zip(report.compared, report.known, strict=True)
        ],
        lines=[
            SituationLineResponse(
                part=line.part,
                name=line.name,
                value=line.now.value,
                verdicts=_verdicts(line.now),
                before=[None if item is None else item.value for item in line.before],
                verdicts_before=[_verdicts(item) for item in line.before],
            )
            for line in report.lines
        ],
        text=None if report.text is None else text_response(report.text, people),
    )


def _verdicts(figure: SituationFigure | None) -> VerdictsResponse | None:
    verdicts = None if figure is None else figure.verdicts
    return None if verdicts is None else VerdictsResponse(**asdict(verdicts))


def text_response(text: SituationText, people: People) -> SituationTextResponse:
    by = people.person(text.by)
    return SituationTextResponse(version=text.version, text=text.text, by=by, at=text.at)


def asked(
    state: AppStateDep,
    period: Annotated[SituationPeriod, Query()] = SituationPeriod.DAY,
    day: Annotated[date | None, Query(description="a day of the period; today without")] = None,
) -> CalendarSpan:
    return requested_span(state, period, day)


Asked = Annotated[CalendarSpan, Depends(asked)]


@router.get("/situation")
@permits(EVERYONE, token=TokenScope.READ)
def situation(caller: CurrentUserDep, state: AppStateDep, span: Asked) -> SituationResponse:
    """Return a period's incidents, calls and alerts beside earlier periods, in scope."""
    return situation_response(situation_report(caller, state, span), state.people)


@router.get("/situation/texts")
@permits(EVERYONE, token=TokenScope.READ)
def situation_texts(
    caller: CurrentUserDep, state: AppStateDep, span: Asked
) -> SituationTextListResponse:
    """List every version of leaders' texts on a period."""
    versions = _texts(state).versions(span.key, caller.scope)
    return SituationTextListResponse(items=[text_response(item, state.people) for item in versions])


@router.put("/situation/text")
@permits(frozenset({Role.LEADER}))
def write_situation_text(
    caller: CurrentUserDep, state: AppStateDep, body: SituationTextRequest
) -> SituationResponse:
    """Write a new version of the words beside a period; refused where another was written since."""
    span = requested_span(state, body.period, body.day)
    now = state.services.clock.utc()
    actor = caller.actor(Role.LEADER)
    if not _texts(state).write(actor, span.key, body.text.strip(), body.version, now):
        newest = _texts(state).versions(span.key, caller.scope)
        by, at = (newest[0].by, newest[0].at) if newest else (actor.username, now)
        name = state.people.name(by)
        raise ApiError(409, "situation_text_changed", extra={"at": at}, name=name)
    return situation_response(situation_report(caller, state, span), state.people)


@router.get("/situation/export.xlsx", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def situation_xlsx(
    caller: CurrentUserDep, state: AppStateDep, request: Request, span: Asked
) -> StreamingResponse:
    """Export the report as XLSX."""
    words, report = words_for(request, state), _exported(caller, state, span, "xlsx")
    about = metadata_table(
        caller, state, words, [("since", ClockTime(span.since)), ("until", ClockTime(span.until))]
    )
    tables = [*situation_sheets(report, words), about]
    return download(xlsx(tables), XLSX, f"{_name(span)}.xlsx")


@router.get("/situation/export.pdf", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def situation_pdf(caller: CurrentUserDep, state: AppStateDep, span: Asked) -> StreamingResponse:
    """Export the report as an official document in PDF."""
    from thapcanh.app.reports.paper.pdf import pdf

    report = _exported(caller, state, span, "pdf")
    paper = situation_paper(report, state, caller.session.user.name)
    return download([pdf(paper)], PDF, f"{_name(span)}.pdf")


def _exported(
    caller: CurrentUser, state: AppState, span: CalendarSpan, form: str
) -> SituationReport:
    """Return the report, after logging the export."""
    details = {"period": span.key, "form": form}
    log_takeaway(caller, state, action="report_exported", object_id="report", details=details)
    return situation_report(caller, state, span)


def _texts(state: AppState) -> SituationTextRepository:
    return SituationTextRepository(state.services.archive.database)


def _name(span: CalendarSpan) -> str:
    return f"tinh-hinh-{span.first:%Y%m%d}-{span.last:%Y%m%d}"
