"""API schemas of facilities."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.facilities.facilities import (
    MOST_CONTACTS,
    MOST_CORNERS,
    MOST_HAZARDS,
    Facility,
    FacilityContact,
    FacilityFacts,
    NearFacility,
    kind_named,
)
from thapcanh.alerts.facilities.facility_documents import FacilityDocument
from thapcanh.alerts.facilities.facility_file import MOST_FLOORS, PHONE
from thapcanh.alerts.facilities.facility_store import MOST
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, SpokenModel, Time

ShortText = Annotated[str | None, Field(max_length=64, pattern=NO_NUL)]
LongText = Annotated[str | None, Field(max_length=500, pattern=NO_NUL)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Floors = Annotated[int | None, Field(ge=0, le=MOST_FLOORS)]


class ContactRequest(SpokenModel):
    """A contact; `hours` as text: `7:00-18:00`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=NO_NUL)
    phone: str | None = Field(default=None, pattern=f"^{PHONE.pattern}$")
    role: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    hours: str | None = Field(default=None, max_length=200, pattern=NO_NUL)


class FacilityPlaceRequest(SpokenModel):
    """Where a facility is: a point, words, an outline of corners (latitude, longitude)."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: Latitude | None = None
    lon: Longitude | None = None
    text: LongText = None
    outline: list[tuple[Latitude, Longitude]] = Field(default=[], max_length=MOST_CORNERS)


class FacilityRequest(SpokenModel):
    """A facility as it is to be."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=200, pattern=NO_NUL)
    kind: str = Field(min_length=1, max_length=60, pattern=NO_NUL)
    code: ShortText = None
    place: FacilityPlaceRequest = FacilityPlaceRequest()
    contacts: list[ContactRequest] = Field(default=[], max_length=MOST_CONTACTS)
    floors: Floors = None
    basements: Floors = None
    hazards: list[Annotated[str, Field(min_length=1, max_length=500, pattern=NO_NUL)]] = Field(
        default=[], max_length=MOST_HAZARDS
    )
    access: LongText = None
    water: LongText = None
    agency: ShortText = None
    area: ShortText = None


class FacilityChangeRequest(FacilityRequest):
    """Changes of a facility; omitted fields stay."""

    name: str = Field(default="", min_length=1, max_length=200, pattern=NO_NUL)
    kind: str = Field(default="", min_length=1, max_length=60, pattern=NO_NUL)


class ListedFacilities(BaseModel):
    """Filter of facilities: words, or near a place."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    q: str = Field(default="", max_length=100, description="words; marks and case are ignored")
    lat: Latitude | None = None
    lon: Longitude | None = None
    within_m: float = Field(default=150.0, gt=0, le=20_000)
    limit: int = Field(default=50, ge=1, le=MOST)
    skip: int = Field(default=0, ge=0, le=1_000_000)


class FacilityImportQuery(BaseModel):
    """In which form a list is, and whether it is only tried, or its wrong lines are left out."""

    model_config = ConfigDict(extra="forbid")

    file_format: Literal["csv", "xlsx", "geojson"] = Field(alias="format")
    dry_run: bool = False
    skip_wrong: bool = False


class NewDocumentQuery(SpokenModel):
    """Name of a document, and the date of its inspection."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=NO_NUL)
    inspected_on: date | None = None


class NewFacilityResponse(ApiModel):
    """By what a new facility is found."""

    id: str


class ContactResponse(ApiModel):
    """Whom to call."""

    name: str
    phone: str | None
    role: str | None
    hours: str | None


class FacilityPlaceResponse(ApiModel):
    """Known location of a facility."""

    lat: float | None
    lon: float | None
    text: str | None
    outline: list[tuple[float, float]]


