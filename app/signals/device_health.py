"""Health checks of devices from their states.

Counts dropped signals over a minute, so it belongs to one thread.
"""

from collections import deque

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.signals.signal_receipts import MOST_WAITING, DeviceState
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.rules import Priority
from thapcanh.ingest.clock import Clock

DEVICE_LOST = HealthProblem(rule_id="device_lost", kind=SystemKind.DEVICE_FAULT, clear_after_s=5.0)
DEVICE_FLOOD = HealthProblem(
    rule_id="device_flood", kind=SystemKind.DEVICE_FAULT, priority=Priority.P3, clear_after_s=30.0
)
DEVICE_CLOCK = HealthProblem(
    rule_id="device_clock", kind=SystemKind.DEVICE_FAULT, priority=Priority.P3, clear_after_s=0.0
)
DEVICE_FULL = HealthProblem(rule_id="device_full", kind=SystemKind.DEVICE_FAULT, clear_after_s=30.0)
FLOOD_MANY = 100
_MINUTE_S = 60.0


class DeviceHealth:
    """Health checks of devices, owned by one thread.

    Only devices with a present or recent problem are reported: a problem ends by being fine for a
    while.
    """

    def __init__(self, desk: SignalService, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._counts: dict[str, deque[tuple[float, int]]] = {}
        self._full: dict[str, int] = {}
        self._wrong_at: dict[tuple[str, str], float] = {}
        self._since: dict[str, float] = {}  # since when a device could be heard
        self._new_since = desk.heard.began_at

    def findings(self) -> list[HealthCheck]:
        """Return present and recent problems of devices."""
        now = self._clock.monotonic()
        found: list[HealthCheck] = []
        states = self._desk.states()
        self._since = {name: self._since.get(name, self._new_since) for name in states}
        self._new_since = now
        for device, state in states.values():
            self._add_lost(found, device, now)
            if state is not None:
                self._add(found, DEVICE_FLOOD, device, self._flood(device, state, now), now)
                self._add(found, DEVICE_FULL, device, self._found_full(device, state), now)
                self._add(found, DEVICE_CLOCK, device, _clock_words(device, state), now)
        return found

    def _add_lost(self, found: list[HealthCheck], device: DeviceConfig, now: float) -> None:
        limit_s = device.heartbeat_s
        if limit_s is None:
            self._add(found, DEVICE_LOST, device, None, now)
            return
        is_lost = self._desk.heard.is_lost(device.id, limit_s, self._since[device.id])
        if is_lost is None:
            unsure = HealthVerdict.UNSURE
            found.append(HealthCheck(trouble=DEVICE_LOST, subject=device.id, verdict=unsure))
            return
        words = f"{device.name} was silent for over {limit_s:g} s" if is_lost else None
        self._add(found, DEVICE_LOST, device, words, now)

    def _add(
        self,
        found: list[HealthCheck],
        problem: HealthProblem,
        device: DeviceConfig,
        reason: str | None,
        now: float,
    ) -> None:
        key = (problem.rule_id, device.id)
        if reason is not None:
            self._wrong_at[key] = now
        elif now - self._wrong_at.get(key, float("-inf")) > _MINUTE_S:
            self._wrong_at.pop(key, None)
            return
        verdict = HealthVerdict.FINE if reason is None else HealthVerdict.FAULT
        found.append(
            HealthCheck(trouble=problem, subject=device.id, verdict=verdict, reason=reason or "")
        )

    def _flood(self, device: DeviceConfig, state: DeviceState, now: float) -> str | None:
        """Return a text if a device sends too much, else None."""
        if not state.folded_total:
            return None
        counts = self._counts.setdefault(device.id, deque(maxlen=100))
        counts.append((now, state.folded_total))
        while counts and now - counts[0][0] > _MINUTE_S:
            counts.popleft()
        before = counts[0][1] if len(counts) > 1 else 0
        if counts[-1][1] - before <= FLOOD_MANY:
            return None
        return f"{device.name} sends more than {FLOOD_MANY} signals a minute too many"

    def _found_full(self, device: DeviceConfig, state: DeviceState) -> str | None:
        """Return a text if signals were dropped since the last call, else None."""
        before, self._full[device.id] = self._full.get(device.id, 0), state.was_full
        if state.was_full in (0, before):  # fewer than before: it was away, and is counted anew
            return None
        return f"{device.name}: more than {MOST_WAITING} different states wait, others are lost"


def _clock_words(device: DeviceConfig, state: DeviceState) -> str | None:
    """Return a text on a device's wrong clock, else None."""
    if state.ahead_s is None:
        return None
    way = "ahead" if state.ahead_s > 0 else "behind"
    return f"{device.name}: its clock is {abs(state.ahead_s):.0f} s {way}"
