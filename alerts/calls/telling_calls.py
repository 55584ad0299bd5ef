"""Calls for which cameras get attention: about fire, with a place, recent."""

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.calls.call_attention import TellingCall
from thapcanh.alerts.incidents.calls import CallKind, is_telling
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import call, incident, incident_member
from thapcanh.alerts.signals.device_events import BURNING, RULE
from thapcanh.alerts.store.database import Database

_BURNING = sorted(kind.value for kind in CallKind if is_telling(kind))
_MOST = 200  # of ten minutes; each is compared with each


def telling_calls(database: Database, since: float) -> list[TellingCall]:
    """Return the newest calls since a time, oldest first, without closed incidents."""
    over = sa.exists().where(
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.member_id == call.c.id,
        incident_member.c.left_at.is_(None),
        incident_member.c.incident_id == incident.c.id,
        incident.c.closed_at.is_not(None),
    )
    query = sa.select(call).where(
        call.c.at > since,
        call.c.kind.in_(_BURNING),
        call.c.lat.is_not(None),
        call.c.lon.is_not(None),
        sa.not_(over),
    )
    newest = query.order_by(call.c.at.desc(), call.c.id.desc()).limit(_MOST)
    with database.reading() as connection:
        rows = connection.execute(newest).all()
    return [
        TellingCall(
            id=row.id,
            number=row.number,
            caller=row.caller,
            position=(row.lat, row.lon),
            at=row.at,
        )
        for row in reversed(rows)
    ]


def telling_signals(database: Database, since: float) -> list[TellingCall]:
    """Return the newest fire alerts of devices since a time, oldest first.

    Those with a verdict, closed ones and drills are left out.
    """
    query = sa.select(alert).where(
        alert.c.rule_id == RULE,
        alert.c.kind.in_([kind.value for kind in BURNING]),
        alert.c.last_seen_at > since,
        alert.c.verdict.is_(None),
        alert.c.closed_at.is_(None),
        alert.c.exercise.is_(False),
        alert.c.lat.is_not(None),
        alert.c.lon.is_not(None),
    )
    newest = query.order_by(alert.c.last_seen_at.desc(), alert.c.id.desc()).limit(_MOST)
    with database.reading() as connection:
        rows = connection.execute(newest).all()
    return [
        TellingCall(
            id=row.id,
            number=row.number,
            caller=row.camera_id,
            position=(row.lat, row.lon),
            at=row.last_seen_at,
            is_device=True,
        )
        for row in reversed(rows)
    ]
