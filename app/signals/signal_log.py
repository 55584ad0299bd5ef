"""The archive's log of signals, as the desk uses it: while it is away no alarm is held up."""

import logging
from collections.abc import Collection, Iterable, Sequence

from thapcanh.alerts.signals.device_events import DeviceEpisodes
from thapcanh.alerts.signals.device_signals import SignalRecord, SignalRepository
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.signals.signal_tickets import SignalTicket
from thapcanh.detection.event import Event

log = logging.getLogger(__name__)
CHECK_EVERY_S = 2.0
LATE_S = 60.0  # another centre may write down late what it received, by its own clock
RESTS_S = 10.0  # after the archive did not answer: no signal waits for it twice


class EpisodesEndedElsewhere:
    """Detector of episodes that ended at another centre; under the service's lock.

    A proxy may send a panel's fire to one centre and its end to another. The first would then count
    the next fire as part of the old episode.
    """

    def __init__(self, signals: SignalRepository, since: float) -> None:
        """Create it; `since` is when the first open episode started (UTC)."""
        self._signals = signals
        self._queried_at = self._before = since
        self._rests_until = 0.0
        self._missed: set[str] = set()

    def miss(self, device_ids: Iterable[str]) -> None:
        """Exclude devices with signals missing from the log."""
        self._missed.update(device_ids)

    def ask_again(self) -> None:
        """Repeat the last query, because its result could not be published."""
        self._queried_at = self._before

    def ended(self, episodes: DeviceEpisodes, now: float, speaking: Collection[str]) -> list[Event]:
        """Return the ends of episodes that are open here and over in the shared log.

        Runs once in `CHECK_EVERY_S`; for devices that are `speaking`, each time.
        """
        open_ids = episodes.open_ids
        self._missed &= open_ids.keys()
        is_due = abs(now - self._queried_at) >= CHECK_EVERY_S  # a clock may be put back
        about = open_ids.keys() if is_due else open_ids.keys() & set(speaking)
        if 0 < self._rests_until - now <= RESTS_S:
            return []
        try:
            since = min(self._queried_at, now) - LATE_S
            at_rest = self._signals.devices_at_rest(since) if about else set()
            requested = {name: open_ids[name] for name in about & at_rest - self._missed}
            standing = self._signals.standing_of_each(requested, now)
        except ArchiveError as error:
            log.warning("signals of other centres: %s", error)
            self._rests_until = now + RESTS_S
            return []
        if is_due:
            self._before, self._queried_at = self._queried_at, now
        over = episodes.over_elsewhere(standing, now)
        for event in over:
            episodes.saved(event)
        return over


def earlier_of(
    signals: SignalRepository, tickets: Sequence[SignalTicket]
) -> dict[tuple[str, str], SignalRecord]:
    try:
        return signals.find_all([(ticket.signal.device_id, ticket.key) for ticket in tickets])
    except ArchiveError as error:
        log.warning("signals: %s", error)
        return {}


def know_zones(signals: SignalRepository, episodes: DeviceEpisodes, now: float) -> None:
    """Restore the active zones after a restart, so that one restoral does not end all."""
    unknown = episodes.unknown
    try:
        if unknown:
            standing = signals.standing_of_each(unknown, now)
            episodes.know(ticket for each in standing.values() for ticket in each)
    except ArchiveError as error:
        log.warning("zones of devices: %s", error)


def write_signals(signals: SignalRepository, records: Sequence[SignalRecord]) -> bool:
    """Store signals; return False, logged, if the archive fails."""
    try:
        if records:
            signals.add_all(records)
    except ArchiveError as error:
        log.warning("signals: not written down: %s", error)
        return False
    return True
