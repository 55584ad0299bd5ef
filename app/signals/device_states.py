"""States of devices; suppressed signals are on disk before their sender is answered."""

import logging
from collections.abc import Collection, Iterable

from pydantic import BaseModel, ValidationError

from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.errors import SpoolError
from thapcanh.app.signals.signal_receipts import DeviceState, FoldedSignal, SignalLane

log = logging.getLogger(__name__)


class _WaitingBody(BaseModel):
    """A row of the spool's file."""

    signal: SignalBody
    key: str


class DeviceStates:
    """States of devices, under the service's lock. Raises `SpoolError` if the disk fails."""

    def __init__(self, spool: Spool, started_at: float) -> None:
        self._spool = spool
        self._started_at = started_at
        self._states: dict[str, DeviceState] = {}
        for row, body in spool.waiting():
            try:
                stored = _WaitingBody.model_validate_json(body)
            except ValidationError as error:
                log.error("a folded signal cannot be read: %s", error)
                continue
            folded = FoldedSignal(signal=stored.signal, key=stored.key, is_stored=True, rows=(row,))
            self.lane(stored.signal).wait(folded)

    def of(self, device_id: str) -> DeviceState:
        """Return a device's state, created if missing."""
        if device_id not in self._states:
            self._states[device_id] = DeviceState(heard_at=self._started_at)
        return self._states[device_id]

    def heard(self, device_id: str) -> DeviceState | None:
        """Return a device's state, or None if it sent nothing. Any thread."""
        return self._states.get(device_id)

    def active_since(self, at: float) -> dict[str, float]:
        """Return when devices sent something, if after `at`. Any thread."""
        return {
            name: item.heard_at for name, item in dict(self._states).items() if item.heard_at > at
        }

    def lane(self, signal: SignalBody) -> SignalLane:
        return self.of(signal.device_id).lane(signal)

    def due(self, now: float) -> list[FoldedSignal]:
        """Return pending signals of all devices that are within the rate now."""
        return [item for state in self._states.values() for item in state.due(now)]

    def store(self, lanes: Iterable[SignalLane]) -> None:
        """Store what waits in these lanes and is not stored yet, in place of what it replaces."""
        new = [
            item
            for lane in {id(lane): lane for lane in lanes}.values()
            for item in lane.pending.values()
            if not item.is_stored
        ]
        if not new:
            return
        bodies = [_WaitingBody(signal=item.signal, key=item.key).model_dump_json() for item in new]
        rows = self._spool.keep_waiting(bodies, [row for item in new for row in item.rows])
        for item, row in zip(new, rows, strict=True):
            item.is_stored, item.rows = True, (row,)

    def taken(self, waited: Iterable[FoldedSignal]) -> None:
        """Delete the rows of accepted signals; a leftover is later detected as a repetition."""
        rows = [row for item in waited for row in item.rows]
        try:
            if rows:
                self._spool.keep_waiting((), rows)
        except SpoolError as error:
            log.warning("folded signals that were taken stay on the disk: %s", error)

    def forget(self, device_ids: Collection[str]) -> None:
        """Drop the state of devices that are no more, and what waits of them."""
        for removed_id in self._states.keys() - device_ids:
            lanes = self._states[removed_id].lanes
            rows = [row for lane in lanes for item in lane.pending.values() for row in item.rows]
            if rows:
                self._spool.keep_waiting((), rows)
            del self._states[removed_id]
