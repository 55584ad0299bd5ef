"""Web routes of citizens' messages; docs/integration.md has the contract.

A gateway has a token of the scope `messages`.
"""

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from thapcanh.alerts.calls.citizen_answers import CitizenAnswers, MessageAnswer, mark_end
from thapcanh.alerts.calls.citizen_media import CitizenMediaRepository
from thapcanh.alerts.calls.citizen_message_store import CitizenMessageRepository
from thapcanh.alerts.calls.citizen_messages import (
    AcceptMessage,
    MessageEvent,
    MessageOutcome,
    NewMessage,
)
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.signals.device_clock import dated
from thapcanh.alerts.store.errors import TooManyMessages
from thapcanh.app.alert.command_answer import required_key
from thapcanh.app.calls.citizen_message_schemas import (
    AnsweredMessagesResponse,
    CitizenMessageRequest,
    HoaxRequest,
    MessageEventResponse,
    MessageReceiptResponse,
    SenderMarkListResponse,
    SetAsideRequest,
    TakeMessageRequest,
    TakenMessageResponse,
    WaitingMessagesResponse,
    mark_response,
    message_response,
)
from thapcanh.app.calls.reported_place import reported_place
from thapcanh.app.incidents.call_schemas import call_response
from thapcanh.app.incidents.incident_routes import incidents, parsed_place
from thapcanh.app.incidents.incident_schemas import suggestion_response
from thapcanh.app.incidents.ownership import owner_of_record
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["calls"])

MessageId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
MarkId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
_SHOWN_S = 0.001
_LATE_S = 86_400.0  # a gateway that was cut off tells late


