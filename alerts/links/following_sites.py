"""How an incident follows the site that decides it, and shows what the other one does.

Takes the connection of a `Database.writing()` transaction.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.typed_rows import IncidentMemberRow, IncidentRow, typed
from thapcanh.alerts.incidents import membership
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    Disposition,
    IncidentReason,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_writing import (
    IncidentAct,
    add_note,
    add_step,
    drop_last_steps,
    reached_steps,
    record,
)
from thapcanh.alerts.incidents.kinds import GROUPS
from thapcanh.alerts.incidents.membership import Move
from thapcanh.alerts.incidents.records import NewMember
from thapcanh.alerts.incidents.rows.row_records import SourceVerdict
from thapcanh.alerts.links import link_rows, reports
from thapcanh.alerts.links.link_records import LinkedIncident
from thapcanh.alerts.links.link_store import site_actor
from thapcanh.alerts.links.link_tables import link_incident
from thapcanh.alerts.store.roles import Actor

_REASONS = {
    IncidentState.ASSESSED: IncidentReason.ASSESSED,
    IncidentState.DISPATCHED: IncidentReason.DISPATCHED,
    IncidentState.EN_ROUTE: IncidentReason.STEPPED,
    IncidentState.ON_SCENE: IncidentReason.STEPPED,
    IncidentState.CONTROLLED: IncidentReason.STEPPED,
    IncidentState.CLOSED: IncidentReason.CLOSED,
}


def follow(
    connection: sa.Connection, linked: LinkedIncident, report: Mapping[str, Any], now: float
) -> None:
    """Show a report, and let the incident follow it where the other site decides."""
    words = reports.words_of(report)
    member = membership.live_member(
        connection, MemberType.SITE, link_rows.source_id(linked.link_id, linked.remote_id)
    )
    row = row_of(connection, linked.incident_id)
    if linked.we_decide:
        _show_other(connection, linked, report, row, now)
    elif not _is_joined(connection, row.id):
        _obey(connection, linked, report, row, now)
    if member is not None:
        _update_member(connection, linked, member, report, now)
    elif linked.report and words != reports.words_of(linked.report):
        note(connection, linked, f"{linked.site}: {words}", now)


def row_of(connection: sa.Connection, incident_id: str) -> IncidentRow:
    found = connection.execute(sa.select(incident).where(incident.c.id == incident_id)).one()
    return typed(IncidentRow, found)


def note(
    connection: sa.Connection,
    linked: LinkedIncident,
    words: str,
    now: float,
    by: Actor | None = None,
) -> None:
    """Write what concerns two sites beside the incident; None is the other site."""
    row = row_of(connection, linked.incident_id)
    member = NewMember(
        type=MemberType.NOTE, id=str(uuid7()), words=words[:1000], agency=row.agency, area=row.area
    )
    add_note(connection, row.id, member, now, by or site_actor(linked.site))


def _is_joined(connection: sa.Connection, incident_id: str) -> bool:
    """Return whether several sites' incidents were joined into one: it follows none of them."""
    query = sa.select(sa.func.count()).where(link_incident.c.incident_id == incident_id)
    of_lower = sa.select(incident_member.c.id).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.type == MemberType.SITE.value,
        incident_member.c.left_at.is_(None),
    )
    is_many = len(connection.execute(of_lower.limit(2)).all()) > 1
    return is_many and int(connection.execute(query).scalar_one()) > 1


def _update_member(
    connection: sa.Connection,
    linked: LinkedIncident,
    member: IncidentMemberRow,
    report: Mapping[str, Any],
    now: float,
) -> None:
    """Show a lower site's report as the words and the verdict of its source."""
    words, verdict = reports.words_of(report), _verdict(report)
    query = sa.select(incident_member.c.words, incident_member.c.verdict)
    matching = incident_member.c.id == member.id
    before = connection.execute(query.where(matching)).one()
    if (before.words, before.verdict) == (words, verdict):
        return
    values: dict[str, Any] = {"words": words}
    if verdict != before.verdict:
        by = site_actor(linked.site).username
        values |= {"verdict": verdict, "verdict_by": by, "verdict_at": now}
    connection.execute(sa.update(incident_member).where(matching).values(values))
    act = IncidentAct(
        incident_id=linked.incident_id,
        why=IncidentReason.VERDICT if verdict != before.verdict else IncidentReason.JOINED,
        now=now,
        by=site_actor(linked.site),
        details={"member": MemberType.SITE.value, "member_id": member.member_id}
        | {"verdict": verdict},
    )
    record(connection, act, {"last_at": now})


