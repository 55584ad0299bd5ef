"""What the API speaks of shifts and hand-overs, and how it is made from the book's records."""

from typing import Any

from thapcanh.alerts.shifts.shift_records import Handover, OpenItem, Shift
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.suppression.shelving_schemas import ShelvingResponse
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time


class ShiftResponse(ApiModel):
    """One person's time on duty. `sound_heard` is null where the sound was not tried.

    `overdue`: on for longer than any duty lasts, so forgotten; a leader may end it.
    """

    id: str
    person: PersonResponse
    role: str
    taken_at: Time
    sound_heard: bool | None
    ended_at: Time | None
    ended_by: PersonResponse | None
    relieved_by: PersonResponse | None
    overdue: bool


class OpenItemResponse(ApiModel):
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
    owner: PersonResponse | None
    exercise: bool = False  # sheets that were signed before drills do not say it


class CameraDownResponse(ApiModel):
    """A camera that does not see."""

    id: str
    name: str
    area: str | None
    agency: str | None
    state: str
    reason: str | None
    since: Time | None


class LogHeadResponse(ApiModel):
    """The end of the action log when the sheet was written: kept elsewhere, it proves the log."""

    seq: int
    hash: str


class ShiftSheetResponse(ApiModel):
    """Everything that is handed over. `shelves` is null on sheets older than shelving."""

    items: list[OpenItemResponse]
    items_total: int
    cameras_down: list[CameraDownResponse]
    cameras_total: int
    shelves: list[ShelvingResponse] | None
    log_head: LogHeadResponse | None


class HandoverResponse(ApiModel):
    """A hand-over: offered by one, accepted by another, or taken back."""

    id: str
    shift_id: str
    from_person: PersonResponse
    to_person: PersonResponse | None
    offered_at: Time
    note: str | None
    sheet: ShiftSheetResponse
    closed_at: Time | None
    outcome: str | None


class CurrentShiftResponse(ApiModel):
    """Who is on duty, what waits to be accepted, and whom the roster names for the desk now."""

    mine: ShiftResponse | None
    on_duty: list[ShiftResponse]
    offered: list[HandoverResponse]
    rostered: list[PersonResponse]
    technician_watches: bool  # a technician has a screen open: faults call no leader


class CurrentSheetResponse(ApiModel):
    """What would be handed over now, what stands against signing, and who could accept."""

    sheet: ShiftSheetResponse
    blocking: list[OpenItemResponse]
    blocking_total: int  # all of them; `blocking` names the oldest
    colleagues: list[PersonResponse]


class ShiftListResponse(ApiModel):
    """Shifts, the newest first."""

    items: list[ShiftResponse]


OVERDUE_S = 26 * 3600.0  # a duty of 24 h, and time to hand over


def shift_response(shift: Shift, people: People, now: float) -> ShiftResponse:
    """A shift with names."""
    return ShiftResponse(
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


def open_item_response(item: OpenItem, people: People) -> OpenItemResponse:
    """An open alert with its holder's name."""
    return _item({name: getattr(item, name) for name in item.__dataclass_fields__}, people)


def handover_response(handover: Handover, people: People, scope: DataFilter) -> HandoverResponse:
    """A hand-over with names; its sheet is as it was signed, less what the reader may not see."""
    sheet = handover.sheet
    seen = [item for item in sheet["items"] if scope.sees(item["agency"], item["area"])]
    hidden = len(sheet["items"]) - len(seen)
    down = [each for each in sheet["cameras_down"] if scope.sees(each["agency"], each["area"])]
    return HandoverResponse(
        id=handover.id,
        shift_id=handover.shift_id,
        from_person=_person(handover.from_username, people),
        to_person=people.person(handover.to_username),
        offered_at=handover.offered_at,
        note=handover.note,
        sheet=ShiftSheetResponse(
            items=[_item(item, people) for item in seen],
            items_total=sheet["items_total"] - hidden,
            cameras_down=[CameraDownResponse.model_validate(each) for each in down],
            cameras_total=sheet["cameras_total"],
            shelves=_shelves(sheet.get("shelves"), scope),
            log_head=LogHeadResponse.model_validate(sheet["log_head"]),
        ),
        closed_at=handover.closed_at,
        outcome=handover.outcome,
    )


def _shelves(kept: list[dict[str, Any]] | None, scope: DataFilter) -> list[ShelvingResponse] | None:
    if kept is None:
        return None
    return [
        ShelvingResponse.model_validate(each)
        for each in kept
        if scope.sees(each["agency"], each["area"])
    ]


def _item(facts: dict[str, Any], people: People) -> OpenItemResponse:
    return OpenItemResponse.model_validate({**facts, "owner": people.person(facts["owner"])})


def _person(username: str, people: People) -> PersonResponse:
    return PersonResponse(username=username, name=people.name(username))
