"""What is known of each device; what was folded of it is on the disk before anyone is answered.

So a crash loses nothing that a sender was told to be taken.
"""

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
    """Owned by the holder of the desk's lock. Raises `SpoolError` where the disk takes nothing."""

    def __init__(self, spool: Spool, began_at: float) -> None:
        self._spool = spool
        self._began_at = began_at
        self._states: dict[str, DeviceState] = {}
        for row, body in spool.waiting():
            try:
                kept = _WaitingBody.model_validate_json(body)
            except ValidationError as error:
                log.error("a folded signal cannot be read: %s", error)
                continue
            folded = FoldedSignal(signal=kept.signal, key=kept.key, is_stored=True, rows=(row,))
            self.lane(kept.signal).wait(folded)

    def of(self, device_id: str) -> DeviceState:
        """The state of a device, a new one where it was not heard before."""
        if device_id not in self._states:
            self._states[device_id] = DeviceState(heard_at=self._began_at)
        return self._states[device_id]

    def heard(self, device_id: str) -> DeviceState | None:
        """The same; None where it was not heard. Any thread may ask."""
        return self._states.get(device_id)

    def heard_since(self, at: float) -> dict[str, float]:
        """When devices were heard, of those that were after a time. Any thread may ask."""
        return {name: one.heard_at for name, one in dict(self._states).items() if one.heard_at > at}

    def lane(self, signal: SignalBody) -> SignalLane:
        """Where a signal goes."""
        return self.of(signal.device_id).lane(signal)

    def due(self, now: float) -> list[FoldedSignal]:
        """What was folded of all devices and has room now."""
        return [one for state in self._states.values() for one in state.due(now)]

    def store(self, lanes: Iterable[SignalLane]) -> None:
        """Store what waits in these lanes and is not stored yet, in place of what it replaces."""
        new = [
            one
            for lane in {id(lane): lane for lane in lanes}.values()
            for one in lane.pending.values()
            if not one.is_stored
        ]
        if not new:
            return
        bodies = [_WaitingBody(signal=one.signal, key=one.key).model_dump_json() for one in new]
        rows = self._spool.keep_waiting(bodies, [row for one in new for row in one.rows])
        for one, row in zip(new, rows, strict=True):
            one.is_stored, one.rows = True, (row,)

    def taken(self, waited: Iterable[FoldedSignal]) -> None:
        """Forget the rows of what was taken; one that is left is found to be repeated, later."""
        rows = [row for one in waited for row in one.rows]
        try:
            if rows:
                self._spool.keep_waiting((), rows)
        except SpoolError as error:
            log.warning("folded signals that were taken stay on the disk: %s", error)

    def forget(self, known: Collection[str]) -> None:
        """Drop the state of devices that are no more, and what waits of them."""
        for gone in self._states.keys() - known:
            lanes = self._states[gone].lanes
            rows = [row for lane in lanes for one in lane.pending.values() for row in one.rows]
            if rows:
                self._spool.keep_waiting((), rows)
            del self._states[gone]
