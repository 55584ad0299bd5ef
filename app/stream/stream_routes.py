"""Web route of the live stream of changes (server-sent events)."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, assert_never

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.stream.change_feed import ChangeFeed, StreamUnavailable
from thapcanh.app.stream.change_source import ArchiveChanges
from thapcanh.app.stream.heartbeat import HeartbeatSource
from thapcanh.app.stream.sse_client import (
    LINE_END,
    ChangeMessage,
    ChangePage,
    GapNotice,
    HeartbeatMessage,
    Item,
    SseClient,
    StreamEnd,
    event_text,
)
from thapcanh.app.stream.stream_schemas import CameraNewsResponse, ChangeResponse, HeartbeatResponse
from thapcanh.app.web_api.access.access import CurrentUserDep, current_user
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

REPLAY_PAGE = 500
REPLAY_MOST = 5000  # a screen that missed more reloads faster than it reads on
SEND_WITHIN_S = 20.0
CHECK_SESSION_S = 30.0
_RETRY = ServerSentEvent(retry=2000, sep=LINE_END).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSubscription:
    """A stream's buffer, resume position, and session check."""

    screen: SseClient
    last_event_id: int | None
    told_after: Callable[[int, int], ChangePage]  # where missed changes come from; in a thread
    pulse: Callable[[DataFilter], str]  # the heartbeat's words; in a thread
    is_welcome: Callable[[], Awaitable[bool]]


async def messages(watch: StreamSubscription) -> AsyncIterator[bytes]:
    """Yield everything to send, in order."""
    yield _RETRY
    if watch.last_event_id is not None:
        async for message in _missed(watch, watch.last_event_id):
            yield message
    words = await asyncio.to_thread(watch.pulse, watch.screen.scope)
    yield event_text("heartbeat", words, watch.screen.since_seq)
    async for message in _live(watch):
        yield message


async def _missed(watch: StreamSubscription, seq: int) -> AsyncIterator[bytes]:
    """Yield the changes between the resume position and the buffer, or a gap."""
    until = watch.screen.since_seq
    if until - seq > REPLAY_MOST:
        yield _gap(until, "too_far_behind")
        return
    while seq != until:
        page = await asyncio.to_thread(watch.told_after, seq, REPLAY_PAGE)
        if not page.complete:
            yield _gap(until, "forgotten" if seq < until else "unknown_id")
            return
        for change in page.items:
            if change.seq <= until and watch.screen.scope.sees(change.agency, change.area):
                yield change.message
        seq = min(page.last_seq, until)


async def _live(watch: StreamSubscription) -> AsyncIterator[bytes]:
    """Yield pending items joined in one piece."""
    loop = asyncio.get_running_loop()
    checked_at = loop.time()
    while True:
        items = await watch.screen.take()
        is_beat = any(isinstance(item, HeartbeatMessage) for item in items)
        if is_beat and loop.time() - checked_at >= CHECK_SESSION_S:
            checked_at = loop.time()
            if not await watch.is_welcome():
                return
        if text := b"".join(_text(item) for item in items):
            yield text
        if any(isinstance(item, StreamEnd) for item in items):
            return


def _text(item: Item) -> bytes:
    match item:
        case ChangeMessage() | HeartbeatMessage():
            return item.message
        case GapNotice():
            return _gap(item.seq, "too_slow")
        case StreamEnd():
            return b""
        case _:
            assert_never(item)


def _gap(seq: int, reason: str) -> bytes:
    return event_text("gap", json.dumps({"seq": seq, "reason": reason}), seq)


class EventStream(EventSourceResponse):
    """Response that ends with its messages, its client, or a stalled connection."""

    media_type = "text/event-stream"

    def __init__(self, body: AsyncIterator[bytes], on_end: Callable[[], None]) -> None:
        super().__init__(body, ping=0, send_timeout=SEND_WITHIN_S)  # the feed sends heartbeats
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end; then `on_end` has been called."""
        try:
            await super().__call__(scope, receive, send)
        except OSError as error:  # the screen is gone, or took nothing within `SEND_WITHIN_S`
            log.debug("a stream was cut: %s", type(error).__name__)
        finally:
            self._on_end()


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
    state: AppStateDep,
    request: Request,
    last_event_id: Annotated[str, Header(pattern=_SEQ)] = "",
    after: Annotated[str, Query(pattern=_SEQ, description="as Last-Event-ID")] = "",
) -> EventStream:
    """Stream changes after `Last-Event-ID`, then live; `heartbeat` every 2 s; `gap` to reload.

    `cameras` has changed cameras, followed by a heartbeat.
    """
    since = last_event_id or after
    client_seq = int(since) if since else None
    try:
        screen = await state.part(ChangeFeed).open(
            caller.scope,
            caller.session_key,
            client_seq or 0,
            of_technician=Role.TECHNICIAN in caller.roles,
        )
    except StreamUnavailable as error:
        log.warning("no stream for %s: %s", caller.session.user.username, error)
        raise ApiError(503, "busy", headers={"Retry-After": "5"}) from None

    async def is_welcome() -> bool:
        now = await run_in_threadpool(current_user, request, state)
        return now is not None and now.scope == caller.scope

    watch = StreamSubscription(
        screen=screen,
        last_event_id=client_seq,
        told_after=state.part(ArchiveChanges).told_after,
        pulse=state.part(HeartbeatSource),
        is_welcome=is_welcome,
    )
    return EventStream(messages(watch), on_end=lambda: state.part(ChangeFeed).leave(screen))
