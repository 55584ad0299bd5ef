"""What the API speaks of shelves, and how it is made from the book's records."""

from typing import Any

from alerts.shelf import Shelf
from app.api.forms import Form, Person, Problem, Time
from app.api.people import People


class ShownShelf(Form):
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
    set_by: Person
    set_at: Time
    until: Time
    ended_at: Time | None
    ended_by: Person | None
    end_reason: str | None
    alerts: int


class ShelfList(Form):
    """Shelves in force, what ends first on top; or ended ones, the last on top."""

    items: list[ShownShelf]


class ShelfProblem(Problem):
    """Why a step of a shelf was not taken, and the shelf that stands against it."""

    by: Person | None = None
    at: Time | None = None
    shelf: ShownShelf | None = None


def shown_shelf(shelf: Shelf, people: People) -> ShownShelf:
    """A shelf with names."""
    same = {name: getattr(shelf, name) for name in _SAME_NAME}
    return ShownShelf.model_validate(
        {
            **same,
            "camera": shelf.camera_id,
            "rule": shelf.rule_id,
            "zone": shelf.zone_id,
            "set_by": people.person(shelf.set_by),
            "ended_by": people.person(shelf.ended_by),
        }
    )


def as_kept(shelf: ShownShelf) -> dict[str, Any]:
    """The shelf as a signed sheet keeps it: times as numbers."""
    facts = {name: getattr(shelf, name) for name in ShownShelf.model_fields}
    return facts | {"set_by": shelf.set_by.model_dump(), "ended_by": None}


_SAME_NAME = (ShownShelf.model_fields.keys() & Shelf.__dataclass_fields__.keys()) - {
    "set_by",
    "ended_by",
}
