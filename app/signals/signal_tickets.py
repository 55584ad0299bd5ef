"""A signal on its way into the desk: what waits, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from uuid6 import uuid7

from thapcanh.alerts.signals.device_clock import DatedSignal
from thapcanh.alerts.signals.device_signals import SignalRecord, body_sha256
from thapcanh.alerts.signals.flood_limit import FloodVerdict
from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.errors import SpoolError
from thapcanh.app.signals.signal_receipts import FoldedSignal, SignalReceipt
from thapcanh.detection.event import Event


@dataclass(slots=True, kw_only=True)
class SignalTicket:
    """A signal that waits to be saved, then what became of it."""

    signal: SignalBody
    key: str
    is_judged: bool = False  # its device's flood was counted already
    verdict: FloodVerdict | None = None  # where it waits, and is answered once that is stored
    waited: FoldedSignal | None = None  # what it was until there was room for it
    receipt: SignalReceipt | None = None
    error: Exception | None = None
    folded: int = 0
    record: SignalRecord | None = None


def answer_of(ticket: SignalTicket) -> SignalReceipt | Exception:
    if ticket.receipt is not None:
        return ticket.receipt
    return ticket.error or SpoolError("the signal could not be saved")


def record_of(
    ticket: SignalTicket, when: DatedSignal, now: float, events: Sequence[Event]
) -> SignalRecord:
    signal = ticket.signal
    return SignalRecord(
        id=str(uuid7()),
        device_id=signal.device_id,
        key=ticket.key,
        body_sha256=body_sha256(signal),
        kind=signal.kind.value,
        told_at=signal.at.timestamp(),
        received_at=now,
        ahead_s=when.ahead_s,
        place=signal.place,
        restores=signal.restores,
        value=None if signal.value is None else str(signal.value),
        folded=ticket.folded,
        event_id=events[0].event_id if events else None,
    )
