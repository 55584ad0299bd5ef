"""Changes of alerts as the change feed tells them. Times are UTC unix seconds."""

from dataclasses import dataclass

from alerts.alert.records import Alert
from alerts.store.change_kind import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """One change and the alert as it is now (which may be newer than the change)."""

    seq: int
    kind: ChangeKind
    reason: str
    version: int
    at: float
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanges:
    """Changes after a sequence number; `complete` is false when older ones are no longer kept.

    `last_seq` is how far the reader now is, also when nothing in its scope changed.
    """

    items: tuple[AlertChange, ...]
    complete: bool
    last_seq: int
