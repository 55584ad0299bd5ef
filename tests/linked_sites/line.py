"""A line between two sites: a TCP proxy that is whole, slow, silent or cut.

Slow is 64 kbit/s each way, 600 ms there and back, and 2 % of segments that come a second later, as
TCP sends them again. Silent takes connections and passes nothing. One thread serves all lines.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Awaitable
from enum import StrEnum
from typing import Any

_SEGMENT_BYTES = 1400
_BYTES_A_SECOND = 8000
_ONE_WAY_S, _AGAIN_S, _LOST = 0.3, 1.0, 0.02


class LineState(StrEnum):
    """How a line is."""

    WHOLE = "whole"
    SLOW = "slow"
    SILENT = "silent"  # connections stand, nothing passes
    CUT = "cut"  # connections end, new ones are refused


class Lines:
    """The loop of all lines; `close` ends them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lines", daemon=True)
        self._thread.start()

    def to(self, port: int) -> "Line":
        line = Line(self, port)
        line.port = self.run(line.open())
        return line

    def run(self, step: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


class Line:
    """One line; `set` changes how it is."""

    def __init__(self, lines: Lines, upper_port: int) -> None:
        self._lines, self._upper_port = lines, upper_port
        self._chance = random.Random(upper_port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.state = LineState.WHOLE
        self.port = 0

    async def open(self) -> int:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    def set(self, state: LineState) -> None:
        self._lines.run(self._set(state))

    async def _set(self, state: LineState) -> None:
        self.state = state
        if state in (
            LineState.CUT,
            LineState.WHOLE,
        ):  # a silent line's connections do not come back
            for writer in list(self._writers):
                writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state is LineState.CUT:
            writer.transport.abort()
            return
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self._upper_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, onward}
        await asyncio.gather(self._pass(reader, onward), self._pass(there, writer))
        self._writers -= {writer, onward}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass segments on in order, each when it is due, until the sender ends."""
        due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sends: Awaitable[None] = asyncio.ensure_future(self._send(due, writer))
        loop, free_at, last_at = asyncio.get_running_loop(), 0.0, 0.0
        with contextlib.suppress(OSError):
            while data := await reader.read(_SEGMENT_BYTES):
                now = at = loop.time()
                if self.state is LineState.SLOW:
                    free_at = max(free_at, now) + len(data) / _BYTES_A_SECOND
                    is_lost = self._chance.random() < _LOST
                    at = free_at + _ONE_WAY_S + (_AGAIN_S if is_lost else 0.0)
                    await asyncio.sleep(max(0.0, free_at - now))
                last_at = max(last_at, at)
                due.put_nowait((last_at, data))
        due.put_nowait((last_at, b""))
        await sends

    async def _send(
        self, due: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                at, data = await due.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                while self.state is LineState.SILENT and not writer.transport.is_closing():
                    await asyncio.sleep(0.1)
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()
