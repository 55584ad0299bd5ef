"""API schemas of shelves, and their conversion from records."""

from typing import Any

from thapcanh.alerts.suppression.shelving import Shelving
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, ProblemResponse, Time


class ShelvingResponse(ApiModel):
    """A shelf with reason and end; `ended_by` is null if it expired."""

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
    """Shelves in force, the next to end first; or ended ones, the last first."""

    items: list[ShelvingResponse]


class ShelvingProblemResponse(ProblemResponse):
    """Reason for refusing a step of a shelf, and the conflicting shelf."""

    by: PersonResponse | None = None
    at: Time | None = None
    shelf: ShelvingResponse | None = None


def shelving_response(shelf: Shelving, people: People) -> ShelvingResponse:
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


def as_stored(shelf: ShelvingResponse) -> dict[str, Any]:
    """Return the shelf for a signed sheet, with times as numbers."""
    facts = {name: getattr(shelf, name) for name in ShelvingResponse.model_fields}
    return facts | {"set_by": shelf.set_by.model_dump(), "ended_by": None}


_SAME_NAME = (ShelvingResponse.model_fields.keys() & Shelving.__dataclass_fields__.keys()) - {
    "set_by",
    "ended_by",
}
