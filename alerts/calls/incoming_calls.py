"""Calls as reported by a telephone exchange: began, answered, ended, missed."""

from dataclasses import dataclass, replace
from enum import StrEnum

ACCEPTED_FOR_S = 120.0  # after this another officer may take what was not written down
RINGS_AT_MOST_S = 600.0  # an exchange that died never tells of the end


class CallNotice(StrEnum):
    """Notice of an exchange."""

    BEGAN = "began"
    ANSWERED = "answered"
    ENDED = "ended"


class IncomingState(StrEnum):
    """State of a call at the exchange."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"  # somebody had answered
    MISSED = "missed"  # nobody had


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingNotice:
    """Notice; `exchange_call_id` is the exchange's own id of the call."""

    exchange: str
    exchange_call_id: str
    notice: CallNotice
    line: str
    caller: str | None  # None where it is withheld
    at: float
    agency: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """Call of an exchange as it is now; `call_id` is the written call."""

    id: str
    exchange: str
    exchange_call_id: str
    line: str
    caller: str | None
    state: IncomingState
    began_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    taken_by: str | None = None
    taken_at: float | None = None
    call_id: str | None = None
    agency: str | None = None
    area: str | None = None


class AcceptOutcome(StrEnum):
    """Result of accepting a call."""

    TAKEN = "taken"
    HELD = "held"  # by another officer
    WRITTEN = "written"  # it was written down already
    UNKNOWN = "unknown"


def begun(incoming_id: str, reported: IncomingNotice) -> IncomingCall:
    first = IncomingCall(
        id=incoming_id,
        exchange=reported.exchange,
        exchange_call_id=reported.exchange_call_id,
        line=reported.line,
        caller=reported.caller,
        state=IncomingState.RINGING,
        began_at=reported.at,
        agency=reported.agency,
        area=reported.area,
    )
    return advanced(first, reported)


def advanced(existing: IncomingCall, reported: IncomingNotice) -> IncomingCall:
    """Return the call after a notice; the same object if nothing changes."""
    is_written = existing.call_id is not None  # its number may have been removed from the record
    after = existing if is_written else replace(existing, caller=existing.caller or reported.caller)
    if reported.notice is CallNotice.ANSWERED and existing.answered_at is None:
        after = replace(after, answered_at=reported.at)
    if reported.notice is CallNotice.ENDED and existing.ended_at is None:
        after = replace(after, ended_at=reported.at)
    after = replace(after, state=_state(after))
    return existing if after == existing else after


def taken(existing: IncomingCall, username: str, now: float) -> tuple[AcceptOutcome, IncomingCall]:
    """Return the call accepted by an officer; a stale acceptance can be replaced."""
    if existing.call_id is not None:
        return AcceptOutcome.WRITTEN, existing
    is_held = existing.taken_at is not None and now - existing.taken_at < ACCEPTED_FOR_S
    if existing.taken_by == username:
        return AcceptOutcome.TAKEN, existing
    if existing.taken_by is not None and is_held:
        return AcceptOutcome.HELD, existing
    return AcceptOutcome.TAKEN, replace(existing, taken_by=username, taken_at=now)


def masked_number(number: str | None) -> str | None:
    """Return the number with all but two digits masked."""
    return None if number is None else "•••• " + number[-2:]


def _state(call: IncomingCall) -> IncomingState:
    if call.ended_at is not None:
        return IncomingState.MISSED if call.answered_at is None else IncomingState.ENDED
    return IncomingState.RINGING if call.answered_at is None else IncomingState.ANSWERED
