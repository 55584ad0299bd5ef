"""Receiver of panels on one TCP or UDP port.

A frame is answered once its signals are on disk; otherwise the panel sends it again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

from thapcanh.app.process.listening_ports import DeviceConnection, ListeningPort, Sender
from thapcanh.app.signals.panels.panel_make import PanelDecoder, PanelMake
from thapcanh.app.signals.panels.panel_saver import PanelSaver
from thapcanh.config.devices import PanelReceiverConfig

MOST_BYTES = 4096  # of one frame
SILENT_S = 120.0  # a connection that says nothing is ended
MOST_JUNK = 5  # frames of one connection that are refused
_BACKLOG = 2048
UNKNOWN = "of an account that is no device's"


class PanelReceiver:
    """Receiver of one port, owned by one loop; `refused` counts refusals by reason."""

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
            converse=self._converse,
            heard=self._received,
            count=self._count,
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
        """Return a frame's answer, None if it could not be saved; and True if it was accepted."""
        found = self._decoder.decode(frame, self._utc())
        if found.why is not None:
            self._count(found.why)
            return found.answer, False
        for signal in found.signals:
            is_saved = await self._saver.save(signal)
            if is_saved is None:
                self._count(f"{UNKNOWN} ({signal.account[:16]})")
                return found.refusal, False
            if not is_saved:
                return None, True
        return found.answer, True

    def _count(self, why: str) -> None:
        self._refused[f"{self._id}: {why}"] += 1

    async def _converse(self, connection: DeviceConnection) -> None:
        junk, reader, writer = 0, connection.reader, connection.writer
        while junk < MOST_JUNK:
            try:
                async with asyncio.timeout(SILENT_S):
                    frame = await reader.readuntil(self._ends)
            except asyncio.LimitOverrunError:
                self._count(f"a frame is longer than {MOST_BYTES} bytes")
                return
            answer, is_accepted = await self.answer(frame)
            junk = 0 if is_accepted else junk + 1
            if is_accepted:
                self._port.proved(connection)
            if answer is None:
                return
            writer.write(answer)
            async with asyncio.timeout(SILENT_S):
                await writer.drain()

    async def _received(self, frame: bytes, sender: Sender) -> None:
        """Handle a datagram, which is one frame."""
        if len(frame) > MOST_BYTES:
            self._count(f"a frame is longer than {MOST_BYTES} bytes")
            return
        answer, _ = await self.answer(frame)
        if answer is not None:
            self._port.send(answer, sender)
