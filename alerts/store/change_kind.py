"""Kinds of changes of an alert, for change feed and outbox."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """Kind of change of an alert."""

    OPENED = "opened"
    SPOKE = "spoke"  # to be heard again; the reason says why
    UPDATED = "updated"
    CLEARED = "cleared"
    EVIDENCE = "evidence"  # files came
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    COSIGN_WANTED = "cosign_wanted"
    CLOSED = "closed"
    REOPENED = "reopened"
    LEASE_EXPIRED = "lease_expired"
    LEASE_RENEWED = "lease_renewed"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    NOTED = "noted"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
