"""Calls in the archive, written once, with the incident that each opens.

A call is never changed. Thread-safe; every method is one transaction.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.corroboration import raise_by_call
from thapcanh.alerts.calls.incoming_call_store import link_written
from thapcanh.alerts.incidents.calls import (
    Call,
    CallerHistory,
    CallKind,
    NewCall,
    calls_of,
    calls_query,
    opened_by,
)
from thapcanh.alerts.incidents.corroborating_sources import confirm_by_members
from thapcanh.alerts.incidents.incident_state import IncidentReason
from thapcanh.alerts.incidents.incident_tables import call, incident
from thapcanh.alerts.incidents.incident_views import before, cursor_of
from thapcanh.alerts.incidents.incident_writing import (
    IncidentAct,
    named,
    next_in_series,
    put_member,
    record,
)
from thapcanh.alerts.incidents.membership import standing_incident
from thapcanh.alerts.incidents.opening import open_incident
from thapcanh.alerts.incidents.records import NewMember
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter
from thapcanh.config.local_time import LOCAL_TZ

RECENT_S = 1800.0
HOAXES_S = 365 * 86_400.0
_MOST_RECENT = 10
_MAX_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCall:
    """A call that was written, and the alert that it raised, if any."""

    call: Call
    raised_alert: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Filter of calls; an empty set is no restriction."""

    kinds: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()
    since: float | None = None
    scope: DataFilter = EVERYTHING
    by_number: bool = True  # whether words are looked for in callers' numbers too
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Calls, the newest first, and the cursor of the next page."""

    items: tuple[Call, ...]
    next: str | None


class CallRepository:
    """Repository of calls."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, actor: Actor, new: NewCall, now: float) -> WrittenCall:
        """Store a call, once per idempotency key. Raise `KeyReused`."""
        key = new.idempotency_key
        with self._db.writing() as connection:
            earlier = None
            if key is not None:
                earlier = earlier_answer(connection, actor.username, key, digest_of(new))
            if earlier is not None:
                facts = json.loads(earlier)
                found = _one(connection, facts["id"])
                return WrittenCall(call=found, raised_alert=facts["raised"], replayed=True)
            written = write_call(connection, actor, new, now)
            if key is not None:
                answer = json.dumps({"id": written.call.id, "raised": written.raised_alert})
                remember(connection, actor.username, {key: (digest_of(new), answer)}, now)
            return written

    def page(self, desired: CallFilter) -> CallPage:
        """Return one page of calls, newest first. Raise `BadCursor`."""
        limit = max(1, min(desired.limit, _MAX_PAGE))
        newest_first = (call.c.at.desc(), call.c.id.desc())
        requested = sa.select(call.c.id).where(
            *owned_by(call, desired.scope), *_requested_for(desired)
        )
        found = requested.order_by(*newest_first).limit(limit + 1)  # by `ix_call_search` alone
        query = calls_query().where(call.c.id.in_(found)).order_by(*newest_first)
        with self._db.reading() as connection:
            items = calls_of(connection.execute(query).all())
        more = len(items) > limit
        items = items[:limit]
        after = cursor_of(items[-1].at, items[-1].id) if more else None
        return CallPage(items=tuple(items), next=after)

    def history(self, caller: str, now: float, scope: DataFilter) -> CallerHistory:
        """Return a number's calls of the last half hour, and its hoaxes of a year."""
        matching = (call.c.caller == caller, *owned_by(call, scope))
        recent = calls_query().where(*matching, call.c.at >= now - RECENT_S)
        hoaxes = sa.select(sa.func.count()).where(
            *matching, call.c.at >= now - HOAXES_S, call.c.kind == CallKind.HOAX.value
        )
        with self._db.reading() as connection:
            rows = connection.execute(recent.order_by(call.c.at.desc()).limit(_MOST_RECENT)).all()
            count = int(connection.execute(hoaxes).scalar_one())
        return CallerHistory(recent=tuple(calls_of(rows)), hoaxes=count)


def write_call(connection: sa.Connection, actor: Actor, new: NewCall, now: float) -> WrittenCall:
    """Store a call within a transaction; it opens an incident or joins one."""
    year = datetime.fromtimestamp(now, UTC).astimezone(LOCAL_TZ).year
    number = f"{new.line}-{next_in_series(connection, f'call:{new.line}:{year}'):04d}"
    call_id, place = str(uuid7()), new.place
    values = {
        "id": call_id,
        "number": number,
        "year": year,
        "line": new.line,
        "kind": new.kind.value,
        "caller": new.caller,
        "place": place.text,
        "ward": place.ward,
        "lat": place.lat,
        "lon": place.lon,
        "said": new.said,
        "at": now,
        "by": actor.username,
        "agency": new.agency,
        "area": new.area,
        "words": plain(number, new.caller, place.text, place.ward, new.said),
    }
    connection.execute(sa.insert(call).values(values))
    entry = AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action="call_taken",
        object_id=call_id,
        details={"number": number, "kind": new.kind.value},
    )
    add_log(connection, entry)
    reported = opened_by(_one(connection, call_id))
    joined = None if new.joins is None else _open_one(connection, new.joins, actor.scope)
    if reported is not None and reported.member is not None and joined is not None:
        join_call(connection, joined, reported.member, now, actor)
    elif reported is not None:
        open_incident(connection, reported, now, actor)
    if new.incoming is not None:
        link_written(connection, new.incoming, call_id, actor.scope)
    raised = raise_by_call(connection, _one(connection, call_id), now)
    return WrittenCall(call=_one(connection, call_id), raised_alert=raised)


def _open_one(connection: sa.Connection, incident_id: str, scope: DataFilter) -> str | None:
    """Return the incident, or the one that it was merged into; None where that is over."""
    standing = standing_incident(connection, incident_id)
    query = sa.select(incident.c.id).where(
        incident.c.id == standing, incident.c.closed_at.is_(None), *owned_by(incident, scope)
    )
    return connection.execute(query).scalar_one_or_none()


def join_call(
    connection: sa.Connection, incident_id: str, member: NewMember, now: float, by: Actor
) -> None:
    put_member(connection, incident_id, member, now, by.username)
    act = IncidentAct(
        incident_id=incident_id, why=IncidentReason.JOINED, now=now, by=by, details=named(member)
    )
    record(connection, act, {"last_at": now})
    confirm_by_members(connection, incident_id, now)


def _one(connection: sa.Connection, call_id: str) -> Call:
    (found,) = calls_of(connection.execute(calls_query().where(call.c.id == call_id)).all())
    return found


def _requested_for(desired: CallFilter) -> list[sa.ColumnElement[Any]]:
    conditions: list[sa.ColumnElement[Any]] = []
    if desired.kinds:
        conditions.append(call.c.kind.in_(sorted(desired.kinds)))
    if desired.ids:
        conditions.append(call.c.id.in_(sorted(desired.ids)))
    if desired.since is not None:
        conditions.append(call.c.at >= desired.since)
    conditions += [call.c.words.contains(word, autoescape=True) for word in desired.words]
    if not desired.by_number:  # beside the condition above, which an index answers
        caller = sa.func.coalesce(call.c.caller, "")
        words = sa.func.replace(call.c.words, caller, "", type_=sa.Text())
        conditions += [words.contains(word, autoescape=True) for word in desired.words]
    if desired.cursor is not None:
        conditions.append(before(call.c.at, call.c.id, desired.cursor))
    return conditions
