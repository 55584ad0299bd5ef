"""Web routes of the roster: written by leaders and admins, read by colleagues."""

from datetime import UTC, datetime
from operator import attrgetter
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from thapcanh.alerts.shifts.duties import (
    LONGEST_S,
    SHORTEST_S,
    DutyFile,
    NewDuty,
    read_duties,
    roster_problems,
)
from thapcanh.alerts.shifts.roster import DoubleBooked, RosterRepository
from thapcanh.alerts.store.roles import Actor
from thapcanh.alerts.store.wrong_line import WrongCell, WrongLine
from thapcanh.app.imports.file_reader import FileReader, ImportPlaces
from thapcanh.app.registry.import_files import ImportUnreadable
from thapcanh.app.registry.wrong_lines import reader_language, said, unreadable
from thapcanh.app.shifts.colleagues import Colleagues
from thapcanh.app.shifts.roster_schemas import (
    NewDutyRequest,
    RosterImportResponse,
    RosterLineResponse,
    RosterResponse,
    SwapDutiesRequest,
    duty_response,
    person_response,
    problem_response,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, owner_of_caller
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, HOLDS, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.connected import while_connected
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import DAY_S, UtcTime
from thapcanh.app.web_api.schemas import iso
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.ingest.child_process import HeldChild

router = APIRouter(prefix=PREFIX, tags=["shift"])

DutyId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
MOST_DAYS = 62
_MOST_LINES = 10_000  # of a file, empty ones too
_SHOWN_PROBLEMS = 100


@router.get("/roster")
@permits(EVERYONE, token=TokenScope.READ)
def read_roster(
    caller: CurrentUserDep, state: AppStateDep, since: UtcTime, until: UtcTime
) -> RosterResponse:
    """Return the duties of a period, with gaps and double bookings."""
    if not 0 < until - since <= MOST_DAYS * DAY_S:
        raise ApiError(422, "period_wrong", days=MOST_DAYS)
    colleagues = Colleagues(caller, state)
    duties = [
        one for one in _repository(state).between(since, until) if colleagues.covers(one.username)
    ]
    problems = roster_problems(duties, since, until)
    return RosterResponse(
        items=[duty_response(one, state.people) for one in duties],
        problems=[problem_response(one, state.people) for one in problems],
        people=[person_response(one, state.people) for one in sorted(colleagues.names())],
        may_write=bool(caller.roles & HOLDS),
    )


@router.post("/roster", status_code=204)
@permits(HOLDS)
def add_duty(caller: CurrentUserDep, state: AppStateDep, said: NewDutyRequest) -> None:
    """Add one duty to the roster."""
    ends_at = said.begins_at + DAY_S if said.ends_at is None else said.ends_at
    if not SHORTEST_S <= ends_at - said.begins_at <= LONGEST_S:
        raise ApiError(422, "duty_length")
    _registered(caller, state, said.username)
    new = NewDuty(username=said.username, duty=said.duty, begins_at=said.begins_at, ends_at=ends_at)
    try:
        _repository(state).add(_me(caller), [new], state.services.clock.utc())
    except DoubleBooked as error:
        raise _double(error, state) from None


@router.delete("/roster/{duty_id}", status_code=204)
@permits(HOLDS)
def remove_duty(caller: CurrentUserDep, state: AppStateDep, duty_id: DutyId) -> None:
    """Take a duty out of the roster."""
    _own(caller, state, duty_id)
    if not _repository(state).remove(_me(caller), duty_id, state.services.clock.utc()):
        raise ApiError(404, "no_such_duty")


@router.post("/roster/swaps", status_code=204)
@permits(HOLDS)
def swap_duties(caller: CurrentUserDep, state: AppStateDep, said: SwapDutiesRequest) -> None:
    """Let the people of two duties change places; both names stand in the log."""
    ids = (said.first, said.second)
    for duty_id in ids:
        _own(caller, state, duty_id)
    try:
        swapped = _repository(state).swap(_me(caller), ids, said.reason, state.services.clock.utc())
    except DoubleBooked as error:
        raise _double(error, state) from None
    if not swapped:
        raise ApiError(409, "swap_of_none")


@router.post("/roster/import")
@permits(HOLDS)
async def import_roster(
    request: Request,
    caller: CurrentUserDep,
    state: AppStateDep,
    file_format: Annotated[Literal["csv", "xlsx"], Query(alias="format")],
    dry_run: bool = False,
) -> RosterImportResponse:
    """Add the duties of the file that is the body; where a line is wrong, none of them."""
    language, child = reader_language(request, state), HeldChild()

    def work() -> RosterImportResponse:
        try:
            lines = state.part(FileReader).lines(content, file_format, _MOST_LINES, child)
        except ImportUnreadable as error:
            raise unreadable(error, language) from None
        colleagues = Colleagues(caller, state)
        plan = read_duties(lines, colleagues.names())
        return _imported(_me(caller), state, plan, dry_run, language)

    with state.part(ImportPlaces).taken(owner_of_caller(caller)):
        content = await request.body()
        return await while_connected(request, run_in_threadpool(work), child.stop)


def _imported(
    actor: Actor, state: AppState, file: DutyFile, dry_run: bool, language: Language
) -> RosterImportResponse:
    problems = [*file.problems, *_booked_already(state, file)]
    added = 0
    if not problems and not dry_run:
        duties = [one.duty for one in file.lines]
        try:
            added = _repository(state).add(actor, duties, state.services.clock.utc())
        except DoubleBooked as error:  # written by somebody else a moment ago
            raise _double(error, state) from None
    return RosterImportResponse(
        dry_run=dry_run,
        duties=len(file.lines),
        added=added,
        problems=[
            RosterLineResponse(line=one.line, message=said(one, language))
            for one in sorted(problems, key=attrgetter("line"))[:_SHOWN_PROBLEMS]
        ],
    )


def _booked_already(state: AppState, file: DutyFile) -> list[WrongLine]:
    """Return lines that conflict with a duty in the roster."""
    if not file.lines:
        return []
    since = min(one.duty.begins_at for one in file.lines)
    until = max(one.duty.ends_at for one in file.lines)
    there = _repository(state).between(since, until)
    wrong = []
    for one in file.lines:
        new = one.duty
        same = (new.duty, new.begins_at, new.ends_at)
        other = next((each for each in there if new.overlaps(each)), None)
        if other is not None and (other.duty, other.begins_at, other.ends_at) != same:
            times = {"begins_at": _clock(other.begins_at), "ends_at": _clock(other.ends_at)}
            wrong.append(WrongCell("in_roster", username=new.username, **times).on(one.line))
    return wrong


def _clock(at: float) -> str:
    """Return a time as officers read it."""
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ).strftime("%H:%M %d/%m/%Y")


def _registered(caller: CurrentUser, state: AppState, username: str) -> None:
    if username not in Colleagues(caller, state).names():
        raise ApiError(422, "person_unknown")


def _own(caller: CurrentUser, state: AppState, duty_id: str) -> None:
    """Refuse a duty of a person outside the caller's scope."""
    found = _repository(state).one(duty_id)
    if found is None or not Colleagues(caller, state).covers(found.username):
        raise ApiError(404, "no_such_duty")


def _double(error: DoubleBooked, state: AppState) -> ApiError:
    duty = error.duty
    name = state.people.name(duty.username)
    at = {"begins_at": iso(duty.begins_at), "ends_at": iso(duty.ends_at)}
    return ApiError(409, "double_booked", extra=at, name=name)


def _me(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def _repository(state: AppState) -> RosterRepository:
    return RosterRepository(state.services.archive.database)
