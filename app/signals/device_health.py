"""Whether devices are well: their states in, signs for the system's own alerts out.

Counts folded signals over a minute, so one object is asked by one thread.
"""

from collections import deque

from alerts.queue.system_events import SystemKind
from app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from app.signals.signal_desk import DeviceState, SignalDesk
from config.devices import DeviceConfig
from config.rules import Priority
from ingest.clock import Clock

DEVICE_LOST = HealthProblem(rule_id="device_lost", kind=SystemKind.DEVICE_FAULT, clear_after_s=5.0)
DEVICE_FLOOD = HealthProblem(
    rule_id="device_flood", kind=SystemKind.DEVICE_FAULT, priority=Priority.P3, clear_after_s=30.0
)
DEVICE_CLOCK = HealthProblem(
    rule_id="device_clock", kind=SystemKind.DEVICE_FAULT, priority=Priority.P3, clear_after_s=0.0
)
FLOOD_MANY = 100
_MINUTE_S = 60.0


class DeviceHealth:
    """Owned by the thread that asks."""

    def __init__(self, desk: SignalDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._counts: dict[str, deque[tuple[float, int]]] = {}

    def signs(self) -> list[HealthCheck]:
        """Three signs for each device."""
        now = self._clock.monotonic()
        found = []
        for device, state in self._desk.states().values():
            found += [self._lost(device, state, now), self._flood(device, state, now)]
            found.append(_clock_sign(device, state))
        return found

    def _lost(self, device: DeviceConfig, state: DeviceState | None, now: float) -> HealthCheck:
        heard_at = self._desk.began_at if state is None else state.heard_at
        limit_s = device.heartbeat_s
        is_lost = limit_s is not None and now - heard_at > limit_s
        reason = f"{device.name} was silent for over {limit_s:g} s" if limit_s else ""
        return _sign(DEVICE_LOST, device, fault=is_lost, reason=reason)

    def _flood(self, device: DeviceConfig, state: DeviceState | None, now: float) -> HealthCheck:
        counts = self._counts.setdefault(device.id, deque(maxlen=100))
        counts.append((now, 0 if state is None else state.flow.folded_total))
        while counts and now - counts[0][0] > _MINUTE_S:
            counts.popleft()
        many = counts[-1][1] - counts[0][1] > FLOOD_MANY
        reason = f"{device.name} sends more than {FLOOD_MANY} signals a minute too many"
        return _sign(DEVICE_FLOOD, device, fault=many, reason=reason)


def _clock_sign(device: DeviceConfig, state: DeviceState | None) -> HealthCheck:
    ahead_s = None if state is None else state.ahead_s
    way = "ahead" if ahead_s is not None and ahead_s > 0 else "behind"
    reason = "" if ahead_s is None else f"{device.name}: its clock is {abs(ahead_s):.0f} s {way}"
    return _sign(DEVICE_CLOCK, device, fault=ahead_s is not None, reason=reason)


def _sign(problem: HealthProblem, device: DeviceConfig, *, fault: bool, reason: str) -> HealthCheck:
    return HealthCheck(
        trouble=problem,
        subject=device.id,
        verdict=HealthVerdict.FAULT if fault else HealthVerdict.FINE,
        reason=reason if fault else "well again",
    )
