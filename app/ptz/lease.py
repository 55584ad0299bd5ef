"""PTZ lease: one holder at a time, by rank, until its page is gone or idle. Pure."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

RENEWED_WITHIN_S = 6.0  # a page says every 2 s that it is there; two of those may be lost
USED_WITHIN_S = 120.0


class Rank(IntEnum):
    """Precedence of holders."""

    PATROL = 1  # a program with a token
    OFFICER = 2
    LEADER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person at a screen, or a program. `key` is the session's and stays secret."""

    key: str
    username: str
    name: str
    role: str
    rank: Rank


class PtzRefused(Exception):
    """A wish that is not followed; `reason` is a word for machines, `holder` who has the lease."""

    def __init__(self, reason: str, holder: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.holder = holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to turn a camera."""

    holder: Holder
    taken_at: float
    seen_at: float
    used_at: float


class LeaseResult(StrEnum):
    ACQUIRED = "taken"
    RENEWED = "kept"  # it was the asker's already
    TAKEN_OVER = "taken_over"  # from one of lower rank
    HELD = "held"  # somebody else has it


class LeaseEnd(StrEnum):
    """Why a lease ended by itself."""

    PAGE_CLOSED = "gone"  # the page is closed, or its machine is off
    UNUSED = "unused"


def request_lease(
    lease: Lease | None, asker: Holder, now: float, *, take_over: bool
) -> tuple[LeaseResult, Lease]:
    """Return the lease after a request; `take_over` confirms replacing another holder."""
    new = Lease(holder=asker, taken_at=now, seen_at=now, used_at=now)
    if lease is None or ended(lease, now) is not None:
        return LeaseResult.ACQUIRED, new
    if lease.holder.key == asker.key:
        return LeaseResult.RENEWED, replace(lease, seen_at=now)
    if take_over and asker.rank > lease.holder.rank:
        return LeaseResult.TAKEN_OVER, new
    return LeaseResult.HELD, lease


def ended(lease: Lease, now: float) -> LeaseEnd | None:
    """Return why the lease ended, or None."""
    if now - lease.seen_at >= RENEWED_WITHIN_S:
        return LeaseEnd.PAGE_CLOSED
    return LeaseEnd.UNUSED if now - lease.used_at >= USED_WITHIN_S else None
