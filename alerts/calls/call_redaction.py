"""Redaction of callers: number, name, words, files, and every copy of them."""

import sqlalchemy as sa

from thapcanh.alerts.calls.caller_link_tables import caller_file, caller_item, caller_link
from thapcanh.alerts.calls.citizen_media import messages_with_media, remove_media
from thapcanh.alerts.calls.citizen_message_tables import citizen_message
from thapcanh.alerts.calls.incoming_call_store import incoming_call
from thapcanh.alerts.delivery.outbox.directed import link_subject, withdraw
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import call, incident, incident_member
from thapcanh.alerts.store.audit_log import (
    AuditEntry,
    IncidentChangeRecord,
    add_incident_change,
    add_log,
)
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import SYSTEM, Actor

ACTION = "call_redacted"
BY_AGE = "retention"
_MOST = 200  # a transaction


def redact_call(database: Database, actor: Actor, call_id: str, reason: str, now: float) -> bool:
    """Remove who called; False where the actor sees no such call. Twice is once."""
    with database.writing() as connection:
        matching = (call.c.id == call_id, *owned_by(call, actor.scope))
        found = connection.execute(sa.select(call).where(*matching)).one_or_none()
        if found is None:
            return False
        if connection.execute(sa.select(call.c.id).where(*matching, _has_person())).first():
            _redact(connection, found, (actor.username, actor.role.value, reason), now)
        return True


def redact_older(database: Database, before: float, now: float) -> int:
    """Redact calls from before a time; those of open incidents are kept."""
    member = incident_member
    is_open = sa.exists().where(
        member.c.type == MemberType.CALL.value,
        member.c.member_id == call.c.id,
        member.c.left_at.is_(None),
        incident.c.id == member.c.incident_id,
        incident.c.closed_at.is_(None),
    )
    query = sa.select(call).where(
        call.c.at < before,
        _has_person(),
        sa.not_(is_open),
    )
    with database.reading() as connection:
        if connection.execute(query.limit(1)).first() is None:
            return 0
    with database.writing() as connection:
        rows = connection.execute(query.order_by(call.c.at).limit(_MOST)).all()
        for row in rows:
            _redact(connection, row, (SYSTEM, SYSTEM, BY_AGE), now)
    return len(rows)


def _has_person() -> sa.ColumnElement[bool]:
    """Return the condition for calls with data about the caller."""
    sent = sa.or_(caller_item.c.media_type.is_not(None), caller_item.c.text.is_not(None))
    shown = citizen_message.c.id.in_(messages_with_media())
    return sa.or_(
        call.c.caller.is_not(None),
        call.c.said.is_not(None),
        call.c.id.in_(sa.select(caller_item.c.call_id).where(sent)),
        call.c.id.in_(sa.select(citizen_message.c.call_id).where(shown)),
    )


def _redact(
    connection: sa.Connection,
    row: sa.Row[tuple[object, ...]],
    why: tuple[str, str, str],
    now: float,
) -> None:
    words = plain(row.number, row.place, row.ward)
    removed = {"caller": None, "said": None, "words": words}
    connection.execute(sa.update(call).where(call.c.id == row.id).values(removed))
    connection.execute(
        sa.update(incoming_call).where(incoming_call.c.call_id == row.id).values(caller=None)
    )
    remove_media(connection, citizen_message.c.call_id == row.id)
    of_call = sa.update(citizen_message).where(citizen_message.c.call_id == row.id)
    connection.execute(of_call.values(sender=None, text=None, words=""))
    matching = sa.select(caller_item.c.id).where(caller_item.c.call_id == row.id)
    connection.execute(sa.delete(caller_file).where(caller_file.c.item_id.in_(matching)))
    of_items = sa.update(caller_item).where(caller_item.c.call_id == row.id)
    connection.execute(of_items.values(text=None, media_type=None))
    links = sa.select(caller_link.c.id).where(caller_link.c.call_id == row.id)
    subjects = [link_subject(one) for one in connection.execute(links).scalars()]
    withdraw(connection, subjects, now)
    actor, role, reason = why
    in_force = (caller_link.c.call_id == row.id, caller_link.c.ended_at.is_(None))
    over = sa.update(caller_link).where(*in_force)  # or the phone would go on telling of its owner
    connection.execute(over.values(ended_by=actor, ended_at=now))
    members = _redact_members(connection, row)
    inside = next((one.incident_id for one in members if one.left_at is None), None)
    entry = AuditEntry(
        at=now,
        actor=actor,
        role=role,
        action=ACTION,
        object_id=inside or row.id,
        note=reason,
        details={"call": row.id, "number": row.number},
    )
    add_log(connection, entry)
    if inside is not None:
        _report_screens(connection, inside, now)


def _redact_members(
    connection: sa.Connection, row: sa.Row[tuple[object, ...]]
) -> list[sa.Row[tuple[object, ...]]]:
    """Redact the call's copies in its incidents and their search index."""
    matching = sa.and_(
        incident_member.c.type == MemberType.CALL.value, incident_member.c.member_id == row.id
    )
    members = list(connection.execute(sa.select(incident_member).where(matching)).all())
    for one in members:
        if one.words and one.words != row.number:
            of = incident.c.id == one.incident_id
            retained = sa.func.replace(incident.c.words, plain(one.words), plain(row.number))
            connection.execute(sa.update(incident).where(of).values(words=retained))
    connection.execute(sa.update(incident_member).where(matching).values(words=row.number))
    return members


def _report_screens(connection: sa.Connection, incident_id: str, now: float) -> None:
    query = sa.select(incident.c.version).where(incident.c.id == incident_id)
    change = IncidentChangeRecord(
        incident_id=incident_id,
        version=int(connection.execute(query).scalar_one()),
        kind=ACTION,
        reason=ACTION,
        at=now,
    )
    add_incident_change(connection, change)
