"""API schemas of the roster."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.shifts.duties import LATEST_AT, Duty, RosterDuty, RosterFault, RosterProblem
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, SpokenModel, Time

_PLAIN = r"^[^\x00-\x1f\x7f]*$"


class NewDutyRequest(BaseModel):
    """A duty for the roster; without an end it lasts 24 hours."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=64, pattern=_PLAIN)
    duty: Duty = Duty.DESK
    begins_at: Annotated[UtcTime, Field(le=LATEST_AT)]
    ends_at: UtcTime | None = None


class SwapDutiesRequest(SpokenModel):
    """Two duties whose people change places, and why."""

    model_config = ConfigDict(extra="forbid")

    first: str = Field(max_length=64, pattern=r"^[\w-]+$")
    second: str = Field(max_length=64, pattern=r"^[\w-]+$")
    reason: str = Field(min_length=1, max_length=500, pattern=_PLAIN)


class DutyResponse(ApiModel):
    """A duty of the roster; `swapped_with` had it before an exchange."""

    id: str
    person: PersonResponse
    duty: Duty
    begins_at: Time
    ends_at: Time
    swapped_with: PersonResponse | None


class RosterProblemResponse(ApiModel):
    """Unassigned hours (`gap`), or one person twice (`double`)."""

    fault: RosterFault
    duty: Duty
    begins_at: Time
    ends_at: Time
    person: PersonResponse | None


class RosterResponse(ApiModel):
    """The duties of a period, what is wrong with them, and who may be written into the roster."""

    items: list[DutyResponse]
    problems: list[RosterProblemResponse]
    people: list[PersonResponse]
    may_write: bool


class RosterLineResponse(ApiModel):
    """A wrong line of a file."""

    line: int
    message: str


class RosterImportResponse(ApiModel):
    """Preview or result of an import; with a wrong line nothing is added."""

    dry_run: bool
    duties: int
    added: int
    problems: list[RosterLineResponse]


def duty_response(item: RosterDuty, people: People) -> DutyResponse:
    return DutyResponse(
        id=item.id,
        person=person_response(item.username, people),
        duty=item.duty,
        begins_at=item.begins_at,
        ends_at=item.ends_at,
        swapped_with=people.person(item.swapped_with),
    )


def problem_response(item: RosterProblem, people: People) -> RosterProblemResponse:
    return RosterProblemResponse(
        fault=item.fault,
        duty=item.duty,
        begins_at=item.begins_at,
        ends_at=item.ends_at,
        person=people.person(item.username),
    )


def person_response(username: str, people: People) -> PersonResponse:
    return PersonResponse(username=username, name=people.name(username))
