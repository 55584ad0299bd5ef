"""Officers' commands on incidents: decided by `progression`, applied once, logged."""

from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.alert.typed_rows import IncidentRow, typed
from thapcanh.alerts.incidents import dispatching, membership
from thapcanh.alerts.incidents.command_input import command_of, progress_of, row_values
from thapcanh.alerts.incidents.corroborating_sources import (
    UNTRUE,
    confirm_by_members,
    withdraw_calls,
)
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    IncidentAction,
    IncidentProgress,
    IncidentReason,
    IncidentState,
    IncidentTransition,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.incidents.incident_views import one_incident, ticks_of
from thapcanh.alerts.incidents.incident_writing import (
    IncidentAct,
    add_step,
    put_member,
    record,
)
from thapcanh.alerts.incidents.membership import Move
from thapcanh.alerts.incidents.progression import decide_incident
from thapcanh.alerts.incidents.records import IncidentRequest, IncidentResult, NewMember
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.owned_rows import owned_by


class _Refused(Exception):
    """Refusal because of something that a command names."""

    def __init__(
        self,
        outcome: CommandOutcome,
        why: IncidentReason,
        by: str | None = None,
        at: float | None = None,
    ) -> None:
        super().__init__(why.value)
        self.by = by
        self.at = at
        self.outcome = outcome
        self.why = why


def run_incident_command(
    connection: sa.Connection,
    request: IncidentRequest,
    now: float,
    open_points: frozenset[str] = frozenset(),
) -> IncidentResult:
    """Carry out a command once; raise `KeyReused` when its key came with another body.

    `open_points`: what keeps the incident from being closed, unless the command confirms it.
    """
    username, key, digest = request.actor.username, request.idempotency_key, digest_of(request)
    earlier = earlier_answer(connection, username, key, digest)
    if earlier is not None:
        return replace(results().validate_json(earlier), replayed=True)
    query = sa.select(incident).where(incident.c.id == request.incident_id)
    row = connection.execute(query.where(*owned_by(incident, request.actor.scope))).one_or_none()
    if row is None:
        return IncidentResult(outcome=CommandOutcome.NOT_FOUND, why=IncidentReason.UNKNOWN_INCIDENT)
    try:
        result = _carried_out(connection, request, typed(IncidentRow, row), now, open_points)
    except _Refused as refused:
        by = refused.by or row.owner
        result = IncidentResult(outcome=refused.outcome, why=refused.why, by=by, at=refused.at)
    scope = request.actor.scope
    result = replace(result, incident=one_incident(connection, request.incident_id, scope))
    answer = results().dump_json(result).decode()
    remember(connection, username, {key: (digest, answer)}, now)
    return result


def _carried_out(
    connection: sa.Connection,
    request: IncidentRequest,
    row: IncidentRow,
    now: float,
    open_points: frozenset[str],
) -> IncidentResult:
    command = command_of(request, open_points)
    decision = decide_incident(progress_of(connection, row), command, now)
    result = IncidentResult(
        outcome=decision.outcome,
        why=decision.why,
        by=decision.by,
        at=decision.at,
        open_points=tuple(sorted(open_points - command.despite)),
    )
    if decision.outcome is not CommandOutcome.DONE:
        return result
    move = Move(by=request.actor, now=now)
    details = _decided(request.action, row, decision.progress)
    emptied, more = _effects(connection, request, row, move)
    details |= more
    if request.action is IncidentAction.CLOSE:
        details["despite"] = sorted(open_points)
    if decision.progress.owner != row.owner:
        details |= {"held_by": row.owner, "holder": decision.progress.owner}
    _write(connection, request, row, decision, details)
    _evaluate_by_calls(connection, request, now)
    if emptied is not None:
        membership.close_emptied(connection, emptied, row.id, move)
    return result


