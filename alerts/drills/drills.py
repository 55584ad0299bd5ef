"""Drills: a recorded event that officers answer, and its score."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.store.roles import AlertAction


class DrillOutcome(StrEnum):
    """State of a drill."""

    RUNNING = "running"  # no verdict yet, and there is time
    RIGHT = "right"  # the verdict that the scenario asks for
    WRONG = "wrong"  # the other one
    MISSED = "missed"  # it ended without a verdict
    FAILED = "failed"  # it came to nothing: the failure says why


class DrillEnd(StrEnum):
    """Why a drill is over without anybody's word."""

    FINISHED = "finished"  # its alert was closed
    TIME = "time"  # officers had long enough
    REAL_ALERT = "real_alert"  # something real needs them now


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Drill as it was started. `right_verdict` is the expected verdict."""

    id: str
    scenario_id: str
    scenario_name: str
    right_verdict: AlertState
    camera_id: str
    camera_name: str
    area: str | None
    agency: str | None
    event_id: str
    started_by: str
    started_at: float
    ended_at: float | None = None
    ended_by: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillStanding:
    """State while a drill runs: its alert, and whether a real P1 came since."""

    state: AlertState | None
    real_alert: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillAction:
    """Line of an alert's log: who did what, and when."""

    action: str
    actor: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillAnswer:
    """Alert of a drill, and the actions on it, oldest first."""

    alert_id: str
    alert_number: str
    raised_at: float
    deeds: tuple[DrillAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillScore:
    """A drill's result: who answered, after how long, and whether rightly."""

    drill: Drill
    outcome: DrillOutcome
    alert_id: str | None = None
    alert_number: str | None = None
    acknowledged_by: str | None = None
    acknowledged_after_s: float | None = None
    verdict: AlertState | None = None
    verdict_by: str | None = None
    verdict_after_s: float | None = None


def over(drill: Drill, standing: DrillStanding, now: float, limit_s: float) -> DrillEnd | None:
    """Return why a running drill is over, or None; real alerts come first."""
    if standing.real_alert:
        return DrillEnd.REAL_ALERT
    if standing.state is AlertState.CLOSED:
        return DrillEnd.FINISHED
    return DrillEnd.TIME if now - drill.started_at >= limit_s else None


_VERDICTS = {
    AlertAction.CONFIRM.value: AlertState.CONFIRMED,
    AlertAction.REJECT.value: AlertState.REJECTED,
}


def score(drill: Drill, answer: DrillAnswer | None) -> DrillScore:
    """Return the result; the first verdict counts."""
    if answer is None:
        return DrillScore(drill=drill, outcome=_outcome(drill, None))
    accepted = _first(answer.deeds, (AlertAction.ACKNOWLEDGE.value,))
    evaluated = _first(answer.deeds, _VERDICTS)
    verdict = None if evaluated is None else _VERDICTS[evaluated.action]
    return DrillScore(
        drill=drill,
        outcome=_outcome(drill, verdict),
        alert_id=answer.alert_id,
        alert_number=answer.alert_number,
        acknowledged_by=None if accepted is None else accepted.actor,
        acknowledged_after_s=_after(accepted, answer.raised_at),
        verdict=verdict,
        verdict_by=None if evaluated is None else evaluated.actor,
        verdict_after_s=_after(evaluated, answer.raised_at),
    )


def _after(deed: DrillAction | None, raised_at: float) -> float | None:
    return None if deed is None else max(0.0, deed.at - raised_at)


def _first(deeds: Iterable[DrillAction], actions: Iterable[str]) -> DrillAction | None:
    requested = set(actions)
    return next((deed for deed in deeds if deed.action in requested), None)


def _outcome(drill: Drill, verdict: AlertState | None) -> DrillOutcome:
    if verdict is not None:
        return DrillOutcome.RIGHT if verdict is drill.right_verdict else DrillOutcome.WRONG
    if drill.failure is not None:
        return DrillOutcome.FAILED
    return DrillOutcome.RUNNING if drill.ended_at is None else DrillOutcome.MISSED
