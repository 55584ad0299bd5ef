"""Calls as reported by a telephone exchange: began, answered, ended, missed."""

from dataclasses import dataclass, replace
from enum import StrEnum

TAKEN_FOR_S = 120.0  # after this another officer may take what was not written down
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


class TakeOutcome(StrEnum):
    """Result of accepting a call."""

    TAKEN = "taken"
    HELD = "held"  # by another officer
    WRITTEN = "written"  # it was written down already
    UNKNOWN = "unknown"


def begun(incoming_id: str, told: IncomingNotice) -> IncomingCall:
    first = IncomingCall(
        id=incoming_id,
        exchange=told.exchange,
        exchange_call_id=told.exchange_call_id,
        line=told.line,
        caller=told.caller,
        state=IncomingState.RINGING,
        began_at=told.at,
        agency=told.agency,
        area=told.area,
    )
    return advanced(first, told)


def advanced(known: IncomingCall, told: IncomingNotice) -> IncomingCall:
    """Return the call after a notice; the same object if nothing changes."""
    is_written = known.call_id is not None  # its number may have been removed from the record
    after = known if is_written else replace(known, caller=known.caller or told.caller)
    if told.notice is CallNotice.ANSWERED and known.answered_at is None:
        after = replace(after, answered_at=told.at)
    if told.notice is CallNotice.ENDED and known.ended_at is None:
        after = replace(after, ended_at=told.at)
    after = replace(after, state=_state(after))
    return known if after == known else after


def taken(known: IncomingCall, username: str, now: float) -> tuple[TakeOutcome, IncomingCall]:
    """Return the call accepted by an officer; a stale acceptance can be replaced."""
    if known.call_id is not None:
        return TakeOutcome.WRITTEN, known
    is_held = known.taken_at is not None and now - known.taken_at < TAKEN_FOR_S
    if known.taken_by == username:
        return TakeOutcome.TAKEN, known
    if known.taken_by is not None and is_held:
        return TakeOutcome.HELD, known
    return TakeOutcome.TAKEN, replace(known, taken_by=username, taken_at=now)


def masked_number(number: str | None) -> str | None:
    """Return the number with all but two digits masked."""
    return None if number is None else "•••• " + number[-2:]


def _state(call: IncomingCall) -> IncomingState:
    if call.ended_at is not None:
        return IncomingState.MISSED if call.answered_at is None else IncomingState.ENDED
    return IncomingState.RINGING if call.answered_at is None else IncomingState.ANSWERED