def _effects(
    connection: sa.Connection, request: IncidentRequest, row: IncidentRow, move: Move
) -> tuple[IncidentRow | None, dict[str, Any]]:
    """Apply a command's effects beside the incident's row.

    Return the incident that it emptied, if any, and the details for the log.
    """
    match request.action:
        case IncidentAction.JOIN:
            return _join(connection, request, row, move), _member(request)
        case IncidentAction.SEPARATE:
            other_id = _separate(connection, request, move)
            return None, _member(request) | ({"opened": other_id} if other_id else {})
        case IncidentAction.DISPATCH:
            _dispatch(connection, request, row, move)
            return None, {"told": [one.service or one.unit_id for one in request.told]}
        case IncidentAction.STEP if request.unit_id is not None:
            _unit_step(connection, request, move)
            return None, {"unit": request.unit_id, "answer": request.step}
        case IncidentAction.TICK:
            return None, {"procedure": _tick(connection, request)}
        case IncidentAction.JUDGE:
            return None, _judge(connection, request, move)
        case _:
            dispatching.follow_state(connection, request.action, row.id, move.now)
            return None, {}


def _decided(action: IncidentAction, row: IncidentRow, after: IncidentProgress) -> dict[str, Any]:
    """Return the log's details of a decision, which `verify` compares with the incident."""
    details: dict[str, Any] = {"from": row.state, "to": after.state.value}
    if action is IncidentAction.ASSESS:
        details |= {"kind": after.kind.value, "priority": after.priority}
    if action in (IncidentAction.CLOSE, IncidentAction.CORRECT):
        details["disposition"] = after.disposition and after.disposition.value
    return details


def _evaluate_by_calls(connection: sa.Connection, request: IncidentRequest, now: float) -> None:
    """Mark alerts joined with a call as sure; unmark those of a false call."""
    if request.action is IncidentAction.JOIN:
        confirm_by_members(connection, request.incident_id, now)
    if request.action is IncidentAction.CLOSE and request.disposition in UNTRUE:
        withdraw_calls(connection, request.incident_id, now)


def _write(
    connection: sa.Connection,
    request: IncidentRequest,
    row: IncidentRow,
    decision: IncidentTransition,
    details: dict[str, Any],
) -> None:
    """Write the incident after a decision, with its step and log entry."""
    now = decision.at or 0.0
    if decision.step is not None:
        details["step"] = decision.step.value
        add_step(connection, request.incident_id, decision.step, now, request.actor.username)
    act = IncidentAct(
        incident_id=request.incident_id,
        why=decision.why,
        now=now,
        by=request.actor,
        note=request.note,
        details=details
        | {"key": request.idempotency_key, "seen_version": request.expected_version},
    )
    moves = request.action not in _MOVES_NOTHING
    record(connection, act, row_values(request, row, decision), moves=moves)


_MOVES_NOTHING = (
    IncidentAction.TICK,
    IncidentAction.JUDGE,
    IncidentAction.ACKNOWLEDGE,
    IncidentAction.JOIN,  # sources that keep coming must not refuse the order to send units
)


def _join(
    connection: sa.Connection, request: IncidentRequest, row: IncidentRow, move: Move
) -> IncidentRow | None:
    """Add a member from its present incident; return that incident if it is now empty."""
    of, member_id = request.member_type, request.member_id or ""
    if of is MemberType.NOTE:
        note = NewMember(
            type=of, id=str(uuid7()), words=request.note, agency=row.agency, area=row.area
        )
        put_member(connection, row.id, note, move.now, move.by.username)
        return None
    if of is MemberType.INCIDENT:
        other = _other(connection, member_id, row, move)
        members = membership.live_members(connection, other.id)
        membership.move_in(connection, row.id, members, move)
        return other
    if of is None:
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_MEMBER)
    told = membership.told_by(connection, of, member_id, request.actor.scope)
    if told is None or told.member is None:
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_MEMBER)
    member = membership.live_member(connection, of, member_id)
    if member is None:
        put_member(connection, row.id, told.member, move.now, move.by.username)
        return None
    if member.incident_id == row.id:
        raise _Refused(CommandOutcome.ALREADY, IncidentReason.IS_MEMBER)
    is_last = len(membership.live_members(connection, member.incident_id)) == 1
    emptied = _other(connection, member.incident_id, row, move) if is_last else None
    membership.move_in(connection, row.id, [member], move)
    return emptied


