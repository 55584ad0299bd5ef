"""Last activity of devices at all centres, since proxies spread their heartbeats."""

from collections.abc import Mapping
from typing import Protocol

from thapcanh.app.signals.device_states import DeviceStates
from thapcanh.ingest.clock import Clock

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
