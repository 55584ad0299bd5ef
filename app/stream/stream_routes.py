"""The live stream of changes (server-sent events), for as long as the session lasts."""

import logging
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool

from app.stream.change_feed import StreamUnavailable
from app.stream.event_stream import EventStream, StreamSubscription, messages
from app.stream.stream_schemas import CameraNewsResponse, ChangeResponse, HeartbeatResponse
from app.web_api.access.access import CurrentUserDep, current_user
from app.web_api.access.endpoint_access import permits
from app.web_api.access.permissions import EVERYONE
from app.web_api.access.token_scopes import TokenScope
from app.web_api.app_state import AppStateDep
from app.web_api.errors import ApiError
from app.web_api.prefix import PREFIX

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["stream"])

_SEQ = r"^[0-9]{0,18}$"


@router.get(
    "/stream",
    response_class=EventStream,
    status_code=200,
    responses={
        200: {
            "model": ChangeResponse | CameraNewsResponse | HeartbeatResponse,
            "description": "data of the events",
        }
    },
)
@permits(EVERYONE, token=TokenScope.READ)
async def stream(
    caller: CurrentUserDep,
    here: AppStateDep,
    request: Request,
    last_event_id: Annotated[str, Header(pattern=_SEQ)] = "",
    after: Annotated[str, Query(pattern=_SEQ, description="as Last-Event-ID")] = "",
) -> EventStream:
    """Changes after `Last-Event-ID`, then live; `heartbeat` every 2 s; `gap` when to reload.

    `cameras` tells of cameras that changed, with a heartbeat after it.
    """
    since = last_event_id or after
    known_seq = int(since) if since else None
    try:
        screen = await here.feed.open(caller.scope, caller.session_key, known_seq or 0)
    except StreamUnavailable as error:
        log.warning("no stream for %s: %s", caller.session.user.username, error)
        raise ApiError(503, "busy", headers={"Retry-After": "5"}) from None

    async def is_welcome() -> bool:
        now = await run_in_threadpool(current_user, request, here)
        return now is not None and now.scope == caller.scope

    watch = StreamSubscription(
        screen=screen,
        last_event_id=known_seq,
        told_after=here.changes.told_after,
        pulse=here.pulse,
        is_welcome=is_welcome,
    )
    return EventStream(messages(watch), on_end=lambda: here.feed.leave(screen))