class FacilityResponse(ApiModel):
    """A facility; `distance_m` if a place was given."""

    id: str
    code: str | None
    name: str
    kind: str
    place: FacilityPlaceResponse
    contacts: list[ContactResponse]
    floors: int | None
    basements: int | None
    hazards: list[str]
    access: str | None
    water: str | None
    agency: str | None
    area: str | None
    written_by: PersonResponse | None
    written_at: Time
    distance_m: float | None


class FacilityListResponse(ApiModel):
    """Facilities; `total` counts all visible ones."""

    items: list[FacilityResponse]
    total: int


class DocumentResponse(ApiModel):
    """A plan or a paper; its bytes stand at `url`."""

    id: str
    name: str
    media_type: str
    bytes: int
    sha256: str
    inspected_on: str | None
    added_by: PersonResponse | None
    added_at: Time
    url: str


class OneFacilityResponse(FacilityResponse):
    """A facility with its documents, the newest first."""

    documents: list[DocumentResponse]
    may_change: bool


class FacilityLineResponse(ApiModel):
    """Problem of a line of a list."""

    line: int
    message: str


class FacilityImportResponse(ApiModel):
    """Result or preview of an import. `ignored` are unused columns."""

    dry_run: bool
    imported: bool
    added: int
    changed: int
    unchanged: int
    ignored: list[str]
    problems: list[FacilityLineResponse]


def facts_of(body: FacilityRequest) -> FacilityFacts:
    return FacilityFacts(
        name=" ".join(body.name.split()),
        kind=kind_named(body.kind),
        code=body.code or None,
        address=body.place.text or None,
        lat=body.place.lat,
        lon=body.place.lon,
        outline=tuple(body.place.outline),
        floors=body.floors,
        basements=body.basements,
        contacts=tuple(FacilityContact(**item.model_dump()) for item in body.contacts),
        hazards=tuple(body.hazards),
        access=body.access or None,
        water=body.water or None,
        agency=body.agency,
        area=body.area,
    )


def request_of(facts: FacilityFacts) -> FacilityRequest:
    same = {name: getattr(facts, name) for name in _SAME_NAME}
    return FacilityRequest(
        **same,
        place=FacilityPlaceRequest(
            lat=facts.lat, lon=facts.lon, text=facts.address, outline=list(facts.outline)
        ),
        contacts=[ContactRequest.model_validate(_contact(item)) for item in facts.contacts],
        hazards=list(facts.hazards),
    )


def facility_response(item: NearFacility, people: People) -> FacilityResponse:
    return FacilityResponse(**_sent(item.facility, people), distance_m=_rounded(item.distance_m))


def one_facility_response(
    item: Facility, documents: list[DocumentResponse], people: People, *, may_change: bool
) -> OneFacilityResponse:
    return OneFacilityResponse(
        **_sent(item, people), distance_m=None, documents=documents, may_change=may_change
    )


def document_response(item: FacilityDocument, people: People, url: str) -> DocumentResponse:
    same = {name: getattr(item, name) for name in _DOCUMENT}
    return DocumentResponse(**same, added_by=people.person(item.added_by), url=url)


def _sent(item: Facility, people: People) -> dict[str, object]:
    facts = item.facts
    return {name: getattr(facts, name) for name in _SAME_NAME} | {
        "id": item.id,
        "place": FacilityPlaceResponse(
            lat=facts.lat, lon=facts.lon, text=facts.address, outline=list(facts.outline)
        ),
        "contacts": [ContactResponse(**_contact(each)) for each in facts.contacts],
        "hazards": list(facts.hazards),
        "written_by": people.person(item.written_by),
        "written_at": item.written_at,
    }


def _contact(item: FacilityContact) -> dict[str, str | None]:
    return {name: getattr(item, name) for name in ContactResponse.model_fields}


def _rounded(far: float | None) -> float | None:
    return None if far is None else round(far, 1)


_SAME_NAME = (
    "code", "name", "kind", "floors", "basements", "access", "water", "agency", "area",
)  # fmt: skip
_DOCUMENT = DocumentResponse.model_fields.keys() - {"added_by", "url"}
