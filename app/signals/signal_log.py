"""The archive's log of signals, as the desk uses it: while it is away no alarm is held up."""

import logging
from collections.abc import Sequence

from alerts.signals.device_signals import SignalRecord, SignalRepository
from alerts.store.errors import ArchiveError
from app.signals.signal_tickets import SignalTicket

log = logging.getLogger(__name__)


def earlier_of(
    signals: SignalRepository, tickets: Sequence[SignalTicket]
) -> dict[tuple[str, str], SignalRecord]:
    """What came before, by device and key."""
    try:
        return signals.find_all([(one.signal.device_id, one.key) for one in tickets])
    except ArchiveError as error:
        log.warning("signals: %s", error)
        return {}


def is_written_down(signals: SignalRepository, records: Sequence[SignalRecord]) -> bool:
    """Write signals down; false where that was not possible."""
    try:
        if records:
            signals.add_all(records)
    except ArchiveError as error:
        log.warning("signals: not written down: %s", error)
        return False
    return True
