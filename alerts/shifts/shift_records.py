"""Records of shifts, and reasons for refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ShiftRefusalReason(StrEnum):
    """Why a step of a shift is refused."""

    NOT_ON_DUTY = "not_on_duty"  # who hands over must have taken the shift
    P1_UNANSWERED = "p1_unanswered"
    NO_SUCH_HANDOVER = "no_such_handover"  # never offered, or closed
    NO_SUCH_SHIFT = "no_such_shift"
    OWN_HANDOVER = "own_handover"  # nobody relieves themselves
    FOR_ANOTHER = "for_another"  # it names who is to accept it


class ShiftRefused(Exception):
    """Refused step; `blocking` are the first waiting P1 of `total`."""

    def __init__(
        self, why: ShiftRefusalReason, blocking: Sequence["OpenItem"] = (), total: int = 0
    ) -> None:
        super().__init__(why.value)
        self.why = why
        self.blocking = tuple(blocking)
        self.total = total


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Person's time on duty. `sound_heard` is None if the sound was not tested."""

    id: str
    username: str
    role: str
    taken_at: float
    sound_heard: bool | None
    ended_at: float | None
    ended_by: str | None
    relieved_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """Incident that is handed over, or an alert in none."""

    id: str
    number: str
    kind: str
    priority: int
    state: str
    camera_name: str
    place: str | None
    area: str | None
    agency: str | None
    raised_at: float
    owner: str | None
    exercise: bool = False
    type: str = "alert"
    sources: Mapping[str, int] = field(default_factory=dict)  # how many of each kind
    units: tuple[str, ...] = ()  # who is out there
    requests: int = 0  # of crews, that nobody has answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Handover from one officer to the next.

    `sheet` holds `items`, `items_total`, `log_head`, and the caller's facts of cameras and rules.
    """

    id: str
    shift_id: str
    from_username: str
    to_username: str | None
    offered_at: float
    note: str | None
    sheet: dict[str, Any]
    closed_at: float | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverOffer:
    """Offer of the outgoing officer; `facts` join the sheet."""

    to_username: str | None
    note: str | None
    facts: dict[str, Any]
