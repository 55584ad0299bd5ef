"""One screen's stream of server-sent events: replay, then live, until somebody ends it.

Each event's id is a change sequence of the archive: all that the person may see up to it has been
sent, or a `gap` event said that it has not. A connection that takes nothing is cut.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from starlette.types import Receive, Send

from alerts.lifecycle.roles import DataFilter
from app.api.stream.sse_client import (
    ChangeMessage,
    ChangePage,
    GapNotice,
    HeartbeatMessage,
    Item,
    SseClient,
    StreamEnd,
    event_text,
)

REPLAY_PAGE = 500
REPLAY_MOST = 5000  # a screen that missed more reloads faster than it reads on
SEND_WITHIN_S = 20.0
CHECK_SESSION_S = 30.0
_RETRY = b"retry: 2000\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSubscription:
    """What one stream needs: its box, where the screen stopped, how to ask about its session."""

    screen: SseClient
    last_event_id: int | None
    told_after: Callable[[int, int], ChangePage]  # where missed changes come from; in a thread
    pulse: Callable[[DataFilter], str]  # the heartbeat's words; in a thread
    is_welcome: Callable[[], Awaitable[bool]]


async def messages(watch: StreamSubscription) -> AsyncIterator[bytes]:
    """Everything to send, in order."""
    yield _RETRY
    if watch.last_event_id is not None:
        async for message in _missed(watch, watch.last_event_id):
            yield message
    words = await asyncio.to_thread(watch.pulse, watch.screen.scope)
    yield event_text("heartbeat", words, watch.screen.since_seq)
    async for message in _live(watch):
        yield message


async def _missed(watch: StreamSubscription, seq: int) -> AsyncIterator[bytes]:
    """The changes from where the screen stopped to where its box begins, or a gap."""
    until = watch.screen.since_seq
    if until - seq > REPLAY_MOST:
        yield _gap(until, "too_far_behind")
        return
    while seq != until:
        page = await asyncio.to_thread(watch.told_after, seq, REPLAY_PAGE)
        if not page.complete:
            yield _gap(until, "forgotten" if seq < until else "unknown_id")
            return
        for told in page.items:
            if told.seq <= until and watch.screen.scope.sees(told.agency, told.area):
                yield told.message
        seq = min(page.last_seq, until)


async def _live(watch: StreamSubscription) -> AsyncIterator[bytes]:
    """What came meanwhile goes out in one piece."""
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


class EventStream:
    """An answer that sends messages until they end, the screen leaves, or it takes nothing."""

    def __init__(self, body: AsyncIterator[bytes], on_end: Callable[[], None]) -> None:
        self._body = body
        self._on_end = on_end

    async def run(self, receive: Receive, send: Send) -> None:
        """Send until the end; then `on_end` has been called."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._on_end()
            for task in (sending, leaving):
                task.cancel()
            results = await asyncio.gather(sending, leaving, return_exceptions=True)
        fault = results[0]
        if isinstance(fault, Exception) and not isinstance(fault, OSError):
            raise fault

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        async for message in self._body:
            async with asyncio.timeout(SEND_WITHIN_S):  # TimeoutError is an OSError: the end
                await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