def _other(
    connection: sa.Connection, incident_id: str, row: IncidentRow, move: Move
) -> IncidentRow:
    """Return an incident to be merged into this one; dispatched ones may not be merged."""
    query = sa.select(incident).where(
        incident.c.id == incident_id, *owned_by(incident, move.by.scope)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_MEMBER)
    other = typed(IncidentRow, found)
    if other.id == row.id:
        raise _Refused(CommandOutcome.ALREADY, IncidentReason.IS_MEMBER)
    state, matching = IncidentState(other.state), IncidentState(row.state)
    if state is IncidentState.CLOSED:
        raise _Refused(CommandOutcome.CONFLICT, IncidentReason.CLOSED)
    is_out = ORDER[state] >= ORDER[IncidentState.DISPATCHED]
    if is_out and ORDER[state] > ORDER[matching]:
        raise _Refused(CommandOutcome.INVALID, IncidentReason.JOIN_OTHER_WAY)
    return other


def _separate(connection: sa.Connection, request: IncidentRequest, move: Move) -> str | None:
    of, member_id = request.member_type, request.member_id or ""
    member = None if of is None else membership.live_member(connection, of, member_id)
    scope = request.actor.scope
    if of is None or member is None or member.incident_id != request.incident_id:
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_MEMBER)
    if of is MemberType.NOTE:
        return membership.separate(connection, member, None, move)
    told = membership.told_by(connection, of, member_id, scope)
    if told is None:
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_MEMBER)
    if len(membership.live_members(connection, request.incident_id)) == 1:
        raise _Refused(CommandOutcome.INVALID, IncidentReason.ONLY_MEMBER)
    return membership.separate(connection, member, told, move)


def _dispatch(
    connection: sa.Connection, request: IncidentRequest, row: IncidentRow, move: Move
) -> None:
    try:
        dispatching.tell(connection, request, row, move.now)
    except dispatching.UnitRefused as refused:
        is_missing = refused.why is IncidentReason.UNKNOWN_UNIT
        outcome = CommandOutcome.NOT_FOUND if is_missing else CommandOutcome.INVALID
        raise _Refused(outcome, refused.why) from None


def _tick(connection: sa.Connection, request: IncidentRequest) -> dict[str, str]:
    """Return the log's details of a procedure step; each is done once."""
    if request.procedure is None:
        raise _Refused(CommandOutcome.INVALID, IncidentReason.STEP_UNKNOWN)
    step, words = request.procedure
    for tick in ticks_of(connection, request.incident_id):
        if tick.id == step:
            why = IncidentReason.STEP_TICKED
            raise _Refused(CommandOutcome.ALREADY, why, by=tick.by, at=tick.at)
    return {"id": step, "words": words}


def _judge(connection: sa.Connection, request: IncidentRequest, move: Move) -> dict[str, Any]:
    """Write down what a source is worth; what the log says of it."""
    of, member_id = request.member_type, request.member_id or ""
    member = None if of is None else membership.live_member(connection, of, member_id)
    is_mine = member is not None and member.incident_id == request.incident_id
    if member is None or not is_mine or not move.by.scope.sees(member.agency, member.area):
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_MEMBER)
    membership.judge(connection, member, (request.verdict, request.reason), move)
    return _member(request) | {"verdict": request.verdict, "why": request.reason}


def _unit_step(connection: sa.Connection, request: IncidentRequest, move: Move) -> None:
    if not dispatching.note_step(connection, request, move.now):
        raise _Refused(CommandOutcome.NOT_FOUND, IncidentReason.UNKNOWN_UNIT)


def _member(request: IncidentRequest) -> dict[str, Any]:
    of = None if request.member_type is None else request.member_type.value
    return {"member": of, "member_id": request.member_id}


@cache
def results() -> TypeAdapter[IncidentResult]:
    """Return the form in which answers are remembered."""
    return TypeAdapter(IncidentResult)
