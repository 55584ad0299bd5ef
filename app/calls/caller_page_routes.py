"""Web routes for callers' phones: no login, authorised by the code of one link."""

import logging
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from thapcanh.alerts.calls.caller_links import (
    CallerItem,
    CallerItemKind,
    CallerLink,
    CallerLinkRepository,
    CallerLinkState,
    OpenedLink,
)
from thapcanh.alerts.calls.caller_live_links import note_live
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.calls.reported_place import can_be
from thapcanh.app.calls.sent_media import MadeMedia, OfStrangers
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.refusals import LiveRefused
from thapcanh.app.live.whip.phone_links import PhoneLinkOptions
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, SpokenModel, Time

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["calls"])

_COOKIE = "thapcanh_caller"
Code = Annotated[str, PathParameter(max_length=128)]


class OpenedLinkResponse(ApiModel):
    """Contents of a caller's page: centre and expiry; `live` is returned once."""

    centre: str
    expires_at: Time
    live: str | None = Field(description="the path of the page that sends live pictures")


class CallerPositionRequest(BaseModel):
    """Where the phone is, by itself; `accuracy_m` is how far off it may be."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    accuracy_m: float = Field(ge=0, le=1e7)


class CallerTextRequest(SpokenModel):
    """Text that the caller writes."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=1000, pattern=NO_NUL)


class SentResponse(ApiModel):
    """Receipt, with the kind that the upload was recognised as."""

    id: str
    kind: CallerItemKind


@router.post("/caller/{code}")
@permits(OPEN)  # the link's code is the login
def open_link(
    app_state: AppStateDep, request: Request, response: Response, code: Code
) -> OpenedLinkResponse:
    """Open a link: the first phone has it until its end."""
    opened = _opened(app_state, request, code)
    link = _link_of(opened)
    if opened.is_new:
        response.set_cookie(
            _COOKIE,
            opened.claim,
            path=f"{PREFIX}/caller/{code}",
            secure=app_state.services.site().centre.is_tls,
            httponly=True,
            samesite="strict",
        )
    return OpenedLinkResponse(
        centre=app_state.services.site().site.name,
        expires_at=link.expires_at,
        live=_live(app_state, link) if opened.is_new else None,
    )


@router.post("/caller/{code}/position", status_code=201)
@permits(OPEN)
def send_position(
    app_state: AppStateDep, request: Request, code: Code, body: CallerPositionRequest
) -> SentResponse:
    """Store the caller's position and its accuracy."""
    link = link_of_code(app_state, request, code)
    if not can_be((body.lat, body.lon), app_state.services.site()):
        raise ApiError(422, "caller_position_wrong")
    item = _item(app_state, CallerItemKind.POSITION, **body.model_dump())
    return _stored(app_state, link, item)


@router.post("/caller/{code}/text", status_code=201)
@permits(OPEN)
def send_text(
    app_state: AppStateDep, request: Request, code: Code, body: CallerTextRequest
) -> SentResponse:
    """Store the caller's text."""
    link = link_of_code(app_state, request, code)
    return _stored(app_state, link, _item(app_state, CallerItemKind.TEXT, text=body.text.strip()))


@router.post("/caller/{code}/media", status_code=201)
@permits(OPEN)
async def send_media(app_state: AppStateDep, request: Request, code: Code) -> SentResponse:
    """Store a photo or video; only its re-encoded pictures are kept."""
    content = await request.body()
    link = await run_in_threadpool(link_of_code, app_state, request, code)
    made = await app_state.part(OfStrangers).made(request, link.id, content)
    return await run_in_threadpool(_stored_media, app_state, request, code, made)


def _stored_media(
    app_state: AppState, request: Request, code: str, made: MadeMedia
) -> SentResponse:
    link = link_of_code(app_state, request, code)  # it may have ended meanwhile
    facts = {"bytes": len(made.content), "media_type": made.media_type}
    return _stored(app_state, link, _item(app_state, made.kind, **facts), made.content)


def link_of_code(app_state: AppState, request: Request, code: str) -> CallerLink:
    """Return the link of a code for this phone; raise `ApiError`. Call it in a thread."""
    return _link_of(_opened(app_state, request, code))


def _stored(
    app_state: AppState, link: CallerLink, item: CallerItem, content: bytes | None = None
) -> SentResponse:
    state = _links(app_state).add(link, item, content)
    if state is CallerLinkState.FULL:
        raise ApiError(429, "caller_quota")
    if state is CallerLinkState.OVER:
        raise ApiError(404, "link_over")
    app_state.services.bell.notify()
    return SentResponse(id=item.id, kind=item.kind)


def _item(app_state: AppState, kind: CallerItemKind, **facts: object) -> CallerItem:
    return CallerItem(id=str(uuid7()), kind=kind, at=app_state.services.clock.utc(), **facts)  # type: ignore[arg-type]


def _opened(app_state: AppState, request: Request, code: str) -> OpenedLink:
    claim = request.cookies.get(_COOKIE, "")
    return _links(app_state).open(code, claim, app_state.services.clock.utc())


def _link_of(opened: OpenedLink) -> CallerLink:
    if opened.state is CallerLinkState.USED:
        raise ApiError(410, "link_used")
    if opened.link is None:
        raise ApiError(404, "link_over")
    return opened.link


def _live(app_state: AppState, link: CallerLink) -> str | None:
    """Return the URL for the phone's live video; None if there is no capacity."""
    order = PhoneLinkOptions(
        name="Người gọi",
        made_by=link.made_by,
        maker_agencies=None if link.agency is None else frozenset({link.agency}),
        agency=link.agency,
        area=link.area,
        ends_at=link.expires_at,
        is_callers=True,
    )
    links = app_state.part(LiveView).links
    try:
        phone, token = links.make(order)
    except LiveRefused as error:
        log.info("no live picture for caller link %s: %s", link.id, error)
        return None
    try:
        note_live(app_state.services.archive.database, link.id, phone.id)
    except ArchiveError as error:  # the link is the phone's already: it must learn its claim
        log.warning("no live picture for caller link %s: %s", link.id, error)
        links.end(phone.id)
        return None
    return f"/phone/{token}"


def _links(app_state: AppState) -> CallerLinkRepository:
    return CallerLinkRepository(app_state.services.archive.database)
