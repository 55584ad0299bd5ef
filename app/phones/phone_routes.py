"""Web routes of phones as cameras: one-time links, WHIP, and feeds for workers."""

import hmac
import logging
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import Response, StreamingResponse
from pydantic import ConfigDict, Field

from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.cameras.camera_schemas import sees_phone
from thapcanh.app.live.live_routes import SDP, CameraId, checked_offer, refusal_of
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.offer import BadOffer
from thapcanh.app.live.refusals import LiveRefused
from thapcanh.app.live.whip.phone_links import LinkClaim, LinkUsed, PhoneLink, PhoneLinkOptions
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ON_DUTY, OPEN, main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.public_address import PublicAddress, public_address
from thapcanh.app.web_api.record_owner import require_listed_owner
from thapcanh.app.web_api.schemas import ApiModel, SpokenModel, Time
from thapcanh.ingest.packets.transport_stream import FORMAT

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["phones"])
_COOKIE = "thapcanh_phone"
_LONGEST_MINUTES = 8 * 60
Code = Annotated[str, PathParameter(max_length=128)]
PlaceId = Annotated[str | None, Field(max_length=64)]
Key = Annotated[str, Query(max_length=128)]


class PhoneLinkRequest(SpokenModel):
    """Name, duration, agency and area of the camera."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")
    minutes: int = Field(ge=1, le=_LONGEST_MINUTES)
    agency: PlaceId = None
    area: PlaceId = None


class PhoneLinkResponse(ApiModel):
    """A link in force; its code is shown only to who made it, once."""

    id: str
    camera: str
    name: str
    agency: str | None
    area: str | None
    made_by: str
    ends_at: Time
    is_sending: bool


class NewPhoneLinkResponse(PhoneLinkResponse):
    """A new link. Its address holds the code and is not stored."""

    path: str
    address: PublicAddress


class PhoneLinkListResponse(ApiModel):
    """Visible links in force."""

    items: list[PhoneLinkResponse]


@router.post("/phone-links", status_code=201)
@permits(ON_DUTY)
def make_link(
    order: PhoneLinkRequest, caller: CurrentUserDep, state: AppStateDep, request: Request
) -> NewPhoneLinkResponse:
    """Create a one-time link for a phone."""
    if not caller.scope.sees(order.agency, order.area):
        raise ApiError(403, "not_allowed")
    require_listed_owner(caller, state, order.agency, order.area)
    lasts_s = timedelta(minutes=order.minutes).total_seconds()
    try:
        link, token = state.part(LiveView).links.make(
            PhoneLinkOptions(
                name=order.name,
                made_by=caller.session.user.username,
                maker_agencies=caller.scope.agencies,
                agency=order.agency,
                area=order.area,
                ends_at=state.services.clock.utc() + lasts_s,
            )
        )
    except LiveRefused as error:
        raise refusal_of(error) from None
    _write_down(caller, state, "phone_link_made", link.id)
    log.info("%s made the phone link %s", caller.session.user.username, link.id)
    path = f"/phone/{token}"
    address = public_address(state.services.site().centre, request, path)
    return NewPhoneLinkResponse(**dict(_shown(link, state)), path=path, address=address)


def _write_down(caller: CurrentUser, state: AppState, action: str, link_id: str) -> None:
    line = AuditEntry(
        at=state.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action=action,
        object_id=link_id,
        details={},
    )
    note_in_log(state.services.archive.database, line)


@router.get("/phone-links")
@permits(ON_DUTY)
def list_links(caller: CurrentUserDep, state: AppStateDep) -> PhoneLinkListResponse:
    """List the links in force, without their codes."""
    links = [
        link for link in state.part(LiveView).links.in_force() if sees_phone(caller.scope, link)
    ]
    return PhoneLinkListResponse(items=[_shown(link, state) for link in links])


@router.delete("/phone-links/{link_id}", status_code=204)
@permits(ON_DUTY)
def end_link(caller: CurrentUserDep, state: AppStateDep, link_id: Code) -> Response:
    """End a link before its time; what is sent by it ends too."""
    links = state.part(LiveView).links
    if not any(link.id == link_id and sees_phone(caller.scope, link) for link in links.in_force()):
        raise ApiError(404, "not_found")
    links.end(link_id)
    _write_down(caller, state, "phone_link_ended", link_id)
    log.info("%s ended the phone link %s", caller.session.user.username, link_id)
    return Response(status_code=204)


@router.post("/phone/{token}/whip", status_code=201, dependencies=[Depends(enforce)])
@permits(OPEN)  # the link's code is the login
async def send(state: AppStateDep, request: Request, token: Code) -> Response:
    """Send by WebRTC (WHIP): an SDP offer in, the whole answer out. `DELETE` its `Location`."""
    offer = await checked_offer(request)
    claim = _claim(state, token, request)
    try:
        publisher_id, answer = await state.part(LiveView).publish(claim.link, offer)
    except (BadOffer, LiveRefused) as error:
        state.part(LiveView).links.give_up(token, claim)
        log.info("live %s: offer refused: %s", claim.link.camera.id, error)
        if isinstance(error, BadOffer):
            raise ApiError(422, "bad_offer") from None
        raise refusal_of(error) from None
    where = f"{PREFIX}/phone/{token}/whip/{publisher_id}"
    response = Response(answer, 201, media_type=SDP, headers={"Location": where})
    response.set_cookie(
        _COOKIE,
        claim.code,
        path=f"{PREFIX}/phone/{token}",
        secure=state.services.site().centre.is_tls,
        httponly=True,
        samesite="strict",
    )
    return response


@router.delete(
    "/phone/{token}/whip/{publisher_id}", status_code=204, dependencies=[Depends(enforce)]
)
@permits(OPEN)
async def stop_sending(
    state: AppStateDep, request: Request, token: Code, publisher_id: Code
) -> Response:
    """Stop the phone; it may send again until the link expires."""
    claim = _claim(state, token, request)
    try:
        ended = await state.part(LiveView).end_publishing(claim.link.camera.id, publisher_id)
    except LiveRefused as error:
        raise refusal_of(error) from None
    if not ended:
        state.part(LiveView).links.give_up(token, claim)
        raise ApiError(404, "not_found")
    return Response(status_code=204)


@router.get(
    "/phone-feeds/{camera_id}",
    response_class=StreamingResponse,
    dependencies=[Depends(enforce)],
)
@permits(OPEN)  # the centre's key is the login
async def phone_feed(state: AppStateDep, camera_id: CameraId, key: Key = "") -> StreamingResponse:
    """Return a phone's stream until it ends."""
    link = state.part(LiveView).links.of_camera(camera_id)
    is_valid = hmac.compare_digest(key.encode(), state.part(LiveView).feed_key.encode())
    pieces = await state.part(LiveView).phone_feed(link) if link and is_valid else None
    if pieces is None:
        raise ApiError(404, "camera_not_found")
    return StreamingResponse(pieces, media_type=f"video/{FORMAT}")


def _claim(state: AppState, token: str, request: Request) -> LinkClaim:
    try:
        found = state.part(LiveView).links.claim(token, request.cookies.get(_COOKIE, ""))
    except LinkUsed:
        raise ApiError(410, "link_used") from None
    if found is None:
        raise ApiError(404, "link_over")
    return found


def _shown(link: PhoneLink, state: AppState) -> PhoneLinkResponse:
    return PhoneLinkResponse(
        id=link.id,
        camera=link.camera.id,
        name=link.order.name,
        agency=link.order.agency,
        area=link.order.area,
        made_by=link.order.made_by,
        ends_at=link.order.ends_at,
        is_sending=state.part(LiveView).is_sending(link),
    )