@router.post("/messages", status_code=202)
@permits(EVERYONE, token=TokenScope.MESSAGES)
def receive_message(
    caller: CurrentUserDep,
    state: AppStateDep,
    body: CitizenMessageRequest,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> MessageReceiptResponse:
    """Keep a message, once by its `ref` or its key."""
    if caller.powers is None:
        raise ApiError(403, "not_allowed")  # officers read messages, they do not make them
    now = state.services.clock.utc()
    ref = body.ref or (None if idempotency_key is None else required_key(idempotency_key))
    place, is_misplaced = reported_place(body.place, state.services.site())
    agency, area = owner_of_record(caller, state.services.site(), place)
    new = NewMessage(
        gateway=caller.session.user.username,
        channel=body.channel,
        ref=ref,
        sender=_hashed(body, state),
        text=(body.text or "").strip() or None,
        place=place,
        is_misplaced=is_misplaced,
        at=_written_at(body, now),
        agency=agency,
        area=area,
    )
    try:
        message_id = _messages(state).receive(new, now)
    except TooManyMessages:
        raise ApiError(429, "too_many_messages", headers={"Retry-After": "60"}) from None
    warnings = ["place_left_out"] if is_misplaced else []
    return MessageReceiptResponse(id=message_id, warnings=warnings)


@router.get("/messages")
@permits(ON_DUTY, token=TokenScope.READ)
def list_messages(
    caller: CurrentUserDep,
    state: AppStateDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> WaitingMessagesResponse:
    """List unanswered messages by event, each with the open incidents that may match."""
    events, waiting = _messages(state).waiting(caller.scope, limit)
    senders = Counter(item.sender for event in events for item in event.items)
    shown = [item.id for event in events for item in event.items]
    media = CitizenMediaRepository(state.services.archive.database).of_messages(shown)
    items = [
        MessageEventResponse(
            id=event.id,
            count=event.count,
            last_at=event.last_at,
            items=[
                message_response(
                    entry,
                    0 if entry.sender is None else senders[entry.sender] - 1,
                    media.get(entry.id, ()),
                    state.people,
                )
                for entry in event.items
            ],
            suggestions=[
                suggestion_response(entry)
                for entry in incidents(state).near_message(
                    _position(event), _times(event), caller.scope
                )
            ],
        )
        for event in events
    ]
    return WaitingMessagesResponse(waiting=waiting, items=items)


@router.post("/messages/{message_id}/take", status_code=201)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def take_message(
    caller: CurrentUserDep, state: AppStateDep, message_id: MessageId, body: TakeMessageRequest
) -> TakenMessageResponse:
    """Record a call from a message; this opens an incident or joins one."""
    if (body.kind is None) == (body.incident is None):
        raise ApiError(422, "message_kind_or_incident", extra={"field": "body.kind"})
    command = AcceptMessage(
        message_id=message_id,
        kind=body.kind,
        incident_id=body.incident,
        until=_until(body.until),
        place=None if body.place is None else parsed_place(body.place),
    )
    now = state.services.clock.utc()
    answer = _answers(state).take(caller.actor(main_role(caller.roles)), command, now)
    _refuse(answer, state)
    if answer.written is None:
        raise ApiError(404, "message_not_found")
    state.services.bell.notify()
    call = call_response(answer.written.call, state.people, caller)
    return TakenMessageResponse(call=call, answered=len(answer.answered))


@router.post("/messages/{message_id}/set-aside")
@permits(ON_DUTY, token=TokenScope.ANSWER)
def set_message_aside(
    caller: CurrentUserDep, state: AppStateDep, message_id: MessageId, body: SetAsideRequest
) -> AnsweredMessagesResponse:
    """There is nothing to do about it."""
    actor = caller.actor(main_role(caller.roles))
    answer = _answers(state).set_aside(
        actor, message_id, _until(body.until), state.services.clock.utc()
    )
    return _closed(answer, state)


@router.post("/messages/{message_id}/hoax")
@permits(ON_DUTY, token=TokenScope.ANSWER)
def call_message_a_hoax(
    caller: CurrentUserDep, state: AppStateDep, message_id: MessageId, body: HoaxRequest
) -> AnsweredMessagesResponse:
    """Mark a message as a hoax; its sender's messages are listed last for some days."""
    actor, now = caller.actor(main_role(caller.roles)), state.services.clock.utc()
    until, doubted = _until(body.until), mark_end(body.days, now)
    return _closed(_answers(state).hoax(actor, message_id, until, doubted, now), state)


@router.get("/sender-marks")
@permits(ON_DUTY)
def list_sender_marks(caller: CurrentUserDep, state: AppStateDep) -> SenderMarkListResponse:
    """List the marked senders, until when and by whom."""
    marks = _answers(state).marks(caller.scope, state.services.clock.utc())
    return SenderMarkListResponse(items=[mark_response(entry, state.people) for entry in marks])


@router.delete("/sender-marks/{mark_id}", status_code=204)
@permits(ON_DUTY)
def end_sender_mark(caller: CurrentUserDep, state: AppStateDep, mark_id: MarkId) -> None:
    """Believe a sender again before the mark's end."""
    actor = caller.actor(main_role(caller.roles))
    if not _answers(state).end_mark(actor, mark_id, state.services.clock.utc()):
        raise ApiError(404, "sender_mark_not_found")


def _closed(answer: MessageAnswer, state: AppState) -> AnsweredMessagesResponse:
    _refuse(answer, state)
    state.services.bell.notify()
    return AnsweredMessagesResponse(answered=len(answer.answered))


def _refuse(answer: MessageAnswer, state: AppState) -> None:
    by = state.people.name(answer.by or "")
    match answer.outcome:
        case MessageOutcome.UNKNOWN:
            raise ApiError(404, "message_not_found")
        case MessageOutcome.NO_INCIDENT:
            raise ApiError(404, "incident_not_found")
        case MessageOutcome.ANSWERED:
            raise ApiError(409, "message_answered", by=by)
        case MessageOutcome.CLOSED:
            raise ApiError(409, "message_incident_closed", by=by)
        case MessageOutcome.DONE:
            return


def _until(body: datetime | None) -> float | None:
    """Return the time at the end of the displayed second, which is rounded down."""
    return None if body is None else body.timestamp() + _SHOWN_S


def _hashed(body: CitizenMessageRequest, state: AppState) -> str | None:
    if not body.sender:
        return None
    return state.part(FactorSecrets).pseudonym(f"{body.channel}:{body.sender}")


def _written_at(body: CitizenMessageRequest, now: float) -> float:
    if body.at is None:
        return now
    reported_at = body.at.timestamp()
    return reported_at if now - _LATE_S <= reported_at <= now else dated(reported_at, now).at


def _position(event: MessageEvent) -> IncidentPlace:
    placed = (entry.place for entry in event.items if entry.place.position is not None)
    return next(placed, event.items[0].place)


def _times(event: MessageEvent) -> tuple[float, float]:
    times = [entry.at for entry in event.items]
    return min(times), max(times)


def _messages(state: AppState) -> CitizenMessageRepository:
    return CitizenMessageRepository(state.services.archive.database)


def _answers(state: AppState) -> CitizenAnswers:
    return CitizenAnswers(state.services.archive.database)
