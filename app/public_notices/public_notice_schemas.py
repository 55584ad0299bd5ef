"""API schemas of public notices for officers."""

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.public_notices.public_notices import PublicAct, PublicNotice, PublicNoticeState
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, SpokenModel, Time

_ID = r"^[\w-]{1,64}$"
_TITLE, _TEXT = 160, 4000


class DraftNoticeRequest(SpokenModel):
    """A notice of an incident, whose words are drafted where none are given; or of none."""

    model_config = ConfigDict(extra="forbid")

    incident: str | None = Field(default=None, pattern=_ID)
    kind: IncidentKind | None = Field(default=None, description="needed without an incident")
    ward: str | None = Field(default=None, max_length=100, pattern=NO_NUL)
    title: str | None = Field(default=None, min_length=5, max_length=_TITLE, pattern=NO_NUL)
    text: str | None = Field(default=None, min_length=3, max_length=_TEXT, pattern=NO_NUL)


class RedraftNoticeRequest(SpokenModel):
    """New text, replacing a draft or correcting a published notice."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=5, max_length=_TITLE, pattern=NO_NUL)
    text: str = Field(min_length=3, max_length=_TEXT, pattern=NO_NUL)
    draft: int = Field(ge=0, description="which draft was seen")


class SignNoticeRequest(BaseModel):
    """Draft that was read; only this one is signed."""

    model_config = ConfigDict(extra="forbid")

    draft: int = Field(ge=1)


class WithdrawNoticeRequest(SpokenModel):
    """Why; the public reads it."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=5, max_length=500, pattern=NO_NUL)


class PublicVersionResponse(ApiModel):
    """A published version."""

    version: int
    act: PublicAct
    title: str
    text: str
    reason: str | None
    drafted_by: PersonResponse | None
    signed_by: PersonResponse | None
    at: Time


class PublicNoticeResponse(ApiModel):
    """A notice with its draft and published versions.

    Programs get only the version in force; a withdrawal has only its reason.
    """

    id: str
    incident: str | None
    kind: IncidentKind
    ward: str | None
    state: PublicNoticeState
    draft: int
    draft_title: str | None
    draft_text: str | None
    drafted_by: PersonResponse | None
    drafted_at: Time | None
    made_at: Time
    versions: list[PublicVersionResponse]


class PublicNoticeListResponse(ApiModel):
    """Notices, the newest first."""

    items: list[PublicNoticeResponse]


def notice_response(
    found: PublicNotice, people: People, *, with_earlier: bool
) -> PublicNoticeResponse:
    """Return a notice for the API, with earlier versions on request."""
    versions = found.versions if with_earlier else found.versions[-1:]
    is_withdrawn = found.state is PublicNoticeState.WITHDRAWN
    return PublicNoticeResponse(
        id=found.id,
        incident=found.incident_id,
        kind=found.kind,
        ward=found.ward if with_earlier or not is_withdrawn else None,
        state=found.state,
        draft=found.draft,
        draft_title=found.draft_title,
        draft_text=found.draft_text,
        drafted_by=people.person(found.drafted_by),
        drafted_at=found.drafted_at,
        made_at=found.made_at,
        versions=[
            PublicVersionResponse(
                version=version.version,
                act=version.act,
                title=version.title,
                text=version.text,
                reason=version.reason,
                drafted_by=people.person(version.drafted_by),
                signed_by=people.person(version.signed_by),
                at=version.at,
            )
            for version in versions
        ],
    )
