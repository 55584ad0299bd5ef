"""Progression of an incident: a pure function of state, command and time."""

from dataclasses import replace

from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    REPORTED,
    Disposition,
    IncidentAction,
    IncidentCommand,
    IncidentProgress,
    IncidentReason,
    IncidentState,
    IncidentTransition,
)
from thapcanh.alerts.store.roles import Role, leads

_MAY = frozenset({Role.OPERATOR, Role.LEADER})
_NEVER_STALE = frozenset({IncidentAction.TICK, IncidentAction.ACKNOWLEDGE})
_OUT_THERE = frozenset({IncidentState.DISPATCHED, IncidentState.EN_ROUTE, IncidentState.ON_SCENE})


def decide_incident(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Decide a command; the progress changes only when the outcome is `done`."""
    if command.role not in _MAY:
        return _refused(progress, CommandOutcome.FORBIDDEN, IncidentReason.NO_RIGHT)
    found = _DECISIONS[command.action](progress, command, now)
    if found.outcome is CommandOutcome.DONE and _is_stale(progress, command):
        return _refused(progress, CommandOutcome.STALE, IncidentReason.VERSION)
    return found


def _is_stale(progress: IncidentProgress, command: IncidentCommand) -> bool:
    """Only what people moved since then stands against a command; notes and ticks move nothing."""
    if command.is_note or command.action in _NEVER_STALE:
        return False
    return not progress.people_version <= command.expected_version <= progress.version


def _join(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if command.is_note and not command.note:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.NOTE_MISSING)
    return _done(progress, IncidentReason.JOINED, command, now)


def _separate(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Separate a member; possible also when closed."""
    return _done(progress, IncidentReason.SEPARATED, command, now)


def _assess(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    """Set kind and priority; repeated, it corrects and the first time stays."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    evaluated = replace(
        progress,
        owner=progress.owner or command.username,
        kind=command.kind or progress.kind,
        priority=command.priority or progress.priority,
    )
    return _moved(evaluated, IncidentState.ASSESSED, IncidentReason.ASSESSED, command, now)


def _dispatch(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Send units or notify another service; more may follow."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if command.told < 1:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.NOBODY_TOLD)
    sent = replace(progress, owner=progress.owner or command.username)
    return _moved(sent, IncidentState.DISPATCHED, IncidentReason.DISPATCHED, command, now)


def _step(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    step = next((one for one in REPORTED if one.value == command.step), None)
    if step is None:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.STEP_UNKNOWN)
    if step is not IncidentState.CONTROLLED and IncidentState.DISPATCHED not in progress.reached:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.NOT_DISPATCHED)
    if ORDER[step] <= ORDER[progress.state] and not command.by_unit:
        return _refused(progress, CommandOutcome.ALREADY, IncidentReason.STEP_REACHED)
    return _moved(progress, step, IncidentReason.STEPPED, command, now)


def _tick(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    """Complete a step of the procedure; the state stays."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    return _done(progress, IncidentReason.TICKED, command, now)


def _close(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.ALREADY)
    if progress.owner not in (None, command.username):
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.HELD)
    if command.open_points - command.despite:
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.OPEN_POINTS)
    if not command.disposition:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.DISPOSITION_MISSING)
    if command.disposition not in Disposition.__members__.values():
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.DISPOSITION_UNKNOWN)
    if command.disposition == Disposition.HANDLED and progress.state in _OUT_THERE:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.NOT_CONTROLLED)
    if IncidentState.DISPATCHED in progress.reached and not command.note:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.REPORT_MISSING)
    if command.open_points and not command.note:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.DESPITE_REASON)
    ended = replace(
        progress,
        owner=progress.owner or command.username,
        disposition=Disposition(command.disposition),
        report=command.note,
        closed_by=command.username,
        closed_at=now,
    )
    return _moved(ended, IncidentState.CLOSED, IncidentReason.CLOSED, command, now)


def _acknowledge(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Take what is free; of what one holds already, what has come since."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if progress.owner == command.username and not progress.has_unseen:
        return _refused(progress, CommandOutcome.ALREADY, IncidentReason.HELD)
    if progress.owner not in (None, command.username):
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.HELD)
    return _given(progress, command.username, IncidentReason.TAKEN, command, now)


def _claim(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if progress.owner == command.username:
        return _refused(progress, CommandOutcome.ALREADY, IncidentReason.HELD)
    why = IncidentReason.TAKEN if progress.owner is None else IncidentReason.CLAIMED
    return _given(progress, command.username, why, command, now)


def _release(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Give it back to all; while units are out there it is handed over instead."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if progress.owner != command.username:
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.NOT_HELD)
    if IncidentState.DISPATCHED in progress.reached:
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.UNITS_OUT)
    return _given(progress, None, IncidentReason.RELEASED, command, now)


