"""States of devices, and their last activity at all centres."""

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from pydantic import BaseModel, ValidationError

from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.errors import SpoolError
from thapcanh.app.signals.signal_receipts import DeviceState, FoldedSignal, SignalLane
from thapcanh.ingest.clock import Clock

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


SHARED_EVERY_S = 2.0
_SAME_S = 1.0  # what was told from here comes back a little earlier or later


class DeviceActivityExchange(Protocol):
    """Queue interface used here. Raises `QueueError`s."""

    def share_activity(self, silent_s: Mapping[str, float]) -> dict[str, float]:
        """Tell for how long devices were silent; for how long all are, as the centres know."""


class DeviceActivity:
    """Device activity; `share` is for one thread, the rest for any. Monotonic seconds."""

    def __init__(self, states: DeviceStates, clock: Clock) -> None:
        self._states = states
        self._clock = clock
        self.began_at = clock.monotonic()  # since when devices could be heard
        self._reported: dict[str, float] = {}
        self._elsewhere: tuple[float, Mapping[str, float]] = (self.began_at, {})

    def share(self, exchange: DeviceActivityExchange) -> None:
        """Publish new activity, and read that of other centres."""
        now = self._clock.monotonic()
        heard = self._states.active_since(self.began_at)
        news = {name: now - at for name, at in heard.items() if at != self._reported.get(name)}
        ages = exchange.share_activity(news)
        self._reported = heard
        later = {
            name: now - age
            for name, age in ages.items()
            if now - age > heard.get(name, float("-inf")) + _SAME_S
        }
        self._elsewhere = now, later

    def heard_at(self, device_id: str) -> float | None:
        """Return when a device last sent something, or None."""
        state = self._states.heard(device_id)
        elsewhere = self._elsewhere[1].get(device_id)
        if state is None or elsewhere is None:
            return elsewhere if state is None else state.heard_at
        return max(elsewhere, state.heard_at)

    def is_lost(self, device_id: str, limit_s: float, since: float) -> bool | None:
        """Return True if it was silent longer than `limit_s`; None if only others would know."""
        queried_at, elsewhere = self._elsewhere
        state, reported = self._states.heard(device_id), elsewhere.get(device_id)
        local = since if state is None else max(since, state.heard_at)
        if self._clock.monotonic() - max(local, local if reported is None else reported) <= limit_s:
            return False
        was_well_elsewhere = (
            reported is not None and reported > local and queried_at - reported <= limit_s
        )
        return None if was_well_elsewhere else True
