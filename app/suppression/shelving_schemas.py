"""What the API speaks of shelves, and how it is made from the book's records."""

from typing import Any

from thapcanh.alerts.suppression.shelving import Shelving
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, ProblemResponse, Time


class ShelvingResponse(ApiModel):
    """What lies aside, why and until when; `ended_by` is null where time ended it."""

    id: str
    name: str
    camera: str
    camera_name: str
    rule: str | None
    zone: str | None
    area: str | None
    agency: str | None
    reason: str
    covers_p1: bool
    set_by: PersonResponse
    set_at: Time
    until: Time
    ended_at: Time | None
    ended_by: PersonResponse | None
    end_reason: str | None
    alerts: int


class ShelvingListResponse(ApiModel):
    """Shelves in force, what ends first on top; or ended ones, the last on top."""

    items: list[ShelvingResponse]


class ShelvingProblemResponse(ProblemResponse):
    """Why a step of a shelf was not taken, and the shelf that stands against it."""

    by: PersonResponse | None = None
    at: Time | None = None
    shelf: ShelvingResponse | None = None


def shelving_response(shelf: Shelving, people: People) -> ShelvingResponse:
    """A shelf with names."""
    same = {name: getattr(shelf, name) for name in _SAME_NAME}
    return ShelvingResponse.model_validate(
        {
            **same,
            "camera": shelf.camera_id,
            "rule": shelf.rule_id,
            "zone": shelf.zone_id,
            "set_by": people.person(shelf.set_by),
            "ended_by": people.person(shelf.ended_by),
        }
    )


def as_kept(shelf: ShelvingResponse) -> dict[str, Any]:
    """The shelf as a signed sheet keeps it: times as numbers."""
    facts = {name: getattr(shelf, name) for name in ShelvingResponse.model_fields}
    return facts | {"set_by": shelf.set_by.model_dump(), "ended_by": None}


_SAME_NAME = (ShelvingResponse.model_fields.keys() & Shelving.__dataclass_fields__.keys()) - {
    "set_by",
    "ended_by",
}
