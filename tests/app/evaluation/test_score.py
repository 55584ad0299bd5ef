"""The outcome of a clip and the sums over clips, as tables."""

import pytest

from app.evaluation.score import ClipOutcome, ClipScore, RaisedEvent, judge, percentile, score


def _raised(*times: float) -> tuple[RaisedEvent, ...]:
    return tuple(
        RaisedEvent(kind="fire", at_s=at_s, confidence=0.5, reason="why") for at_s in times
    )


def _row(kind: str, onset_s: float | None, *times: float) -> ClipScore:
    return judge("clip.mp4", kind, onset_s, 30.0, _raised(*times))


@pytest.mark.parametrize(
    ("kind", "onset_s", "times", "outcome", "delay_s"),
    [
        ("fire", 0.0, (1.0,), ClipOutcome.SEEN, 1.0),
        ("fire", 3.0, (4.5, 9.0), ClipOutcome.SEEN, 1.5),
        ("fire", 3.0, (2.5,), ClipOutcome.SEEN, 0.0),
        ("fire", 3.0, (2.4,), ClipOutcome.EARLY, None),
        ("fire", 3.0, (1.0, 5.0), ClipOutcome.SEEN, 2.0),
        ("fire", 3.0, (), ClipOutcome.MISSED, None),
        ("smoke", None, (2.0,), ClipOutcome.SEEN, 2.0),
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
    assert {kind: (one.seen, one.clips) for kind, one in result.recall.items()} == {
        "fire": (2, 3),
        "smoke": (1, 1),
    }
    assert result.recall["fire"].recall == pytest.approx(2 / 3, abs=1e-4)
    false = result.false_alerts
    assert (false.count, false.clips, false.quiet_s) == (2, 1, 60.0)
    assert false.per_camera_hour == 120.0
    assert (result.delay_s.median, result.delay_s.p95) == (3.0, 4.8)
    assert result.repeats == 1


def test_nothing_to_score() -> None:
    result = score([])
    assert result.recall["fire"].recall is None
    assert result.false_alerts.per_camera_hour is None
    assert result.delay_s.median is None


def test_percentiles_are_linear() -> None:
    assert percentile([1.0], 0.95) == 1.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
