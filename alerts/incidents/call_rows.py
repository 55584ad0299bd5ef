"""Rows of calls to records, with the incident that each belongs to."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from alerts.incidents.calls import Call, CallKind
from alerts.incidents.incident_state import MemberType
from alerts.incidents.incident_tables import call, incident_member
from alerts.incidents.records import IncidentPlace


def calls_query() -> sa.Select[Any]:
    """Calls with the incident that they are in now."""
    belongs = sa.and_(
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.member_id == call.c.id,
        incident_member.c.left_at.is_(None),
    )
    return sa.select(call, incident_member.c.incident_id).outerjoin(incident_member, belongs)


def calls_of(rows: Sequence[sa.Row[Any]]) -> list[Call]:
    """Records of rows of `calls_query`."""
    return [
        Call(
            **{name: getattr(row, name) for name in _SAME_NAME},
            kind=CallKind(row.kind),
            place=IncidentPlace(text=row.place, ward=row.ward, lat=row.lat, lon=row.lon),
        )
        for row in rows
    ]


_SAME_NAME = tuple(name for name in Call.__dataclass_fields__ if name not in {"kind", "place"})