def _verdict(report: Mapping[str, Any]) -> str | None:
    known = {one.value for one in SourceVerdict}
    value = report.get("verdict")
    return value if isinstance(value, str) and value in known else None


def _show_other(
    connection: sa.Connection,
    linked: LinkedIncident,
    report: Mapping[str, Any],
    row: IncidentRow,
    now: float,
) -> None:
    """Show what the other site did alone; it hears again what stands."""
    told = reports.incident_of(report)
    differs = any(told.get(name) != getattr(row, name) for name in ("state", "disposition"))
    if not differs:
        return
    if report.get("alone") is True:
        words = f"{linked.site}, lúc mất đường truyền: {reports.words_of(report)}"
        note(connection, linked, words, now)
    link_rows.update_linked(connection, linked, {"sent": "{}"})


def _obey(
    connection: sa.Connection,
    linked: LinkedIncident,
    report: Mapping[str, Any],
    row: IncidentRow,
    now: float,
) -> None:
    """Bring the incident to what the deciding site says of it."""
    told = reports.incident_of(report)
    state = _state(told.get("state"))
    if row.merged_into is not None or state is None:
        return
    into = told.get("merged_into")
    if state is IncidentState.CLOSED and isinstance(into, str):
        _merge(connection, linked, row, into, now)
        return
    kind, priority = reports.kind_of(told.get("kind")), reports.priority_of(told.get("priority"))
    disposition = _disposition(told) if state is IncidentState.CLOSED else None
    decided = (state.value, kind.value, priority, disposition)
    if decided != (row.state, row.kind, row.priority, row.disposition):
        if linked.alone_at is not None:
            was = reports.state_words({"state": row.state, "disposition": row.disposition})
            words = f"Theo quyết định của {linked.site}; ở đây, lúc mất đường truyền: {was}"
            note(connection, linked, words, now)
        _move(connection, linked, row, decided, now)
    if linked.alone_at is not None:
        link_rows.update_linked(connection, linked, {"alone_at": None})


def _move(
    connection: sa.Connection,
    linked: LinkedIncident,
    row: IncidentRow,
    decided: tuple[str, str, int, str | None],
    now: float,
) -> None:
    state, kind, priority, disposition = decided
    after, actor = IncidentState(state), site_actor(linked.site)
    is_end = after is IncidentState.CLOSED
    was_over = row.state == IncidentState.CLOSED.value
    details: dict[str, Any] = {
        "from": row.state, "to": state, "kind": kind, "priority": priority, "site": linked.site,
    }  # fmt: skip
    values: dict[str, Any] = {
        "state": state, "kind": kind, "priority": priority, "disposition": disposition,
        "class_group": GROUPS[reports.kind_of(kind)].value,
        "closed_by": actor.username if is_end else None, "closed_at": now if is_end else None,
    }  # fmt: skip
    if after is not IncidentState.OPEN:
        values["due_at"] = None
    if is_end:
        details["disposition"] = disposition
    if was_over and not is_end:
        drop_last_steps(connection, row.id)
        values["report"] = None
    reached = reached_steps(connection, [row.id])[row.id]
    if state != row.state and state not in reached:
        details["step"] = state
        add_step(connection, row.id, after, now, actor.username)
    why = IncidentReason.REOPENED if was_over and not is_end else _reason(row, after)
    act = IncidentAct(incident_id=row.id, why=why, now=now, by=actor, details=details)
    record(connection, act, values, moves=True)


def _reason(row: IncidentRow, after: IncidentState) -> IncidentReason:
    if after.value == row.state or ORDER[after] < ORDER[IncidentState(row.state)]:
        if after is IncidentState.CLOSED:
            return IncidentReason.CLOSED
        return IncidentReason.ASSESSED
    return _REASONS.get(after, IncidentReason.ASSESSED)


def _merge(
    connection: sa.Connection, linked: LinkedIncident, row: IncidentRow, into: str, now: float
) -> None:
    """Join the incident into another of the same site, as that site did."""
    other = link_rows.of_remote(connection, linked.link_id, into)
    if other is None or other.incident_id == row.id or row.state == IncidentState.CLOSED.value:
        return
    move = Move(by=site_actor(linked.site), now=now)
    membership.move_in(
        connection, other.incident_id, membership.live_members(connection, row.id), move
    )
    membership.close_emptied(connection, row, other.incident_id, move)


def _state(value: object) -> IncidentState | None:
    """Return a state; None for one that this version does not know."""
    return {one.value: one for one in IncidentState}.get(str(value))


def _disposition(told: Mapping[str, Any]) -> str:
    value = told.get("disposition")
    known = {one.value for one in Disposition}
    return value if isinstance(value, str) and value in known else Disposition.HANDLED.value
