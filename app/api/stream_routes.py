"""The live stream of changes (server-sent events), for as long as the session lasts."""

import logging
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from app.api.access import Asking, whoever_asks
from app.api.change_feed import NoStream
from app.api.event_stream import EventStream, Watch, messages
from app.api.forms import Pulse, ShownChange
from app.api.parts import Here
from app.api.permissions import PREFIX
from app.api.refusal import Refused

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["stream"])

_SEQ = r"^[0-9]{0,18}$"


class _Streaming(Response):
    """Lets our stream stand where the framework wants a response."""

    media_type = "text/event-stream"

    def __init__(self, stream: EventStream) -> None:
        super().__init__()
        self._stream = stream

    async def __call__(self, _: AsgiScope, receive: Receive, send: Send) -> None:
        await self._stream.run(receive, send)


@router.get(
    "/stream",
    response_class=_Streaming,
    status_code=200,
    responses={200: {"model": ShownChange | Pulse, "description": "data of the events"}},
)
async def stream(
    caller: Asking,
    here: Here,
    request: Request,
    last_event_id: Annotated[str, Header(pattern=_SEQ)] = "",
    after: Annotated[str, Query(pattern=_SEQ, description="as Last-Event-ID")] = "",
) -> Response:
    """Changes after `Last-Event-ID`, then live; `heartbeat` every 10 s; `gap` when to reload."""
    try:
        screen = await here.feed.open(caller.scope, caller.session_key)
    except NoStream as error:
        log.warning("no stream for %s: %s", caller.session.user.username, error)
        raise Refused(503, "busy", headers={"Retry-After": "5"}) from None

    async def is_welcome() -> bool:
        now = await run_in_threadpool(whoever_asks, request, here)
        return now is not None and now.scope == caller.scope

    since = last_event_id or after
    watch = Watch(
        screen=screen,
        last_event_id=int(since) if since else None,
        told_after=here.changes.told_after,
        pulse=here.pulse,
        is_welcome=is_welcome,
    )
    return _Streaming(EventStream(messages(watch), lambda: here.feed.leave(screen)))
