"""Signals of panels on their way to the desk: those that come together are saved together."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass

from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.app.signals.panels.panel_make import PanelSignal
from thapcanh.app.signals.signal_receipts import DeviceFlood, SignalReceipt
from thapcanh.app.signals.signal_service import SignalService

_MOST_WAITING = 10_000
_AT_ONCE = 500


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """A signal that waits to be saved, and who waits for that."""

    signal: SignalBody
    key: str
    is_saved: asyncio.Future[bool]


class PanelSaver:
    """Saver of panels' signals, owned by one loop."""

    def __init__(self, desk: SignalService, pool: Executor) -> None:
        self._desk = desk
        self._pool = pool
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(_MOST_WAITING)

    async def save(self, panel_signal: PanelSignal) -> bool | None:
        """Save a signal; return True if it is on disk, None for an unregistered account."""
        device = self._desk.devices.of_account(panel_signal.account)
        if device is None:
            return None
        signal = SignalBody(
            device_id=device.id,
            kind=panel_signal.kind,
            at=panel_signal.at,
            place=panel_signal.place,
            value=panel_signal.value,
            restores=panel_signal.restores,
        )
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await self._waiting.put(_Waiting(signal=signal, key=panel_signal.key, is_saved=future))
        return await future

    async def run(self) -> None:
        """Save until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            signals = [(item.signal, item.key) for item in batch]
            answers = await loop.run_in_executor(self._pool, self._desk.receive_each, signals)
            for item, answer in zip(batch, answers, strict=True):
                if not item.is_saved.done():
                    item.is_saved.set_result(_is_on_disk(answer))


def _is_on_disk(answer: SignalReceipt | Exception) -> bool:
    """Return True if the panel need not repeat it."""
    if isinstance(answer, DeviceFlood):
        return answer.is_saved
    # A key that came before is the same frame, which had no time of its own.
    return not isinstance(answer, Exception) or isinstance(answer, KeyReused)
