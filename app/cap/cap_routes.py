"""Web routes of CAP 1.2: messages from other centres, and incidents as messages."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from thapcanh.alerts.cap.from_events import cap_of_event
from thapcanh.alerts.cap.message import CONTENT_TYPE, CapInvalid
from thapcanh.alerts.cap.reading import read_cap
from thapcanh.alerts.cap.receiving import CapOutcome, receive_cap
from thapcanh.alerts.cap.writing import write_cap
from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.app.cap.ownership import delivered, site_sender
from thapcanh.app.incidents.incident_routes import IncidentId, incidents, visible_incident
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel

router = APIRouter(prefix=PREFIX, tags=["incidents"])


class CapReceiptResponse(ApiModel):
    """The receipt of a message; the same again gets the same."""

    outcome: CapOutcome
    incident_id: str | None
    number: str | None


@router.post("/cap", status_code=202)
@permits(EVERYONE, token=TokenScope.CAP)
def receive_cap_message(
    caller: CurrentUserDep,
    state: AppStateDep,
    body: Annotated[bytes, Body(media_type="application/cap+xml")],
) -> CapReceiptResponse:
    """Take a sector's or another centre's CAP 1.2 message in, once."""
    if caller.powers is None:
        raise ApiError(403, "not_allowed")  # people report what they heard as a call
    try:
        message = read_cap(body)
    except CapInvalid as error:
        raise ApiError(422, "cap_invalid", fault=str(error)) from None
    sender = message.reference.sender
    if sender not in caller.senders:
        raise ApiError(403, "cap_sender_foreign", sender=sender)
    actor = caller.actor(main_role(caller.roles))
    came = delivered(message, state.services.site(), actor)
    try:
        receipt = receive_cap(state.services.archive.database, came, state.services.clock.utc())
    except KeyReused:
        raise ApiError(409, "cap_reused") from None
    state.services.bell.notify()
    existing_id = receipt.incident_id
    numbers = incidents(state).numbers([] if existing_id is None else [existing_id])
    number = None if existing_id is None else numbers.get(existing_id)
    return CapReceiptResponse(outcome=receipt.outcome, incident_id=existing_id, number=number)


@router.get("/incidents/{incident_id}/cap", response_class=Response)
@permits(EVERYONE, token=TokenScope.READ)
def read_incident_as_cap(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId
) -> Response:
    """Return one incident as a CAP 1.2 message."""
    found = visible_incident(caller, state, incident_id)
    message = cap_of_event(_event(found), _site(state), None)
    return Response(write_cap(message), media_type=CONTENT_TYPE)


def _site(state: AppState) -> tuple[str, str]:
    """Return the site's CloudEvents source and its name."""
    site = state.services.site()
    return site_sender(site), site.site.name


def _event(found: Incident) -> OutgoingEvent:
    place = found.place
    return OutgoingEvent(
        type=f"thapcanh.incident.{found.state.value}.v1",
        subject=f"incident/{found.id}",
        kind=found.kind.value,
        priority=found.priority,
        version=found.version,
        at=max(one.at for one in found.steps),
        data={
            "state": found.state.value,
            "number": found.number,
            "place": place.text,
            "ward": place.ward,
            "lat": place.lat,
            "lon": place.lon,
        },
    )
