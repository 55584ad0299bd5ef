"""Thread-safe intake of devices' signals from web API, MQTT and alarm lines."""

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence

from uuid6 import uuid7

from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.alerts.signals.device_clock import DatedSignal, dated
from thapcanh.alerts.signals.device_events import DeviceEpisodes, reason_of
from thapcanh.alerts.signals.device_signals import SignalRecord, SignalRepository, body_sha256
from thapcanh.alerts.signals.flood_limit import FloodVerdict
from thapcanh.alerts.signals.signal_schema import QUIET, SignalBody
from thapcanh.alerts.store.errors import KeyReused, SpoolError
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.process.feature_tasks import RetentionRule
from thapcanh.app.signals.device_states import DeviceActivity, DeviceStates
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.signal_log import (
    EpisodesEndedElsewhere,
    earlier_of,
    know_zones,
    write_signals,
)
from thapcanh.app.signals.signal_receipts import (
    DeviceFlood,
    DeviceState,
    DeviceUnregistered,
    FoldedSignal,
    SignalLane,
    SignalOutcome,
    SignalReceipt,
)
from thapcanh.app.signals.signal_tickets import SignalTicket, answer_of, record_of
from thapcanh.config.devices import DeviceConfig
from thapcanh.detection.event import Event
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

KEPT_S = 90 * 24 * 3600.0
_MOST_AT_ONCE = 500


