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
from thapcanh.alerts.store.roles import Role

_MAY = frozenset({Role.OPERATOR, Role.LEADER})
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
    """Return whether people changed the incident since; notes and ticks never conflict."""
    if command.is_note or command.action is IncidentAction.TICK:
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
    if not command.disposition:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.DISPOSITION_MISSING)
    if command.disposition not in Disposition.__members__.values():
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.DISPOSITION_UNKNOWN)
    if command.disposition == Disposition.HANDLED and progress.state in _OUT_THERE:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.NOT_CONTROLLED)
    if IncidentState.DISPATCHED in progress.reached and not command.note:
        return _refused(progress, CommandOutcome.INVALID, IncidentReason.REPORT_MISSING)
    ended = replace(
        progress,
        owner=progress.owner or command.username,
        disposition=Disposition(command.disposition),
        report=command.note,
        closed_by=command.username,
        closed_at=now,
    )
    return _moved(ended, IncidentState.CLOSED, IncidentReason.CLOSED, command, now)


_DECISIONS = {
    IncidentAction.JOIN: _join,
    IncidentAction.SEPARATE: _separate,
    IncidentAction.ASSESS: _assess,
    IncidentAction.DISPATCH: _dispatch,
    IncidentAction.STEP: _step,
    IncidentAction.TICK: _tick,
    IncidentAction.CLOSE: _close,
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
