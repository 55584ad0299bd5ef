"""Result of a delivery attempt, and time of the next.

Failures of transport (no response, 5xx, wrong password, redirect) are retried for days; only a
refusal of this very message makes it a dead letter at once.
"""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.ingest.backoff import Backoff

REFUSED_MESSAGE = frozenset({400, 405, 406, 409, 410, 413, 414, 415, 422})
"""HTTP answers that mean that this message will never be taken. All others may change."""
GIVE_UP_S = 3 * 24 * 3600.0
_LONGEST_ERROR = 300


class AttemptOutcome(StrEnum):
    """Outcome of an attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"  # try again
    REFUSED = "refused"  # the receiver will never take this message
    SKIPPED = "skipped"  # there is nothing to send, and nobody has to decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Attempt; `error` is one sentence for people without secrets."""

    outcome: AttemptOutcome
    error: str | None = None
    status: int | None = None


TOO_LARGE = 552
"""Of SMTP; a server that told its limit answers it to the sender, before the message."""
# A P1 waits no longer for a receiver that is back.
TARGET_BACKOFF = Backoff(first_s=2.0, longest_s=60.0)
SILENT_BACKOFF = Backoff(first_s=0.5, longest_s=8.0)
DELIVERED = Attempt(outcome=AttemptOutcome.DELIVERED)


def failed(error: str, status: int | None = None) -> Attempt:
    return Attempt(outcome=AttemptOutcome.FAILED, error=error[:_LONGEST_ERROR], status=status)


def skipped(why: str) -> Attempt:
    return Attempt(outcome=AttemptOutcome.SKIPPED, error=why)


def of_http(status: int, location_host: str | None = None) -> Attempt:
    """Return the attempt for a receiver's status; `location_host` is a redirect's target."""
    if 200 <= status < 300:
        return Attempt(outcome=AttemptOutcome.DELIVERED, status=status)
    if 300 <= status < 400:
        where = location_host or "another address"
        return failed(f"redirects to {where}, which is not followed: write it in url", status)
    if status in REFUSED_MESSAGE:
        words = f"the receiver refuses this message ({status})"
        return Attempt(outcome=AttemptOutcome.REFUSED, error=words, status=status)
    if status in (401, 403):
        return failed(f"the receiver does not accept our secret ({status})", status)
    return failed(f"the receiver answers {status}", status)
