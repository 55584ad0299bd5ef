"""Links at the desk: who is linked and what is shared; help, taking over, lower sites' pictures."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from thapcanh.alerts.links.deciding import DecidingRepository
from thapcanh.alerts.links.link_pictures import SitePictureRepository
from thapcanh.alerts.links.link_records import LinkRefused
from thapcanh.alerts.links.link_store import CODE_LASTS_S, LinkOwner, LinkRepository
from thapcanh.app.incidents.incident_routes import IncidentId, visible_incident
from thapcanh.app.links.accepting import accept_link
from thapcanh.app.links.link_client import LinkUnreached
from thapcanh.app.links.link_refusals import refusal
from thapcanh.app.links.link_schemas import (
    AcceptLinkRequest,
    HandIncidentRequest,
    InviteLinkRequest,
    LinkedIncidentListResponse,
    LinkInvitationResponse,
    LinkListResponse,
    ShareLinkRequest,
    SiteLinkResponse,
    link_response,
    linked_response,
    picture_response,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ADMINS, ENGINEERS, EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.record_owner import require_listed_owner
from thapcanh.app.web_api.visible_camera import visible_camera

router = APIRouter(prefix=PREFIX, tags=["links"])

LinkId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
PictureId = Annotated[str, Path(max_length=80, pattern=r"^[\w.-]+$")]


@router.get("/links")
@permits(ENGINEERS | ON_DUTY, token=TokenScope.READ)
def list_site_links(caller: CurrentUserDep, state: AppStateDep) -> LinkListResponse:
    """List the sites that this one is linked to, with what is shared and how the line is."""
    del caller
    links, now = _links(state), state.services.clock.utc()
    return LinkListResponse(
        name=state.services.site().site.name,
        fingerprint=links.own_fingerprint(),
        items=[link_response(one, now) for one in links.all()],
    )


@router.post("/links/invitations", status_code=201)
@permits(ADMINS)
def invite_site(
    caller: CurrentUserDep, state: AppStateDep, body: InviteLinkRequest
) -> LinkInvitationResponse:
    """Make a code for one lower site, for ten minutes; it is shown only now."""
    require_listed_owner(caller, state, body.agency, body.area)
    now = state.services.clock.utc()
    owner = LinkOwner(agency=body.agency, area=body.area)
    try:
        code = _links(state).invite(caller.actor(main_role(caller.roles)), now, owner)
    except LinkRefused as refused:
        raise refusal(refused) from None
    return LinkInvitationResponse(code=code, expires_at=now + CODE_LASTS_S)


@router.post("/links", status_code=201)
@permits(ADMINS)
def accept_invitation(
    caller: CurrentUserDep, state: AppStateDep, body: AcceptLinkRequest
) -> SiteLinkResponse:
    """Link this site below the one that gave the code."""
    services = state.services
    try:
        link = accept_link(
            _links(state),
            services.site(),
            caller.actor(main_role(caller.roles)),
            (body.url, body.code),
            services.clock.utc(),
        )
    except LinkRefused as refused:
        raise refusal(refused) from None
    except LinkUnreached as error:
        raise ApiError(502, "link_unreached", why=str(error)) from None
    except ValueError:
        raise ApiError(422, "link_address", extra={"field": "body.url"}) from None
    return link_response(link, services.clock.utc())


@router.put("/links/{link_id}/sharing")
@permits(ADMINS)
def share_with_site(
    caller: CurrentUserDep, state: AppStateDep, link_id: LinkId, body: ShareLinkRequest
) -> SiteLinkResponse:
    """Set what goes up to the upper site from now on; only the lower site may."""
    for area in body.areas:
        require_listed_owner(caller, state, None, area)
    for camera in body.cameras:
        visible_camera(caller, state, camera)
    now, actor = state.services.clock.utc(), caller.actor(main_role(caller.roles))
    try:
        return link_response(_links(state).share(actor, link_id, body.sharing(), now), now)
    except LinkRefused as refused:
        raise refusal(refused) from None


@router.post("/links/{link_id}/end")
@permits(ADMINS)
def end_site_link(caller: CurrentUserDep, state: AppStateDep, link_id: LinkId) -> SiteLinkResponse:
    """End a link; either site may, and the other one is told."""
    now, actor = state.services.clock.utc(), caller.actor(main_role(caller.roles))
    try:
        return link_response(_links(state).end(actor, link_id, now), now)
    except LinkRefused as refused:
        raise refusal(refused) from None


@router.get("/incidents/{incident_id}/links")
@permits(EVERYONE, token=TokenScope.READ)
def incident_links(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId
) -> LinkedIncidentListResponse:
    """Tell which site decides an incident, what the other one reports, and its pictures."""
    visible_incident(caller, state, incident_id)
    return _linked_incidents(state, incident_id)


@router.get("/incidents/{incident_id}/links/pictures/{picture_id}")
@permits(EVERYONE, token=TokenScope.PICTURES)
def site_picture(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, picture_id: PictureId
) -> Response:
    """Return a small picture that a lower site sent."""
    visible_incident(caller, state, incident_id)
    content = SitePictureRepository(state.services.archive.database).content(
        incident_id, picture_id
    )
    if content is None:
        raise ApiError(404, "link_picture_not_found")
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(content, media_type="image/jpeg", headers=headers)


@router.post("/incidents/{incident_id}/help")
@permits(ON_DUTY)
def ask_for_help(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, body: HandIncidentRequest
) -> LinkedIncidentListResponse:
    """Ask the upper site for help: it decides the incident from here on."""
    return _decided_above(caller, state, incident_id, body, is_help=True)


@router.post("/incidents/{incident_id}/take_over")
@permits(ON_DUTY)
def take_over(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, body: HandIncidentRequest
) -> LinkedIncidentListResponse:
    """Take an incident over from the lower site, whose acts are proposals from here on."""
    return _decided_above(caller, state, incident_id, body, is_help=False)


def _decided_above(
    caller: CurrentUser,
    state: AppState,
    incident_id: str,
    body: HandIncidentRequest,
    *,
    is_help: bool,
) -> LinkedIncidentListResponse:
    deciding = DecidingRepository(state.services.archive.database)
    hand = deciding.ask_for_help if is_help else deciding.take_over
    actor, now = caller.actor(main_role(caller.roles)), state.services.clock.utc()
    try:
        hand(actor, incident_id, body.words.strip(), now)
    except LinkRefused as refused:
        raise refusal(refused) from None
    state.services.bell.notify()
    return _linked_incidents(state, incident_id)


def _linked_incidents(state: AppState, incident_id: str) -> LinkedIncidentListResponse:
    database, now = state.services.archive.database, state.services.clock.utc()
    links = {one.id: one for one in LinkRepository(database).live()}
    found = DecidingRepository(database).of_incident(incident_id)
    pictures = SitePictureRepository(database).of_incident(incident_id)
    return LinkedIncidentListResponse(
        items=[
            linked_response(one, is_up=one.link_id in links and links[one.link_id].is_up(now))
            for one in found
        ],
        pictures=[picture_response(one) for one in pictures],
    )


def _links(state: AppState) -> LinkRepository:
    return LinkRepository(state.services.archive.database)
