"""Web routes of photos and videos in citizens' messages: upload by gateways, download."""

import hashlib

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from thapcanh.alerts.calls.citizen_media import CitizenMediaRepository, SentCitizenMedia
from thapcanh.app.calls.caller_page_routes import SentResponse
from thapcanh.app.calls.citizen_message_routes import MessageId
from thapcanh.app.calls.sent_media import OfStrangers, sent_file
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["calls"])


@router.post("/messages/{message_id}/media", status_code=201)
@permits(EVERYONE, token=TokenScope.MESSAGES)
async def receive_message_media(
    caller: CurrentUserDep, state: AppStateDep, request: Request, message_id: MessageId
) -> SentResponse:
    """Store a photo or video from the body: re-encoded, and the same file only once."""
    if caller.powers is None:  # officers bring no messages, whatever their names are
        raise ApiError(404, "message_not_found")
    gateway, media = caller.session.user.username, _media(state)
    if not await run_in_threadpool(media.is_message_of, message_id, gateway):
        raise ApiError(404, "message_not_found")
    content = await request.body()
    sha256 = hashlib.sha256(content).hexdigest()
    existing = await run_in_threadpool(media.known, message_id, sha256)
    if existing is None:
        made = await state.part(OfStrangers).made(request, gateway, content)
        sent = SentCitizenMedia(
            message_id=message_id,
            sha256=sha256,
            kind=made.kind,
            media_type=made.media_type,
            content=made.content,
        )
        existing = await run_in_threadpool(media.add, sent, state.services.clock.utc())
    if existing is None:
        raise ApiError(409, "message_quota")
    return SentResponse(id=existing.id, kind=existing.kind)


@router.get("/message-media/{media_id}/file", response_class=Response)
@permits(EVERYONE, token=TokenScope.PICTURES)
def read_message_media(caller: CurrentUserDep, state: AppStateDep, media_id: MessageId) -> Response:
    """Return a photo or video of a citizen's message, as re-encoded on arrival."""
    return sent_file(_media(state).file(media_id, caller.scope))


def _media(state: AppState) -> CitizenMediaRepository:
    return CitizenMediaRepository(state.services.archive.database)
