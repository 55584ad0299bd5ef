"""One receiver: a port on which panels call, by TCP or UDP.

A frame is answered once its signals are on the disk; one that could not be saved is not answered,
and the panel sends it again. A connection that sends junk is ended.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from app.signals.panels.panel_make import PanelDecoder, PanelMake
from app.signals.panels.panel_saver import PanelSaver
from config.devices import PanelReceiverConfig

MOST_CONNECTIONS = 4096
MOST_BYTES = 4096  # of one frame
SILENT_S = 120.0  # a connection that says nothing is ended
MOST_JUNK = 5  # frames of one connection that are refused
_MOST_DATAGRAMS = 2000  # that wait to be answered
_BACKLOG = 2048
UNKNOWN = "of an account that is no device's"


class PanelReceiver:
    """Owned by one loop; `refused` counts what was not taken, by why."""

    def __init__(
        self,
        config: PanelReceiverConfig,
        make: PanelMake,
        saver: PanelSaver,
        utc: Callable[[], float],
        refused: Counter[str],
    ) -> None:
        self._config = config
        self._ends = make.ends
        self._decoder: PanelDecoder = make.decoder(config)
        self._saver = saver
        self._utc = utc
        self._refused = refused
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        host, port = self._config.host, self._config.port
        if self._config.protocol == "udp":
            loop = asyncio.get_running_loop()
            self._datagrams, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self._heard), local_addr=(host, port)
            )
            return int(self._datagrams.get_extra_info("sockname")[1])
        self._server = await asyncio.start_server(
            self._connected, host, port, limit=MOST_BYTES, backlog=_BACKLOG
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End every connection."""
        if self._server is not None:
            self._server.close()
        if self._datagrams is not None:
            self._datagrams.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def answer(self, frame: bytes) -> tuple[bytes | None, bool]:
        """What a frame is answered, None where it could not be saved; and whether it was taken."""
        found = self._decoder.decode(frame, self._utc())
        if found.why is not None:
            self._refused[f"{self._config.id}: {found.why}"] += 1
            return found.answer, False
        for signal in found.signals:
            is_saved = await self._saver.save(signal)
            if is_saved is None:
                self._refused[f"{self._config.id}: {UNKNOWN} ({signal.account[:16]})"] += 1
                return found.refusal, False
            if not is_saved:
                return None, True
        return found.answer, True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= MOST_CONNECTIONS:
            self._refused[f"{self._config.id}: more than {MOST_CONNECTIONS} connections"] += 1
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # it hung up, or fell silent
        except asyncio.LimitOverrunError:
            self._refused[f"{self._config.id}: a frame is longer than {MOST_BYTES} bytes"] += 1
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        junk = 0
        while junk < MOST_JUNK:
            async with asyncio.timeout(SILENT_S):
                frame = await reader.readuntil(self._ends)
            told, is_taken = await self.answer(frame)
            junk = 0 if is_taken else junk + 1
            if told is None:
                return
            writer.write(told)
            async with asyncio.timeout(SILENT_S):
                await writer.drain()

    def _heard(self, frame: bytes, sender: tuple[str, int]) -> None:
        """A datagram is a frame."""
        if len(self._tasks) >= _MOST_DATAGRAMS or len(frame) > MOST_BYTES:
            self._refused[f"{self._config.id}: too many or too long datagrams"] += 1
            return
        task = asyncio.create_task(self._answer_datagram(frame, sender))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer_datagram(self, frame: bytes, sender: tuple[str, int]) -> None:
        told, _ = await self.answer(frame)
        if told is not None and self._datagrams is not None and not self._datagrams.is_closing():
            self._datagrams.sendto(told, sender)


class _Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams on."""

    def __init__(self, heard: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A frame came."""
        self._heard(data, (addr[0], addr[1]))
