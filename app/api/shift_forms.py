"""What the API speaks of shifts and hand-overs, and how it is made from the book's records."""

from typing import Any

from alerts.archive.shift_records import Handover, OpenItem, Shift
from alerts.roles import Scope
from app.api.forms import Form, Person, Time
from app.api.people import People
from app.api.shelf_forms import ShownShelf


class ShownShift(Form):
    """One person's time on duty. `sound_heard` is null where the sound was not tried.

    `overdue`: on for longer than any duty lasts, so forgotten; a leader may end it.
    """

    id: str
    person: Person
    role: str
    taken_at: Time
    sound_heard: bool | None
    ended_at: Time | None
    ended_by: Person | None
    relieved_by: Person | None
    overdue: bool


class ShownOpenItem(Form):
    """An alert that is handed over, or keeps somebody from signing."""

    id: str
    number: str
    kind: str
    priority: int
    state: str
    camera_name: str
    place: str | None
    area: str | None
    agency: str | None
    raised_at: Time
    owner: Person | None
    exercise: bool = False  # sheets that were signed before drills do not say it


class CameraDown(Form):
    """A camera that does not see."""

    id: str
    name: str
    area: str | None
    agency: str | None
    state: str
    reason: str | None
    since: Time | None


class LogHead(Form):
    """The end of the action log when the sheet was written: kept elsewhere, it proves the log."""

    seq: int
    hash: str


class ShownSheet(Form):
    """Everything that is handed over. `shelves` is null on sheets older than shelving."""

    items: list[ShownOpenItem]
    items_total: int
    cameras_down: list[CameraDown]
    cameras_total: int
    shelves: list[ShownShelf] | None
    log_head: LogHead | None


class ShownHandover(Form):
    """A hand-over: offered by one, accepted by another, or taken back."""

    id: str
    shift_id: str
    from_person: Person
    to_person: Person | None
    offered_at: Time
    note: str | None
    sheet: ShownSheet
    closed_at: Time | None
    outcome: str | None


class ShiftNow(Form):
    """Who is on duty, and what waits to be accepted."""

    mine: ShownShift | None
    on_duty: list[ShownShift]
    offered: list[ShownHandover]


class SheetNow(Form):
    """What would be handed over now, what stands against signing, and who could accept."""

    sheet: ShownSheet
    blocking: list[ShownOpenItem]
    colleagues: list[Person]


class ShiftList(Form):
    """Shifts, the newest first."""

    items: list[ShownShift]


OVERDUE_S = 26 * 3600.0  # a duty of 24 h, and time to hand over


def shown_shift(shift: Shift, people: People, now: float) -> ShownShift:
    """A shift with names."""
    return ShownShift(
        id=shift.id,
        person=_person(shift.username, people),
        role=shift.role,
        taken_at=shift.taken_at,
        sound_heard=shift.sound_heard,
        ended_at=shift.ended_at,
        ended_by=people.person(shift.ended_by),
        relieved_by=people.person(shift.relieved_by),
        overdue=shift.ended_at is None and now - shift.taken_at > OVERDUE_S,
    )


def shown_item(item: OpenItem, people: People) -> ShownOpenItem:
    """An open alert with its holder's name."""
    return _item({name: getattr(item, name) for name in item.__dataclass_fields__}, people)


def shown_handover(handover: Handover, people: People, scope: Scope) -> ShownHandover:
    """A hand-over with names; its sheet is as it was signed, less what the reader may not see."""
    sheet = handover.sheet
    seen = [item for item in sheet["items"] if scope.sees(item["agency"], item["area"])]
    hidden = len(sheet["items"]) - len(seen)
    down = [each for each in sheet["cameras_down"] if scope.sees(each["agency"], each["area"])]
    return ShownHandover(
        id=handover.id,
        shift_id=handover.shift_id,
        from_person=_person(handover.from_username, people),
        to_person=people.person(handover.to_username),
        offered_at=handover.offered_at,
        note=handover.note,
        sheet=ShownSheet(
            items=[_item(item, people) for item in seen],
            items_total=sheet["items_total"] - hidden,
            cameras_down=[CameraDown.model_validate(each) for each in down],
            cameras_total=sheet["cameras_total"],
            shelves=_shelves(sheet.get("shelves"), scope),
            log_head=LogHead.model_validate(sheet["log_head"]),
        ),
        closed_at=handover.closed_at,
        outcome=handover.outcome,
    )


def _shelves(kept: list[dict[str, Any]] | None, scope: Scope) -> list[ShownShelf] | None:
    if kept is None:
        return None
    return [
        ShownShelf.model_validate(each) for each in kept if scope.sees(each["agency"], each["area"])
    ]


def _item(facts: dict[str, Any], people: People) -> ShownOpenItem:
    return ShownOpenItem.model_validate({**facts, "owner": people.person(facts["owner"])})


def _person(username: str, people: People) -> Person:
    return Person(username=username, name=people.name(username))
