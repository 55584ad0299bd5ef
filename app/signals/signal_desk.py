"""Where devices' signals come in, from the web API and from MQTT alike.

A signal is saved in a spool on the disk before it is answered, and from there goes into the archive
like the centre's own events: once, in order, also after a crash or while the archive is away.
Thread-safe; one signal at a time.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from uuid6 import uuid7

from alerts.queue.spool import Spool
from alerts.signals.device_clock import DatedSignal, dated
from alerts.signals.device_events import DeviceEpisodes, reason_of
from alerts.signals.device_signals import SignalRecord, SignalRepository
from alerts.signals.flood_limit import DeviceFlow, FloodVerdict
from alerts.signals.signal_schema import SignalBody, SignalKind
from alerts.store.errors import ArchiveError, ArchiveRefused, KeyReused
from alerts.store.roles import EVERYTHING, DataFilter
from app.process.retention_rule import RetentionRule
from config.devices import DeviceConfig
from config.site import Site
from ingest.clock import Clock

log = logging.getLogger(__name__)

KEPT_S = 90 * 24 * 3600.0
_QUIET = frozenset({SignalKind.HEARTBEAT, SignalKind.TEST})  # nothing happened; not written down


class UnknownDevice(Exception):
    """No such device is registered, or the sender may not speak for it."""


class DeviceFlood(Exception):
    """The device sends too fast; what it says is counted, and its newest state is taken."""


class SignalOutcome(StrEnum):
    """What became of a signal."""

    TAKEN = "taken"
    FOLDED = "folded"  # counted; its state is taken within a second
    REPEATED = "repeated"  # it had come before, under the same key


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceipt:
    """The answer to a sender."""

    id: str
    outcome: SignalOutcome
    at: float
    received_at: float
    clock_ahead_s: float | None


@dataclass(slots=True)
class DeviceState:
    """What is known of one device since the centre started. Times are monotonic seconds."""

    flow: DeviceFlow
    heard_at: float
    ahead_s: float | None = None
    pending: tuple[SignalBody, str] | None = None  # the newest that was folded, and its key


class SignalDesk:
    """Any thread may use it."""

    def __init__(
        self,
        site: Callable[[], Site],
        spool: Spool,
        signals: SignalRepository,
        clock: Clock,
    ) -> None:
        self._site = site
        self._spool = spool
        self._signals = signals
        self._clock = clock
        self._lock = threading.Lock()
        self._episodes = DeviceEpisodes(spool.open_events())
        self._states: dict[str, DeviceState] = {}
        self._began_at = clock.monotonic()

    def receive(
        self, signal: SignalBody, key: str, scope: DataFilter = EVERYTHING
    ) -> SignalReceipt:
        """Take a signal in, once for each key.

        Raises `UnknownDevice`, `DeviceFlood`, `KeyReused`, or `SpoolError` where it cannot be
        saved: the sender must send it again.
        """
        device = self._site().device(signal.device_id)
        if device is None or not scope.sees(device.agency, device.area):
            raise UnknownDevice(signal.device_id)
        with self._lock:
            state = self._state(device.id)
            state.heard_at = self._clock.monotonic()
            verdict = state.flow.judge(state.heard_at)
            if verdict is not FloodVerdict.TAKE:
                if signal.kind not in _QUIET:
                    state.pending = (signal, key)
                return self._folded(signal, state, verdict)
            return self._take(signal, key, state)

    def flush(self) -> None:
        """Take the newest folded signal of each device that has room again."""
        with self._lock:
            now = self._clock.monotonic()
            for device_id, state in self._states.items():
                if state.pending is None or not state.flow.has_room(now):
                    continue
                signal, key = state.pending
                state.flow.room -= 1.0
                try:
                    self._take(signal, key, state)
                except KeyReused:
                    log.warning("device %s: a folded signal's key came before", device_id)
                state.pending = None

    def rule(self) -> RetentionRule:
        """Every ten minutes, in each centre: states of devices are its own."""
        return RetentionRule(name="signals", every_s=600.0, run=self.forget, everywhere=True)

    def forget(self) -> None:
        """Drop old signals; and the state of devices that are configured no more."""
        self._signals.forget(self._clock.utc() - KEPT_S)
        known = {device.id for device in self._site().devices}
        with self._lock:
            for gone in self._states.keys() - known:
                del self._states[gone]

    def states(self) -> Mapping[str, tuple[DeviceConfig, DeviceState | None]]:
        """Each configured device, and what is known of it since the start."""
        with self._lock:
            return {one.id: (one, self._states.get(one.id)) for one in self._site().devices}

    @property
    def began_at(self) -> float:
        """Since when devices could be heard, monotonic seconds."""
        return self._began_at

    def _state(self, device_id: str) -> DeviceState:
        if device_id not in self._states:
            self._states[device_id] = DeviceState(flow=DeviceFlow(), heard_at=self._began_at)
        return self._states[device_id]

    def _take(self, signal: SignalBody, key: str, state: DeviceState) -> SignalReceipt:
        now = self._clock.utc()
        when = dated(signal.at.timestamp(), now)
        state.ahead_s = when.ahead_s
        if signal.kind in _QUIET:
            return _receipt(str(uuid7()), SignalOutcome.TAKEN, when, now)
        earlier = self._earlier(signal, key)
        if earlier is not None:
            return earlier
        folded = state.flow.folded
        words = reason_of(signal.place, signal.value, folded)
        events = self._episodes.of_signal(signal.device_id, signal.kind, when.at, now, words)
        for event in events:
            self._spool.append(event, now)
            self._episodes.saved(event)
        state.flow.folded = 0
        record = SignalRecord(
            id=str(uuid7()),
            device_id=signal.device_id,
            key=key,
            body_sha256=_sha256(signal),
            kind=signal.kind.value,
            told_at=signal.at.timestamp(),
            received_at=now,
            ahead_s=when.ahead_s,
            place=signal.place,
            value=None if signal.value is None else str(signal.value),
            folded=folded,
            event_id=events[0].event_id if events else None,
        )
        self._write_down(record)
        return _receipt(record.id, SignalOutcome.TAKEN, when, now)

    def _earlier(self, signal: SignalBody, key: str) -> SignalReceipt | None:
        """The answer of the first time; an archive that is away must not hold up an alarm."""
        try:
            found = self._signals.find(signal.device_id, key)
        except ArchiveError as error:
            log.warning("signals: %s", error)
            return None
        if found is None:
            return None
        if found.body_sha256 != _sha256(signal):
            raise KeyReused(f"key {key!r} came with another signal")
        when = dated(found.told_at, found.received_at)
        return _receipt(found.id, SignalOutcome.REPEATED, when, found.received_at)

    def _write_down(self, record: SignalRecord) -> None:
        """The event is saved already; without this line only a repetition would count twice."""
        try:
            self._signals.add(record)
        except ArchiveRefused as error:
            log.warning("signals: %s", error)
        except ArchiveError as error:
            log.warning("signals: not written down: %s", error)

    def _folded(
        self, signal: SignalBody, state: DeviceState, verdict: FloodVerdict
    ) -> SignalReceipt:
        if verdict is FloodVerdict.REFUSE:
            raise DeviceFlood(signal.device_id)
        now = self._clock.utc()
        when = dated(signal.at.timestamp(), now)
        state.ahead_s = when.ahead_s
        return _receipt(str(uuid7()), SignalOutcome.FOLDED, when, now)


def _receipt(id_: str, outcome: SignalOutcome, when: DatedSignal, now: float) -> SignalReceipt:
    return SignalReceipt(
        id=id_, outcome=outcome, at=when.at, received_at=now, clock_ahead_s=when.ahead_s
    )


def _sha256(signal: SignalBody) -> str:
    return hashlib.sha256(signal.model_dump_json().encode()).hexdigest()
