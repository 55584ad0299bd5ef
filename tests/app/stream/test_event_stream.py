"""The answer that sends events: it ends with the screen, and is never held up by one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from tests.patience import PATIENCE_S
from thapcanh.app.stream import stream_routes
from thapcanh.app.stream.sse_client import event_text
from thapcanh.app.stream.stream_routes import EventStream

SCOPE = {"type": "http", "method": "GET"}


class Screen:
    """The far end of one connection."""

    def __init__(self, *, takes: int = 1_000_000) -> None:
        self.takes = takes  # so many messages; at the next one it hangs
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.is_forgotten = False

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if len(self.sent) >= self.takes:
            await asyncio.Event().wait()
        self.sent.append(message)

    def forget(self) -> None:
        self.is_forgotten = True

    async def watch(self, body: AsyncIterator[bytes]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await EventStream(body, self.forget)(SCOPE, self.receive, self.send)


async def numbers(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield event_text("change", f'{{"seq": {number}}}', number)


async def endless(screen: Screen) -> AsyncIterator[bytes]:
    yield event_text("heartbeat", "{}", 1)
    screen.left.set()
    await asyncio.Event().wait()


async def broken() -> AsyncIterator[bytes]:
    yield event_text("heartbeat", "{}", 1)
    raise ValueError("a fault of ours")


def test_all_is_sent_in_order_and_no_keep_alive_of_another_form() -> None:
    async def run() -> None:
        screen = Screen()
        await screen.watch(numbers(2))
        start, *bodies = screen.sent
        assert dict(start["headers"])[b"content-type"] == b"text/event-stream; charset=utf-8"
        assert [one["body"] for one in bodies] == [
            b'id: 0\nevent: change\ndata: {"seq": 0}\n\n',
            b'id: 1\nevent: change\ndata: {"seq": 1}\n\n',
            b"",
        ]
        assert screen.is_forgotten

    asyncio.run(run())


def test_a_screen_that_left_is_forgotten_though_nothing_comes() -> None:
    async def run() -> None:
        screen = Screen()
        await screen.watch(endless(screen))
        assert screen.is_forgotten

    asyncio.run(run())


@pytest.mark.parametrize("takes", [1, 3])
def test_a_screen_that_takes_nothing_is_cut(monkeypatch: pytest.MonkeyPatch, takes: int) -> None:
    monkeypatch.setattr(stream_routes, "SEND_WITHIN_S", 0.05)

    async def run() -> None:
        screen = Screen(takes=takes)
        await screen.watch(numbers(1_000_000))
        assert screen.is_forgotten
        assert len(screen.sent) == takes

    asyncio.run(run())


def test_a_fault_of_ours_is_not_hidden_and_the_screen_is_forgotten() -> None:
    async def run() -> None:
        screen = Screen()
        with pytest.raises(ValueError, match="a fault of ours"):
            await screen.watch(broken())
        assert screen.is_forgotten

    asyncio.run(run())