class SignalService:
    """Any thread may use it."""

    def __init__(
        self,
        devices: DevicesInForce,
        spool: Spool,
        signals: SignalRepository,
        clock: Clock,
    ) -> None:
        self.devices = devices
        self._spool = spool
        self._signals = signals
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[SignalTicket] = deque()
        open_events = spool.open_events()
        self._episodes = DeviceEpisodes(open_events)
        self._settled: set[str] = set()
        self._states = DeviceStates(spool, clock.monotonic())
        self.heard = DeviceActivity(self._states, clock)
        since = min((item.captured_at for item in open_events), default=clock.utc())
        self._elsewhere = EpisodesEndedElsewhere(signals, since)

    def receive(
        self, signal: SignalBody, key: str, scope: DataFilter = EVERYTHING
    ) -> SignalReceipt:
        """Take a signal in, once for each key.

        Raises `DeviceUnregistered`, `DeviceFlood`, `KeyReused`, or `SpoolError` where it cannot be
        saved: the sender must send it again.
        """
        device = self.devices.find(signal.device_id)
        if device is None or not scope.sees(device.agency, device.area):
            raise DeviceUnregistered(signal.device_id)
        return self._saved(SignalTicket(signal=signal, key=key))

    def receive_each(
        self, signals: Sequence[tuple[SignalBody, str]]
    ) -> list[SignalReceipt | Exception]:
        """Save signals of registered devices in order; return a receipt or error for each."""
        tickets = [SignalTicket(signal=signal, key=key) for signal, key in signals]
        self._save(tickets)
        return [answer_of(item) for item in tickets]

    def flush(self) -> None:
        """Save suppressed signals that are within the rate now, and finish tests.

        Episodes that ended at another centre end here too.
        """
        now = self._clock.monotonic()
        with self._lock:
            self._receive([])
            due = [
                SignalTicket(signal=item.signal, key=item.key, is_judged=True, waited=item)
                for item in self._states.due(now)
            ]
        self._save(due)
        with self._lock:
            for ticket in (item for item in reversed(due) if item.error is not None):
                log.warning("device %s, folded: %s", ticket.signal.device_id, ticket.error)
                if ticket.waited and not isinstance(ticket.error, KeyReused):  # it waits on
                    self._states.lane(ticket.signal).put_back(ticket.waited)
                    ticket.waited = None
            self._states.taken([item.waited for item in due if item.waited])
        self._settle_tests()

    def rule(self) -> RetentionRule:
        """Return the retention rule of each centre's device states, every ten minutes."""
        return RetentionRule(name="signals", every_s=600.0, run=self.forget, everywhere=True)

    def forget(self) -> None:
        """Drop old signals; and the state of devices that are no more."""
        self._signals.forget(self._clock.utc() - KEPT_S)
        device_ids = {device.id for device in self.devices.all()}
        with self._lock:
            self._states.forget(device_ids)

    def states(self) -> Mapping[str, tuple[DeviceConfig, DeviceState | None]]:
        """Return each device with its state since the start."""
        return {item.id: (item, self._states.heard(item.id)) for item in self.devices.all()}

    def _saved(self, ticket: SignalTicket) -> SignalReceipt:
        """Save one signal; return its receipt or raise its error."""
        self._save([ticket])
        answer = answer_of(ticket)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _save(self, tickets: Sequence[SignalTicket]) -> None:
        """Save these signals and all others that wait."""
        self._waiting.extend(tickets)
        with self._lock:
            while any(item.receipt is None and item.error is None for item in tickets):
                count = min(len(self._waiting), _MOST_AT_ONCE)
                self._receive([self._waiting.popleft() for _ in range(count)])

    def _receive(self, tickets: Sequence[SignalTicket]) -> None:
        """Save a batch. Whatever goes wrong is written on the tickets that it concerns."""
        open_before = self._episodes.copied()
        try:
            speaking = {item.signal.device_id for item in tickets}
            over = self._elsewhere.ended(self._episodes, self._clock.utc(), speaking)
            news = self._news([item for item in tickets if self._is_let_in(item)])
            self._spool_and_log(over, news)
        except Exception as error:  # noqa: BLE001 each sender is told, and sends again
            self._episodes = open_before
            self._elsewhere.ask_again()
            for item in tickets:
                if item.verdict is None:  # also one that repeats what this batch could not save
                    item.receipt, item.error = None, error
        self._store_folded([item for item in tickets if item.verdict is not None])

    def _store_folded(self, tickets: Sequence[SignalTicket]) -> None:
        """Answer what waits once it is on the disk: a crash loses nothing that was answered."""
        try:
            self._states.store(self._states.lane(item.signal) for item in tickets)
        except Exception as error:  # noqa: BLE001 each sender is told, and sends again
            for item in tickets:
                item.error = error
            return
        for item in tickets:
            if item.verdict is FloodVerdict.REFUSE:
                item.error = DeviceFlood(item.signal.device_id, is_saved=True)
            else:
                item.receipt = self._receipt(item, SignalOutcome.FOLDED)

    def _is_let_in(self, ticket: SignalTicket) -> bool:
        """Return True if the signal must be saved by itself; others are answered here."""
        state = self._states.of(ticket.signal.device_id)
        now = self._clock.monotonic()
        if not ticket.is_judged:
            state.heard_at = now
            lane = state.lane(ticket.signal)
            verdict = lane.flow.judge(now, is_behind=bool(lane.pending))
            if verdict is not FloodVerdict.TAKE:
                return self._folds(ticket, verdict, lane)
        if ticket.signal.kind in QUIET:
            ticket.receipt = self._receipt(ticket, SignalOutcome.TAKEN)
            return False
        return True

    def _folds(self, ticket: SignalTicket, verdict: FloodVerdict, lane: SignalLane) -> bool:
        """Let a signal wait that has no room, and is not let in."""
        folded = FoldedSignal(signal=ticket.signal, key=ticket.key)
        if ticket.signal.kind in QUIET or lane.wait(folded):
            ticket.verdict = verdict
        else:
            ticket.error = DeviceFlood(ticket.signal.device_id, is_saved=False)
        return False

    def _news(self, tickets: Sequence[SignalTicket]) -> list[tuple[SignalTicket, list[Event]]]:
        device_ids = earlier_of(self._signals, tickets)
        now = self._clock.utc()
        know_zones(self._signals, self._episodes, now)
        news = []
        for ticket in tickets:
            name = (ticket.signal.device_id, ticket.key)
            earlier = device_ids.get(name)
            if earlier is not None:
                self._repeat(ticket, earlier)
                continue
            when = self._dated(ticket, now)
            test = self.devices.in_test(ticket.signal.device_id, now)
            events = [] if test is not None else self._events(ticket, when, now)
            record = record_of(ticket, when, now, events)
            ticket.record = device_ids[name] = record
            news.append((ticket, events))
        return news

    def _events(self, ticket: SignalTicket, when: DatedSignal, now: float) -> list[Event]:
        flow = self._states.lane(ticket.signal).flow
        ticket.folded, flow.folded = flow.folded, 0
        signal = ticket.signal
        words = reason_of(signal.place, signal.value, ticket.folded, when.ahead_s)
        events = self._episodes.of_signal(ticket.signal, when.at, now, words)
        for event in events:
            self._episodes.saved(event)
        return events

    def _spool_and_log(
        self, over: Sequence[Event], news: Sequence[tuple[SignalTicket, list[Event]]]
    ) -> None:
        new_events = (event for _, events_value in news for event in events_value)
        events = [OutboxItem(event=event) for event in (*over, *new_events)]
        if events:
            waited = [item.waited for item, events_value in news if events_value and item.waited]
            saved_rows = [row for item in waited for row in item.rows]
            self._spool.append_all(events, self._clock.utc(), saved_rows)
            for item in waited:
                item.rows = ()
        records = [item.record for item, _ in news if item.record is not None]
        is_written = write_signals(self._signals, records)
        if not is_written:
            self._elsewhere.miss(item.device_id for item in records)
        for ticket, events_value in news:
            test = self.devices.in_test(ticket.signal.device_id, self._clock.utc())
            silent = not events_value and test is not None
            if silent and not is_written:  # nothing else would know of it when the test ends
                ticket.error = SpoolError("a signal of a test is not written down")
                continue
            outcome = SignalOutcome.IN_TEST if silent else SignalOutcome.TAKEN
            record = ticket.record
            ticket.receipt = self._receipt(ticket, outcome, record.id if record else None)

    def _repeat(self, ticket: SignalTicket, earlier: SignalRecord) -> None:
        if earlier.body_sha256 != body_sha256(ticket.signal):
            ticket.error = KeyReused(f"key {ticket.key!r} came with another signal")
            return
        when = dated(earlier.told_at, earlier.received_at)
        ticket.receipt = SignalReceipt(
            id=earlier.id,
            outcome=SignalOutcome.REPEATED,
            at=when.at,
            received_at=earlier.received_at,
            clock_ahead_s=when.ahead_s,
        )

    def _settle_tests(self) -> None:
        """Raise the signals that are still active when a test ends."""
        now = self._clock.utc()
        for test in self.devices.ended_tests(now):
            if test.id in self._settled:
                continue
            for signal in self._signals.standing(test.device_id, test.begins_at, test.until):
                key = f"after test {test.id} {signal.kind.value} {signal.place or ''}"
                try:
                    self._saved(SignalTicket(signal=signal, key=key, is_judged=True))
                except KeyReused:
                    log.warning("device %s: told after its test already", test.device_id)
            self._settled.add(test.id)

    def _dated(self, ticket: SignalTicket, now: float) -> DatedSignal:
        """Return the signal's time; update the device's clock difference."""
        when = dated(ticket.signal.at.timestamp(), now)
        self._states.of(ticket.signal.device_id).ahead_s = when.ahead_s
        return when

    def _receipt(
        self, ticket: SignalTicket, outcome: SignalOutcome, signal_id: str | None = None
    ) -> SignalReceipt:
        now = self._clock.utc()
        when = self._dated(ticket, now)
        return SignalReceipt(
            id=signal_id or str(uuid7()),
            outcome=outcome,
            at=when.at,
            received_at=now,
            clock_ahead_s=when.ahead_s,
        )
