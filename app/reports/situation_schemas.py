"""What the API speaks of the situation of a period."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from alerts.reports.report_calendar import Comparison, SituationPeriod
from alerts.reports.situation import SituationPart
from alerts.reports.situation_texts import SituationText
from app.reports.situation_report import SituationReport
from app.web_api.people import People
from app.web_api.schemas import ApiModel, PersonResponse, Time

_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
LONGEST_TEXT = 8000


class SituationTextRequest(BaseModel):
    """A leader's words for a period, written after having read `version` (0: there were none)."""

    model_config = ConfigDict(extra="forbid")

    period: SituationPeriod = SituationPeriod.DAY
    day: date
    text: str = Field(max_length=LONGEST_TEXT, pattern=_PRINTABLE)
    version: int = Field(ge=0)


class SituationTextResponse(ApiModel):
    """One version of a leader's words."""

    version: int
    text: str
    by: PersonResponse | None
    at: Time


class SituationTextListResponse(ApiModel):
    """Every version, the newest first."""

    items: list[SituationTextResponse]


class SituationLineResponse(ApiModel):
    """One figure: a count, or seconds in the part `response`; `before` is in `compared`'s order."""

    part: SituationPart
    name: str
    value: float | None
    before: list[float | None]


class ComparedResponse(ApiModel):
    """An earlier period; cut at the same time where the reported one is not over."""

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
    """The report as the screens read it."""
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
                comparison=one.comparison, since=one.since, until=one.until, known=known
            )
            for one, known in zip(report.compared, report.known, strict=True)
        ],
        lines=[
            SituationLineResponse(
                part=line.part, name=line.name, value=line.value, before=list(line.before)
            )
            for line in report.lines
        ],
        text=None if report.text is None else text_response(report.text, people),
    )


def text_response(text: SituationText, people: People) -> SituationTextResponse:
    """One version with its writer's name."""
    by = people.person(text.by)
    return SituationTextResponse(version=text.version, text=text.text, by=by, at=text.at)
