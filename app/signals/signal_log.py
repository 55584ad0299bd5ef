"""The archive's log of signals, as the desk uses it: while it is away no alarm is held up."""

import logging
from collections.abc import Collection, Iterable, Sequence

from thapcanh.alerts.signals.device_events import DeviceEpisodes
from thapcanh.alerts.signals.device_signals import SignalRecord, SignalRepository
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.signals.signal_tickets import SignalTicket
from thapcanh.detection.event import Event

log = logging.getLogger(__name__)
ASKED_EVERY_S = 2.0
LATE_S = 60.0  # another centre may write down late what it received, by its own clock
RESTS_S = 10.0  # after the archive did not answer: no signal waits for it twice


class TakenBackElsewhere:
    """What is over because a device told another centre so. Owned by the holder of the desk's lock.

    A proxy leads a panel's fire to one centre and its end to another. An episode that stays open at
    the first takes the next fire for more of the same, and its alert may be closed by then.
    """

    def __init__(self, signals: SignalRepository, since: float) -> None:
        """`since`: when the first of what is open began (UTC)."""
        self._signals = signals
        self._asked_at = self._before = since
        self._rests_until = 0.0
        self._missed: set[str] = set()

    def miss(self, device_ids: Iterable[str]) -> None:
        """Signals of these are not in the log: it says nothing of what they have open."""
        self._missed.update(device_ids)

    def ask_again(self) -> None:
        """What `ended` returned could not be told."""
        self._asked_at = self._before

    def ended(self, episodes: DeviceEpisodes, now: float, speaking: Collection[str]) -> list[Event]:
        """The ends of what is open here and over by the log of all centres.

        Asked once in `ASKED_EVERY_S`; of devices that are `speaking` now, each time.
        """
        open_ids = episodes.open_ids
        self._missed &= open_ids.keys()
        is_round = abs(now - self._asked_at) >= ASKED_EVERY_S  # a clock may be put back
        about = open_ids.keys() if is_round else open_ids.keys() & set(speaking)
        if 0 < self._rests_until - now <= RESTS_S:
            return []
        try:
            since = min(self._asked_at, now) - LATE_S
            at_rest = self._signals.devices_at_rest(since) if about else set()
            asked = {name: open_ids[name] for name in about & at_rest - self._missed}
            standing = self._signals.standing_of_each(asked, now)
        except ArchiveError as error:
            log.warning("signals of other centres: %s", error)
            self._rests_until = now + RESTS_S
            return []
        if is_round:
            self._before, self._asked_at = self._asked_at, now
        over = episodes.over_elsewhere(standing, now)
        for event in over:
            episodes.saved(event)
        return over


def earlier_of(
    signals: SignalRepository, tickets: Sequence[SignalTicket]
) -> dict[tuple[str, str], SignalRecord]:
    """What came before, by device and key."""
    try:
        return signals.find_all([(one.signal.device_id, one.key) for one in tickets])
    except ArchiveError as error:
        log.warning("signals: %s", error)
        return {}


def know_zones(signals: SignalRepository, episodes: DeviceEpisodes, now: float) -> None:
    """After a restart: which zones told of what goes on, or one restored would end it all."""
    unknown = episodes.unknown
    try:
        if unknown:
            standing = signals.standing_of_each(unknown, now)
            episodes.know(one for each in standing.values() for one in each)
    except ArchiveError as error:
        log.warning("zones of devices: %s", error)


def is_written_down(signals: SignalRepository, records: Sequence[SignalRecord]) -> bool:
    """Write signals down; false where that was not possible."""
    try:
        if records:
            signals.add_all(records)
    except ArchiveError as error:
        log.warning("signals: not written down: %s", error)
        return False
    return True