def _hand_over(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Give what one holds to another; a leader gives anybody's."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if progress.owner != command.username and not leads(command.role):
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.NOT_HELD)
    if command.to is None:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.TO_MISSING)
    if command.to_refused is not None:
        why = IncidentReason(command.to_refused)
        return _refused(progress, CommandOutcome.INVALID, why)
    return _given(progress, command.to, IncidentReason.HANDED_OVER, command, now)


def _reopen(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    """Reopen the incident in its last state before it was under control.

    The caller becomes its owner.
    """
    refusal = _refused_afterwards(progress, command)
    if refusal is not None:
        return refusal
    reached = progress.reached - {IncidentState.CONTROLLED, IncidentState.CLOSED}
    before = replace(
        progress,
        state=max(reached, key=ORDER.__getitem__),
        reached=reached,
        owner=command.username,
        disposition=None,
        report=None,
        closed_by=None,
        closed_at=None,
    )
    return _done(before, IncidentReason.REOPENED, command, now)


def _correct(
    progress: IncidentProgress, command: IncidentCommand, now: float
) -> IncidentTransition:
    """Say again how it ended."""
    refusal = _refused_afterwards(progress, command)
    if refusal is not None:
        return refusal
    if command.disposition not in {*Disposition} - {Disposition.DUPLICATE}:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.DISPOSITION_UNKNOWN)
    right = replace(progress, disposition=Disposition(command.disposition or ""))
    return _done(right, IncidentReason.CORRECTED, command, now)


def _refused_afterwards(
    progress: IncidentProgress, command: IncidentCommand
) -> IncidentTransition | None:
    """Why what is over cannot be changed; None where it can."""
    if progress.state is not IncidentState.CLOSED:
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.IS_OPEN)
    if progress.disposition is Disposition.DUPLICATE:
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.IS_DUPLICATE)
    if progress.closed_by != command.username and not leads(command.role):
        return replace(
            _closed(progress, CommandOutcome.CONFLICT), why=IncidentReason.CLOSED_BY_OTHER
        )
    if not command.note:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.REASON_MISSING)
    return None


def _judge(progress: IncidentProgress, command: IncidentCommand, now: float) -> IncidentTransition:
    """Judge one source; a caller who is not the owner becomes the owner."""
    if progress.state is IncidentState.CLOSED:
        return _closed(progress, CommandOutcome.CONFLICT)
    if progress.owner not in (None, command.username) and not leads(command.role):
        return _refused(progress, CommandOutcome.CONFLICT, IncidentReason.HELD)
    evaluated = replace(progress, owner=progress.owner or command.username)
    return _done(evaluated, IncidentReason.VERDICT, command, now)


def _given(
    progress: IncidentProgress,
    owner: str | None,
    why: IncidentReason,
    command: IncidentCommand,
    now: float,
) -> IncidentTransition:
    return _done(replace(progress, owner=owner), why, command, now)


_DECISIONS = {
    IncidentAction.JOIN: _join,
    IncidentAction.SEPARATE: _separate,
    IncidentAction.ASSESS: _assess,
    IncidentAction.DISPATCH: _dispatch,
    IncidentAction.STEP: _step,
    IncidentAction.TICK: _tick,
    IncidentAction.CLOSE: _close,
    IncidentAction.ACKNOWLEDGE: _acknowledge,
    IncidentAction.CLAIM: _claim,
    IncidentAction.RELEASE: _release,
    IncidentAction.HAND_OVER: _hand_over,
    IncidentAction.REOPEN: _reopen,
    IncidentAction.CORRECT: _correct,
    IncidentAction.JUDGE: _judge,
}


def _moved(
    progress: IncidentProgress,
    step: IncidentState,
    why: IncidentReason,
    command: IncidentCommand,
    now: float,
) -> IncidentTransition:
    """Return the incident at a step unless it was further; each step counts once."""
    if ORDER[step] <= ORDER[progress.state]:
        return _done(progress, why, command, now)
    after = replace(progress, state=step, reached=progress.reached | {step})
    return replace(_done(after, why, command, now), step=step)


def _done(
    progress: IncidentProgress, why: IncidentReason, command: IncidentCommand, now: float
) -> IncidentTransition:
    return IncidentTransition(
        outcome=CommandOutcome.DONE, why=why, progress=progress, by=command.username, at=now
    )


def _refused(
    progress: IncidentProgress, outcome: CommandOutcome, why: IncidentReason
) -> IncidentTransition:
    return IncidentTransition(outcome=outcome, why=why, progress=progress, by=progress.owner)


def _closed(progress: IncidentProgress, outcome: CommandOutcome) -> IncidentTransition:
    return IncidentTransition(
        outcome=outcome,
        why=IncidentReason.CLOSED,
        progress=progress,
        by=progress.closed_by,
        at=progress.closed_at,
    )
