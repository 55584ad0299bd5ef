"""Citizens' messages, and which may report one event."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.incidents.calls import CallKind
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.distance import Position, distance_m

WITHIN_M = 300.0
WITHIN_S = 1800.0
_ALIKE = 0.6  # share of the words of both that both have, where no place tells
_ALIKE_NEAR = 0.15  # where their places agree
_FEWEST_WORDS = 4  # "cháy" alone resembles every fire


class MessageState(StrEnum):
    """State of a message."""

    NEW = "new"
    TAKEN = "taken"  # a call was written down of it
    SET_ASIDE = "set_aside"  # read, and nothing to do
    HOAX = "hoax"


class MessageOutcome(StrEnum):
    """Result of answering a message."""

    DONE = "done"
    UNKNOWN = "unknown"
    ANSWERED = "answered"  # by somebody, before
    NO_INCIDENT = "no_incident"  # none to see that could be joined
    CLOSED = "closed"  # the incident


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """Message from a gateway."""

    gateway: str
    channel: str
    ref: str | None
    sender: str | None
    text: str | None
    place: IncidentPlace
    is_misplaced: bool
    at: float
    agency: str | None
    area: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenMessage:
    """Stored message."""

    id: str
    channel: str
    sender: str | None
    text: str | None
    place: IncidentPlace
    is_misplaced: bool
    at: float
    received_at: float
    event_id: str
    is_marked: bool
    state: MessageState
    answered_by: str | None
    answered_at: float | None
    call_id: str | None
    agency: str | None
    area: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent:
    """Waiting messages of one event: their number, and the first in full."""

    id: str
    count: int
    last_at: float  # when the newest of them was received
    items: tuple[CitizenMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMessage:
    """Request to make a call of a message, new or in an incident.

    `until` includes the messages of its event received until then.
    """

    message_id: str
    kind: CallKind | None = None
    incident_id: str | None = None
    until: float | None = None
    place: IncidentPlace | None = None  # instead of the message's own


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedEvent:
    """Compared facts of a message."""

    event_id: str
    position: Position | None
    at: float
    words: frozenset[str]


def same_event(reported: ComparedEvent, others: Iterable[ComparedEvent]) -> str | None:
    """Return the event that a message most probably reports, or None."""
    found = ((_likeness(reported, one), one.event_id) for one in others)
    best = max(((much, event_id) for much, event_id in found if much is not None), default=None)
    return None if best is None else best[1]


def _likeness(reported: ComparedEvent, other: ComparedEvent) -> float | None:
    """Return the similarity of two messages; None if they report two events."""
    if abs(reported.at - other.at) > WITHIN_S:
        return None
    shared = len(reported.words & other.words)
    alike = shared / max(1, len(reported.words | other.words))
    if reported.position is not None and other.position is not None:
        is_near = distance_m(reported.position, other.position) <= WITHIN_M
        few = min(len(reported.words), len(other.words)) == 0
        return 1.0 + alike if is_near and (few or alike >= _ALIKE_NEAR) else None
    is_telling = min(len(reported.words), len(other.words)) >= _FEWEST_WORDS
    return alike if is_telling and alike >= _ALIKE else None
