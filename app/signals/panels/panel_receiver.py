"""One receiver: a port on which panels call, by TCP or UDP.

A frame is answered once its signals are on the disk; one that could not be saved is not answered,
and the panel sends it again. A connection that sends junk is ended.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

from app.process.listening_ports import ListeningPort, Sender
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
        self._id = config.id
        self._ends = make.ends
        self._decoder: PanelDecoder = make.decoder(config)
        self._saver = saver
        self._utc = utc
        self._refused = refused
        self._port = ListeningPort(
            config,
            admits=self._admits,
            converse=self._converse,
            heard=self._heard,
            limit=MOST_BYTES,
            backlog=_BACKLOG,
        )

    async def open(self) -> int:
        """Listen; return the port. Raises `OSError`."""
        return await self._port.open()

    async def close(self) -> None:
        """End every connection."""
        await self._port.close()

    async def answer(self, frame: bytes) -> tuple[bytes | None, bool]:
        """What a frame is answered, None where it could not be saved; and whether it was taken."""
        found = self._decoder.decode(frame, self._utc())
        if found.why is not None:
            self._refused[f"{self._id}: {found.why}"] += 1
            return found.answer, False
        for signal in found.signals:
            is_saved = await self._saver.save(signal)
            if is_saved is None:
                self._refused[f"{self._id}: {UNKNOWN} ({signal.account[:16]})"] += 1
                return found.refusal, False
            if not is_saved:
                return None, True
        return found.answer, True

    def _admits(self, _: str) -> bool:
        if self._port.busy < MOST_CONNECTIONS:
            return True
        self._refused[f"{self._id}: more than {MOST_CONNECTIONS} connections"] += 1
        return False

    async def _converse(
        self, _: Sender, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        junk = 0
        while junk < MOST_JUNK:
            try:
                async with asyncio.timeout(SILENT_S):
                    frame = await reader.readuntil(self._ends)
            except asyncio.LimitOverrunError:
                self._refused[f"{self._id}: a frame is longer than {MOST_BYTES} bytes"] += 1
                return
            told, is_taken = await self.answer(frame)
            junk = 0 if is_taken else junk + 1
            if told is None:
                return
            writer.write(told)
            async with asyncio.timeout(SILENT_S):
                await writer.drain()

    def _heard(self, frame: bytes, sender: Sender) -> None:
        """A datagram is a frame."""
        if self._port.busy >= _MOST_DATAGRAMS or len(frame) > MOST_BYTES:
            self._refused[f"{self._id}: too many or too long datagrams"] += 1
            return
        self._port.begin(self._answer_datagram(frame, sender))

    async def _answer_datagram(self, frame: bytes, sender: Sender) -> None:
        told, _ = await self.answer(frame)
        if told is not None:
            self._port.send(told, sender)
