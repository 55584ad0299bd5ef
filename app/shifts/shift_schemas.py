"""API schemas of shifts and handovers, and their conversion from records."""

from typing import Any

from pydantic import Field

from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.rows.row_records import SourceKind
from thapcanh.alerts.shifts.shift_records import Handover, OpenItem, Shift
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.suppression.shelving_schemas import ShelvingResponse
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time


class ShiftResponse(ApiModel):
    """A shift. `sound_heard` is null if the sound was not tested.

    `overdue`: longer than any duty; a leader may end it.
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
    """An incident, or an alert in none, that is handed over or prevents signing."""

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
    # Sheets that were signed before hand-overs of incidents list alerts alone.
    type: MemberType = MemberType.ALERT
    sources: dict[SourceKind, int] = Field(default={}, description="how many of each kind")
    units: list[str] = Field(default=[], description="who is out there")
    requests: int = Field(default=0, description="of crews, that nobody has answered")


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
    """End of the action log at signing: a copy elsewhere proves the log."""

    seq: int
    hash: str


class ShiftSheetResponse(ApiModel):
    """Handover sheet. `shelves` is null on sheets older than shelving."""

    items: list[OpenItemResponse]
    items_total: int
    cameras_down: list[CameraDownResponse]
    cameras_total: int
    shelves: list[ShelvingResponse] | None
    log_head: LogHeadResponse | None


class HandoverResponse(ApiModel):
    """A handover: offered, accepted, or withdrawn."""

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
    """Who is on duty, pending handovers, and who is rostered now."""

    mine: ShiftResponse | None
    on_duty: list[ShiftResponse]
    offered: list[HandoverResponse]
    rostered: list[PersonResponse]
    technician_watches: bool  # a technician has a screen open: faults call no leader


class CurrentSheetResponse(ApiModel):
    """Handover sheet as of now, what prevents signing, and who could accept."""

    sheet: ShiftSheetResponse
    blocking: list[OpenItemResponse]
    blocking_total: int  # all of them; `blocking` names the oldest
    colleagues: list[PersonResponse]


class ShiftListResponse(ApiModel):
    """Shifts, the newest first."""

    items: list[ShiftResponse]


OVERDUE_S = 26 * 3600.0  # a duty of 24 h, and time to hand over


def shift_response(shift: Shift, people: People, now: float) -> ShiftResponse:
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
    return _item({name: getattr(item, name) for name in item.__dataclass_fields__}, people)


def handover_response(handover: Handover, people: People, scope: DataFilter) -> HandoverResponse:
    """Return a handover; its sheet is as signed, less what the reader may not see."""
    sheet = handover.sheet
    visible = [item for item in sheet["items"] if scope.sees(item["agency"], item["area"])]
    hidden = len(sheet["items"]) - len(visible)
    down = [each for each in sheet["cameras_down"] if scope.sees(each["agency"], each["area"])]
    return HandoverResponse(
        id=handover.id,
        shift_id=handover.shift_id,
        from_person=_person(handover.from_username, people),
        to_person=people.person(handover.to_username),
        offered_at=handover.offered_at,
        note=handover.note,
        sheet=ShiftSheetResponse(
            items=[_item(item, people) for item in visible],
            items_total=sheet["items_total"] - hidden,
            cameras_down=[CameraDownResponse.model_validate(each) for each in down],
            cameras_total=sheet["cameras_total"],
            shelves=_shelves(sheet.get("shelves"), scope),
            log_head=LogHeadResponse.model_validate(sheet["log_head"]),
        ),
        closed_at=handover.closed_at,
        outcome=handover.outcome,
    )


def _shelves(
    stored: list[dict[str, Any]] | None, scope: DataFilter
) -> list[ShelvingResponse] | None:
    if stored is None:
        return None
    return [
        ShelvingResponse.model_validate(each)
        for each in stored
        if scope.sees(each["agency"], each["area"])
    ]


def _item(facts: dict[str, Any], people: People) -> OpenItemResponse:
    return OpenItemResponse.model_validate({**facts, "owner": people.person(facts["owner"])})


def _person(username: str, people: People) -> PersonResponse:
    return PersonResponse(username=username, name=people.name(username))
