"""The outcome of a clip and the sums over clips, as tables."""

from dataclasses import replace

import pytest

from tests.alerts.queue.fake_events import fake_event
from thapcanh.detection.event import Event, EventPhase
from thapcanh.tools.evaluation.evaluate import RaisedEvents
from thapcanh.tools.evaluation.score import (
    ClipOutcome,
    ClipScore,
    RaisedEvent,
    judge,
    percentile,
    score,
    wilson,
)


def _raised(*times: float) -> tuple[RaisedEvent, ...]:
    return tuple(
        RaisedEvent(kind="fire", at_s=at_s, confidence=0.5, reason="why") for at_s in times
    )


def _row(kind: str, onset_s: float | None, *times: float) -> ClipScore:
    return judge("clip.mp4", kind, onset_s, 30.0, _raised(*times))


@pytest.mark.parametrize(
    ("kind", "onset_s", "times", "outcome", "delay_s"),
    [
        ("fire", 0.0, (1.0,), ClipOutcome.DETECTED, 1.0),
        ("fire", 3.0, (4.5, 9.0), ClipOutcome.DETECTED, 1.5),
        ("fire", 3.0, (2.5,), ClipOutcome.DETECTED, 0.0),
        ("fire", 3.0, (2.4,), ClipOutcome.EARLY, None),
        ("fire", 3.0, (1.0, 5.0), ClipOutcome.DETECTED, 2.0),
        ("fire", 3.0, (), ClipOutcome.MISSED, None),
        ("smoke", None, (2.0,), ClipOutcome.DETECTED, 2.0),
        ("none", None, (), ClipOutcome.QUIET, None),
        ("none", None, (2.0,), ClipOutcome.FALSE_ALERT, None),
        ("ambiguous", 0.0, (2.0,), ClipOutcome.NOT_SCORED, None),
        ("ambiguous", 0.0, (), ClipOutcome.NOT_SCORED, None),
    ],
)
def test_outcomes(
    kind: str,
    onset_s: float | None,
    times: tuple[float, ...],
    outcome: ClipOutcome,
    delay_s: float | None,
) -> None:
    row = _row(kind, onset_s, *times)
    assert (row.outcome, row.delay_s) == (outcome, delay_s)


def test_sums() -> None:
    rows = [
        _row("fire", 0.0, 1.0),
        _row("fire", 0.0, 3.0, 9.0),
        _row("fire", 0.0),
        _row("smoke", 2.0, 7.0),
        _row("none", None, 1.0, 2.0),
        _row("none", None),
        _row("ambiguous", None, 1.0),
    ]
    result = score(rows)
    assert {kind: (one.seen, one.clips) for kind, one in result.recall.all.items()} == {
        "fire": (2, 3),
        "smoke": (1, 1),
    }
    assert result.recall.all["fire"].recall == pytest.approx(2 / 3, abs=1e-4)
    false = result.false_alerts.all
    assert (false.count, false.clips, false.quiet_s) == (2, 1, 60.0)
    assert false.per_camera_hour == 120.0
    assert (result.delay_s.all.median, result.delay_s.all.p95) == (3.0, 4.8)
    assert result.repeats == 1


def _named(kind: str, onset_s: float, *fire_at_s: float | None) -> ClipScore:
    events = [replace(_raised(1.0)[0], fire_at_s=at_s) for at_s in fire_at_s]
    return judge("clip.mp4", kind, onset_s, 30.0, events)


def test_a_fire_that_stays_smoke_and_smoke_that_is_called_fire_are_counted() -> None:
    """Eighteen of 47 fires stayed smoke for good, and no figure said so."""
    rows = [
        _named("fire", 0.0, None),
        _named("fire", 0.0, 5.0),
        _named("fire", 0.0, 5.5),
        _named("fire", 2.0, None, 6.5),
        _named("fire", 0.0),
        _named("smoke", 0.0, 20.0),
        _named("smoke", 0.0, None),
        _named("none", 0.0, 1.0),
    ]
    called = score(rows).called_fire
    assert (called["fire"].seen, called["fire"].clips, called["fire"].recall) == (2, 5, 0.4)
    assert (called["smoke"].seen, called["smoke"].clips, called["smoke"].recall) == (1, 2, 0.5)


def test_nothing_to_score() -> None:
    result = score([])
    assert result.recall.all["fire"].recall is None
    assert result.false_alerts.all.per_camera_hour is None
    assert result.delay_s.all.median is None


def test_percentiles_are_linear() -> None:
    assert percentile([1.0], 0.95) == 1.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [
        (0, 0, None),
        (22, 22, (0.8513, 1.0)),
        (21, 22, (0.782, 0.9919)),
        (5, 7, (0.3589, 0.9178)),
        (0, 106, (0.0, 0.035)),
        (2, 106, (0.0052, 0.0662)),
    ],
)
def test_wilson_intervals(hits: int, of: int, interval: tuple[float, float] | None) -> None:
    """As scipy's `binomtest(hits, of).proportion_ci(method="wilson")` gives them."""
    assert wilson(hits, of) == interval


def _message(phase: EventPhase, at_s: float, priority: int, belief: float) -> Event:
    return fake_event(phase=phase, at_s=at_s, priority=priority, belief=belief)


def test_an_event_is_raised_once_and_counts_as_p1_from_its_rise() -> None:
    events = RaisedEvents()
    events.take(_message(EventPhase.RAISED, 2.0, 3, 0.3))
    events.take(_message(EventPhase.UPDATED, 4.0, 3, 0.4))
    assert [(one.priority, one.p1_at_s) for one in events.all] == [(3, None)]
    doubted = judge("clip.mp4", "fire", 1.0, 30.0, events.all)
    assert (doubted.outcome, doubted.p1_outcome) == (ClipOutcome.DETECTED, ClipOutcome.MISSED)
    events.take(_message(EventPhase.UPDATED, 5.0, 1, 0.7))
    events.take(_message(EventPhase.UPDATED, 9.0, 1, 0.6))
    (one,) = events.all
    assert (one.at_s, one.priority, one.p1_at_s, one.belief) == (2.0, 1, 5.0, 0.7)
    row = judge("clip.mp4", "fire", 1.0, 30.0, events.all)
    assert (row.delay_s, row.p1_delay_s) == (1.0, 4.0)
    quiet = judge("quiet.mp4", "none", None, 30.0, [replace(one, p1_at_s=None, priority=3)])
    result = score([row, replace(quiet, scene="sky")])
    assert (result.false_alerts.all.count, result.false_alerts.p1.count) == (1, 0)
    assert result.by_scene["sky"].false_alerts.all.clips == 1
    assert result.by_priority == {"burning": {1: 1, 2: 0, 3: 0}, "none": {1: 0, 2: 0, 3: 1}}


def test_smoke_that_becomes_fire_is_told_as_fire_since() -> None:
    events = RaisedEvents()
    smoke = fake_event(kind="smoke", phase=EventPhase.RAISED, at_s=1.0)
    events.take(smoke)
    for at_s, kind in ((2.0, "smoke"), (3.0, "fire"), (4.0, "fire")):
        events.take(replace(smoke, phase=EventPhase.UPDATED, at_s=at_s, kind=kind))
    (raised,) = events.all
    assert (raised.kind, raised.at_s, raised.fire_at_s) == ("fire", 1.0, 3.0)
