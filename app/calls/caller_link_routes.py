"""Web routes for officers: create links for callers, read what callers sent."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from thapcanh.alerts.calls.call_store import CallFilter, CallRepository
from thapcanh.alerts.calls.caller_links import (
    CallerItem,
    CallerItemKind,
    CallerLink,
    CallerLinkRepository,
)
from thapcanh.alerts.calls.citizen_media import CitizenMediaRepository
from thapcanh.alerts.calls.link_sending import LinkRefusal, LinkSending
from thapcanh.alerts.delivery.outbox.records import DeliveryFate, DeliveryState
from thapcanh.alerts.delivery.routing import target_scope
from thapcanh.app.calls.caller_live_links import expire_links
from thapcanh.app.calls.citizen_message_schemas import CitizenMediaResponse, media_response
from thapcanh.app.calls.redaction_routes import CallId
from thapcanh.app.calls.sent_media import sent_file
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.public_address import AddressProblem, public_address
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time

router = APIRouter(prefix=PREFIX, tags=["calls"])

LinkId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
ItemId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
_TEXT = "Cấp cứu, báo cháy: bấm để gửi vị trí, ảnh / tap to send your place, photos: {url}"


class NewCallerLinkResponse(ApiModel):
    """A new caller link; its address is shown only in this response and not stored."""

    id: str
    url: str
    problem: AddressProblem | None
    expires_at: Time


class LinkTextResponse(ApiModel):
    """Result of texting a link; `error` is a sentence for people."""

    state: DeliveryState
    at: Time | None
    error: str | None


class CallerItemResponse(ApiModel):
    """Something that a caller sent; `accuracy_m` is the radius of the circle of doubt."""

    id: str
    kind: CallerItemKind
    at: Time
    text: str | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    file: str | None


class CallerLinkResponse(ApiModel):
    """The newest link of a call, and all that came by its links."""

    id: str
    call: str
    made_by: PersonResponse | None
    made_at: Time
    expires_at: Time
    opened_at: Time | None
    ended_at: Time | None
    is_open: bool
    text: LinkTextResponse | None = Field(description="null where it was not texted")
    live_camera: str | None = Field(description="which shows the phone's picture while it is sent")
    items: list[CallerItemResponse]


class CallerLinkListResponse(ApiModel):
    """The links of some calls, and what citizens showed whose messages became these calls."""

    items: list[CallerLinkResponse]
    media: list[CitizenMediaResponse]


@router.post("/calls/{call_id}/link", status_code=201)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def make_caller_link(
    caller: CurrentUserDep,
    state: AppStateDep,
    request: Request,
    call_id: CallId,
    send: Annotated[bool, Query(description="whether the caller is texted the link")] = False,
) -> NewCallerLinkResponse:
    """Create a link for one call, valid for half an hour; ends the call's earlier link.

    `send` texts it to the caller's number, by a target with `caller_links`.
    """
    actor, now = caller.actor(main_role(caller.roles)), state.services.clock.utc()
    centre = state.services.site().centre
    if send and public_address(centre, request, "").problem is AddressProblem.THIS_MACHINE:
        raise ApiError(409, "caller_link_leads_here")

    def said(code: str) -> str:
        return _TEXT.format(url=public_address(centre, request, f"/caller/{code}").url)

    made = _links(state).make(actor, call_id, now, _sending(state, said) if send else None)
    if isinstance(made, LinkRefusal):
        raise ApiError(404 if made is LinkRefusal.NO_CALL else 409, made.value)
    expire_links(state.part(LiveView).links, state.services.archive.database)  # of those before it
    link, code = made
    address = public_address(centre, request, f"/caller/{code}")
    return NewCallerLinkResponse(
        id=link.id, url=address.url, problem=address.problem, expires_at=link.expires_at
    )


@router.delete("/caller-links/{link_id}", status_code=204)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def end_caller_link(caller: CurrentUserDep, state: AppStateDep, link_id: LinkId) -> Response:
    """End a link before its time; what came stays."""
    actor, now = caller.actor(main_role(caller.roles)), state.services.clock.utc()
    if not _links(state).end(actor, link_id, now):
        raise ApiError(404, "link_over")
    expire_links(state.part(LiveView).links, state.services.archive.database)
    return Response(status_code=204)


@router.get("/caller-links")
@permits(EVERYONE, token=TokenScope.READ)
def list_caller_links(
    caller: CurrentUserDep,
    state: AppStateDep,
    call: Annotated[list[str], Query(max_length=200)],
) -> CallerLinkListResponse:
    """List the newest link of each call, with what callers and citizens sent."""
    visible = CallRepository(state.services.archive.database).page(
        CallFilter(ids=frozenset(call), scope=caller.scope, limit=200)
    )
    ids = [item.id for item in visible.items]
    links, items = _links(state).of_calls(ids, caller.scope)
    media = CitizenMediaRepository(state.services.archive.database).of_calls(ids, caller.scope)
    sent = _links(state).sent([item.id for item in links])
    return CallerLinkListResponse(
        items=[_shown(item, items[item.call_id], sent.get(item.id), state) for item in links],
        media=[media_response(item) for item in media],
    )


@router.get("/caller-items/{item_id}/file", response_class=Response)
@permits(EVERYONE, token=TokenScope.PICTURES)
def caller_file(caller: CurrentUserDep, state: AppStateDep, item_id: ItemId) -> Response:
    """Return a caller's photo or video, as re-encoded on arrival."""
    return sent_file(_links(state).file(item_id, caller.scope))


def _sending(state: AppState, said: Callable[[str], str]) -> LinkSending:
    site = state.services.site()
    targets = [
        (item.id, target_scope(item, site.areas)) for item in site.targets if item.is_for_callers
    ]
    return LinkSending(targets=targets, said=said)


def _shown(
    link: CallerLink, items: list[CallerItem], sent: DeliveryFate | None, state: AppState
) -> CallerLinkResponse:
    now = state.services.clock.utc()
    live = None
    if link.live_link is not None:
        cameras = {item.id: item.camera.id for item in state.part(LiveView).links.in_force()}
        live = cameras.get(link.live_link)
    return CallerLinkResponse(
        id=link.id,
        call=link.call_id,
        made_by=state.people.person(link.made_by),
        made_at=link.made_at,
        expires_at=link.expires_at,
        opened_at=link.opened_at,
        ended_at=link.ended_at,
        is_open=link.ended_at is None and now < link.expires_at,
        text=None
        if sent is None
        else LinkTextResponse(state=sent.state, at=sent.at, error=sent.error),
        live_camera=live,
        items=[
            CallerItemResponse(
                id=item.id,
                kind=item.kind,
                at=item.at,
                text=item.text,
                lat=item.lat,
                lon=item.lon,
                accuracy_m=item.accuracy_m,
                file=f"{PREFIX}/caller-items/{item.id}/file" if item.media_type else None,
            )
            for item in items
        ],
    )


def _links(state: AppState) -> CallerLinkRepository:
    return CallerLinkRepository(state.services.archive.database)
