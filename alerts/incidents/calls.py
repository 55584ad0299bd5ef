"""Calls by the emergency lines as they are typed in: kinds, numbers, what they open; their rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import call, incident_member
from thapcanh.alerts.incidents.kinds import GROUPS, ClassGroup, IncidentKind
from thapcanh.alerts.incidents.records import IncidentPlace, NewIncident, NewMember

_NOT_DIGITS = re.compile(r"[^0-9+]")


class CallKind(StrEnum):
    """Kind of a call: a kind of incident, or none."""

    FIRE = "fire"
    EXPLOSION = "explosion"
    SHORT_CIRCUIT = "short_circuit"
    RESCUE = "rescue"
    TRAFFIC = "traffic"
    PUBLIC_ORDER = "public_order"
    CRIME = "crime"
    MEDICAL = "medical"
    OTHER = "other"
    ENQUIRY = "enquiry"  # a question, answered at once
    HANG_UP = "hang_up"  # ended before a word; to be called back
    SILENT = "silent"  # open, and nobody speaks; to be called back
    HOAX = "hoax"


MESSAGE_LINE = "TN"  # *tin nhắn*: what a citizen wrote, and an officer made a call of
OPENS_NONE = frozenset({CallKind.ENQUIRY, CallKind.HANG_UP, CallKind.SILENT, CallKind.HOAX})
CALL_BACK = frozenset({CallKind.HANG_UP, CallKind.SILENT})
_PRIORITY: Mapping[IncidentKind, int] = {
    IncidentKind.FIRE: 1,
    IncidentKind.EXPLOSION: 1,
    IncidentKind.SHORT_CIRCUIT: 1,
    IncidentKind.RESCUE: 1,
    IncidentKind.MEDICAL: 1,
    IncidentKind.CRIME: 2,
    IncidentKind.TRAFFIC: 2,
    IncidentKind.PUBLIC_ORDER: 2,
    IncidentKind.OTHER: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call as it was typed in."""

    kind: CallKind
    line: str
    caller: str | None
    place: IncidentPlace
    said: str | None
    agency: str | None
    area: str | None
    idempotency_key: str | None = None
    incoming: str | None = None  # the exchange's call that it was
    joins: str | None = None  # the open incident that it belongs to, instead of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Stored call, never changed. `incident_id` is its present incident."""

    id: str
    number: str
    year: int
    line: str
    kind: CallKind
    caller: str | None
    place: IncidentPlace
    said: str | None
    at: float
    by: str
    agency: str | None
    area: str | None
    incident_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerHistory:
    """Earlier calls of a number: of the last half hour, and a year's hoaxes."""

    recent: tuple[Call, ...] = ()
    hoaxes: int = 0


def dialled(text: str | None) -> str | None:
    """Return a number's digits with `+84` and `84` as `0`, or None."""
    if text is None:
        return None
    digits = _NOT_DIGITS.sub("", text)
    for abroad in ("+84", "0084"):
        if digits.startswith(abroad):
            return "0" + digits.removeprefix(abroad)
    if digits.startswith("84") and len(digits) >= 11:
        return "0" + digits[2:]
    return digits.lstrip("+") or None


def is_telling(kind: CallKind) -> bool:
    """Return whether a call reports something burning, which cameras detect."""
    return kind not in OPENS_NONE and GROUPS[IncidentKind(kind.value)] is ClassGroup.BURNING


def opened_by(call: Call) -> NewIncident | None:
    if call.kind in OPENS_NONE:
        return None
    kind = IncidentKind(call.kind.value)
    return NewIncident(
        kind=kind,
        priority=_PRIORITY[kind],
        place=call.place,
        at=call.at,
        agency=call.agency,
        area=call.area,
        member=NewMember(
            type=MemberType.CALL,
            id=call.id,
            words=" ".join(word for word in (call.number, call.said) if word),
            agency=call.agency,
            area=call.area,
        ),
    )


def calls_query() -> sa.Select[Any]:
    belongs = sa.and_(
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.member_id == call.c.id,
        incident_member.c.left_at.is_(None),
    )
    return sa.select(call, incident_member.c.incident_id).outerjoin(incident_member, belongs)


def calls_of(rows: Sequence[sa.Row[Any]]) -> list[Call]:
    """Return the records of rows of `calls_query`."""
    return [
        Call(
            **{name: getattr(row, name) for name in _SAME_NAME},
            kind=CallKind(row.kind),
            place=IncidentPlace(text=row.place, ward=row.ward, lat=row.lat, lon=row.lon),
        )
        for row in rows
    ]


_SAME_NAME = tuple(name for name in Call.__dataclass_fields__ if name not in {"kind", "place"})
